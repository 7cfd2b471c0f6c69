#include "trust_page/steps.hpp"

#include <algorithm>

namespace arbortls::trust_page {
namespace {

constexpr std::string_view windows = R"(<ol>
<li>Download <a href="@crt@">root.crt</a> and open it.</li>
<li>Choose <b>Install Certificate…</b>, then <b>Current User</b>
  (or <b>Local Machine</b> for everybody who uses this PC).</li>
<li>Choose <b>Place all certificates in the following store</b> → <b>Browse…</b> →
  <b>Trusted Root Certification Authorities</b>.</li>
<li>Choose <b>Next</b> and <b>Finish</b>. Windows shows the fingerprint as “thumbprint (sha1)”:
  compare it, then say <b>Yes</b>.</li>
<li>Close and open your browser and softphone again.</li>
</ol>
<p>The same at a command prompt, in the folder of the download:</p>
<pre><code>certutil -user -addstore Root root.crt</code></pre>
<p class="note">For a whole domain: Group Policy → Computer Configuration → Windows Settings →
Security Settings → Public Key Policies → Trusted Root Certification Authorities.</p>)";

constexpr std::string_view macos = R"(<ol>
<li>Download the <a href="@profile@">profile</a>. macOS says that it is waiting for you.</li>
<li>Open <b>System Settings</b> → <b>General</b> → <b>Device Management</b>
  (macOS 14 and before: <b>Privacy &amp; Security</b> → <b>Profiles</b>).</li>
<li>Double-click <b>@root@</b>, choose <b>Install…</b> and enter your password.</li>
<li>Close and open your browser and softphone again.</li>
</ol>
<p>Or in Terminal, with <a href="@crt@">root.crt</a>:</p>
<pre><code>sudo security add-trusted-cert -d -r trustRoot \
  -k /Library/Keychains/System.keychain root.crt</code></pre>
<p class="note">An iPad may call itself a Mac: then take the <a href="#ios">steps for iPhone and
iPad</a>.</p>)";

constexpr std::string_view ios = R"(<ol>
<li>Open this page in <b>Safari</b>, get the <a href="@profile@">profile</a> and choose
  <b>Allow</b>.</li>
<li>Open <b>Settings</b>: near the top stands <b>Profile Downloaded</b>. Tap it, then
  <b>Install</b>. (Later it stands in <b>General</b> → <b>VPN &amp; Device Management</b>.)</li>
<li>Now switch it on: <b>Settings</b> → <b>General</b> → <b>About</b> →
  <b>Certificate Trust Settings</b> → <b>@root@</b>.</li>
</ol>
<p class="note">Without the last step nothing is trusted yet. Devices that are managed by your company
get it from their management instead.</p>)";

constexpr std::string_view android = R"(<ol>
<li>Download <a href="@crt@">root.crt</a>.</li>
<li>Open <b>Settings</b> and search for <b>CA certificate</b>. It stands in
  <b>Security &amp; privacy</b> → <b>More security</b> → <b>Encryption &amp; credentials</b> →
  <b>Install a certificate</b>.</li>
<li>Choose <b>CA certificate</b> → <b>Install anyway</b>, confirm it is you, and pick
  <b>root.crt</b> from the downloads.</li>
</ol>
<p class="note">Browsers then trust it. An app does only if its maker lets it use certificates that
users install: many softphones have a place of their own for it in their settings. Android says
that the network may be monitored: this root cannot, see below what it may vouch for.</p>)";

constexpr std::string_view linux_ = R"(<p>Debian, Ubuntu, Mint:</p>
<pre><code>sudo curl -o /usr/local/share/ca-certificates/local-root.crt @url@root.pem
sudo update-ca-certificates</code></pre>
<p>Fedora, RHEL, Rocky, openSUSE (there <code>/etc/pki/trust/anchors/</code>):</p>
<pre><code>sudo curl -o /etc/pki/ca-trust/source/anchors/local-root.pem @url@root.pem
sudo update-ca-trust</code></pre>
<p>Arch:</p>
<pre><code>curl -O @url@root.pem
sudo trust anchor --store root.pem</code></pre>
<p>Chrome and Chromium keep roots of their own
(<code>libnss3-tools</code> or <code>nss-tools</code> has the program):</p>
<pre><code>certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n "local root" -i root.pem</code></pre>
<p class="note">Compare the fingerprint of what was downloaded:
<code>openssl x509 -in root.pem -noout -fingerprint -sha256</code></p>)";

constexpr std::string_view firefox = R"(<p>Firefox keeps roots of its own.</p>
<ol>
<li>Open <a href="@crt@">root.crt</a> here in Firefox: it asks at once.</li>
<li>Choose <b>View</b> and compare the fingerprint.</li>
<li>Tick <b>Trust this CA to identify websites</b> and choose <b>OK</b>.</li>
</ol>
<p>If it did not ask: <b>Settings</b> → <b>Privacy &amp; Security</b> → <b>Certificates</b> →
<b>View Certificates…</b> → <b>Authorities</b> → <b>Import…</b></p>
<p class="note">On Windows and macOS it can be enough to install the root in the system and to leave
<b>Allow Firefox to automatically trust third-party root certificates you install</b> ticked in the
same place. On iPhone and iPad the system's roots count.</p>)";

constexpr std::string_view desk_phone =
    R"html(<p>A phone takes the root from its own web page, or by
provisioning from <code>@url@root.pem</code>. Its clock must be right: set a time server first.</p>
<h4>Yealink</h4>
<p><b>Security</b> → <b>Trusted Certificates</b> → upload <a href="@pem@">root.pem</a>; set <b>CA
Certificates</b> to <b>All Certificates</b>. Provisioning:</p>
<pre><code>static.trusted_certificates.url = @url@root.pem
static.security.ca_cert = 2</code></pre>
<h4>Snom</h4>
<p><b>Certificates</b> in the phone's web page, or in the settings file (DER):</p>
<pre><code>&lt;certificates&gt;
  &lt;certificate url="@url@root.crt"/&gt;
&lt;/certificates&gt;</code></pre>
<h4>Grandstream</h4>
<p><b>Maintenance</b> (or <b>System Settings</b>) → <b>Security Settings</b> → paste the text of
<a href="@pem@">root.pem</a> into <b>Trusted CA Certificates</b>; set <b>Load CA Certificates</b> to
<b>All Certificates</b>.</p>
<h4>Poly</h4>
<p><b>Settings</b> → <b>Network</b> → <b>TLS</b> → <b>Certificate Configuration</b> → enter
<code>@url@root.pem</code> as a CA certificate and choose <b>Install</b>; then let the TLS profile of
SIP use it. Provisioning:</p>
<pre><code>device.set="1"
device.sec.TLS.customCaCert1.set="1"
device.sec.TLS.customCaCert1="(the text of root.pem)"</code></pre>
<h4>Others</h4>
<p>Look for “trusted” or “CA” certificates. If <a href="@pem@">root.pem</a> is refused, try
<a href="@crt@">root.crt</a>. A phone that dials an address instead of a name needs a certificate with
that address in it: tell your administrator.</p>)html";

constexpr Steps table[] = {
    {System::windows, "windows", "Windows", "Download root.crt", "@crt@", windows},
    {System::macos, "macos", "Mac", "Get the profile for this Mac", "@profile@", macos},
    {System::ios, "ios", "iPhone and iPad", "Get the profile for this device", "@profile@", ios},
    {System::android, "android", "Android", "Download root.crt", "@crt@", android},
    {System::linux, "linux", "Linux", "Download root.pem", "@pem@", linux_},
    {System::firefox, "firefox", "Firefox", "Open root.crt in Firefox", "@crt@", firefox},
    {System::desk_phone, "desk-phones", "Desk phones", "Download root.pem", "@pem@", desk_phone},
};

}  // namespace

std::span<const Steps> all_steps() noexcept { return table; }

const Steps& steps_of(System system) noexcept {
  const auto* const found = std::find_if(std::begin(table), std::end(table),
                                         [system](const Steps& s) { return s.system == system; });
  return found != std::end(table) ? *found : table[0];
}

}  // namespace arbortls::trust_page
