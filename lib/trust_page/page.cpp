#include "trust_page/page.hpp"

#include "cert/digest.hpp"
#include "trust_page/html.hpp"
#include "trust_page/qr_code.hpp"
#include "trust_page/steps.hpp"
#include "trust_page/style.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <ctime>
#include <span>

namespace arbortls::trust_page {
namespace {

using authority::RootCertificate;

constexpr std::string_view page_markup = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust @site@</title>
<link rel="icon" href="data:,">
<style>@style@</style>
</head>
<body>
<header><div class="wide">
<svg class="shield" viewBox="0 0 48 48" aria-hidden="true"><path fill="currentColor" fill-opacity=".14" d="M24 3 42 9v13c0 11-7 19-18 23C13 41 6 33 6 22V9z"/><path fill="none" stroke="currentColor" stroke-width="3" stroke-linejoin="round" d="M24 3 42 9v13c0 11-7 19-18 23C13 41 6 33 6 22V9z"/><path fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" stroke-linejoin="round" d="m15.500 24.500 6 6 11.500-12.500"/></svg>
<div>
<h1>Connect securely to @site@</h1>
<p class="lead">@site@ has its own certificate authority. Install its root certificate once on each
device: calls, chat and web pages then connect without a warning.</p>
<a class="button" href="@main_file@">@main_button@</a>
<a class="beside" href="#@main_id@">How to install it</a>
</div>
</div></header>
<main class="wide">
<div>
@news@<section class="card systems" aria-labelledby="steps-title">
<h2 id="steps-title">Install it</h2>
<p class="note">Compare the fingerprint before you say yes: it must be the one shown here and the
one your administrator tells you in another way.</p>
@steps@</section>
@test@</div>
<div>
@root_cards@@qr@<section class="card" aria-labelledby="files-title">
<h2 id="files-title">All files</h2>
<ul class="files">
@files@<li><a href="root.mobileconfig">root.mobileconfig</a><span>Profile for Mac, iPhone and
iPad</span></li>
</ul>
</section>
</div>
</main>
<footer class="wide">Remove the root again at any time in the place where you installed it.</footer>
</body>
</html>
)";

constexpr std::string_view details_markup = R"(<details id="@id@"@open@>
<summary><h3>@title@</h3>@yours@</summary>
<div class="steps">
@steps@
</div>
</details>
)";

constexpr std::string_view root_markup = R"(<section class="card" aria-labelledby="@id@">
<h2 id="@id@">@heading@</h2>
<dl>
<dt>Name</dt><dd>@name@</dd>
<dt>Fingerprint (SHA-256)</dt><dd><code class="print">@sha256@</code></dd>
<dt>Fingerprint (SHA-1), as Windows and old phones show it</dt><dd><code class="print">@sha1@</code></dd>
<dt>Valid</dt><dd>@from@ to @to@</dd>
<dt>It can vouch for these and what is below them, and for nothing else:</dt><dd><ul>@permitted@</ul></dd>
</dl>
</section>
)";

constexpr std::string_view qr_markup = R"(<section class="card middle" aria-labelledby="qr-title">
<h2 id="qr-title">Open this page on a phone</h2>
@code@
<a href="@url@">@url@</a>
</section>
)";

constexpr std::string_view test_markup = R"(<section class="card" aria-labelledby="test-title">
<h2 id="test-title">See whether it worked</h2>
<p>Open <a href="https://@name@/">https://@name@/</a>: no warning about the certificate may come.
If one does, close all windows of the browser and try again.</p>
</section>
)";

constexpr std::string_view news_markup = R"(<section class="card news" aria-labelledby="news-title">
<h2 id="news-title">A new root is coming</h2>
<p>@site@ will soon use a new root. Install both now, then nothing stops when it changes. The profile
holds both; for other systems take the same steps with <a href="@crt@">@crt@</a> or
<a href="@pem@">@pem@</a> too.</p>
</section>
)";

constexpr std::string_view file_markup =
    R"(<li><a href="@crt@">@crt@</a><span>DER, for most systems</span></li>
<li><a href="@pem@" download>@pem@</a><span>PEM, for Linux and desk phones</span></li>
)";

constexpr std::size_t most_permitted_shown = 30;

std::string date_of(std::int64_t unix_time) {
  const std::time_t seconds = unix_time;
  std::tm parts{};
  char text[40] = {};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

// May break between groups of four octets.
std::string breakable(const std::string& fingerprint) {
  constexpr std::size_t group = 4 * 3;
  std::string text;
  for (std::size_t at = 0; at < fingerprint.size(); at += group)
    text += (at == 0 ? "" : "<wbr>") + fingerprint.substr(at, group);
  return text;
}

std::string permitted_items(const authority::Permitted& permitted) {
  std::vector<std::string> all = permitted.names;
  all.insert(all.end(), permitted.networks.begin(), permitted.networks.end());
  std::string items;
  for (std::size_t i = 0; i < std::min(all.size(), most_permitted_shown); ++i)
    items += "<li><code>" + escaped(all[i]) + "</code></li>";
  if (all.size() > most_permitted_shown)
    items += "<li>and " + std::to_string(all.size() - most_permitted_shown) + " more</li>";
  return items;
}

std::string root_card(const RootCertificate& root, std::size_t index) {
  const bool first = index == 0;
  return filled(root_markup, {{"id", "root-" + std::to_string(index + 1)},
                              {"heading", first ? "The root" : "The new root"},
                              {"name", escaped(root.common_name)},
                              {"sha256", breakable(authority::fingerprint_text(root.sha256))},
                              {"sha1", breakable(authority::fingerprint_text(root.sha1))},
                              {"from", date_of(root.not_before)},
                              {"to", date_of(root.not_after)},
                              {"permitted", permitted_items(root.permitted)}});
}

template <class Render>
std::string for_each_root(std::span<const RootCertificate> roots, Render render) {
  std::string text;
  for (std::size_t i = 0; i < roots.size(); ++i) text += render(roots[i], i);
  return text;
}

std::string details(const Steps& steps, const Values& values, bool open) {
  return filled(details_markup, {{"id", std::string(steps.id)},
                                 {"open", open ? " open" : ""},
                                 {"title", std::string(steps.title)},
                                 {"yours", open ? R"(<span class="yours">yours</span>)" : ""},
                                 {"steps", filled(steps.markup, values)}});
}

// The asker's own first and open, then the others in their order.
std::string all_details(const Values& values, System asker, System system) {
  std::vector<const Steps*> order;
  for (const Steps& steps : all_steps()) order.push_back(&steps);
  const auto rank = [&](const Steps* s) {
    return s->system == asker ? 0 : s->system == system ? 1 : 2;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const Steps* a, const Steps* b) { return rank(a) < rank(b); });
  std::string text;
  for (const Steps* steps : order) text += details(*steps, values, steps->system == asker);
  return text;
}

Values placeholders(const PageContent& content) {
  const std::string_view url = content.url.empty() ? "http://(this page)/" : content.url;
  return {{"url", escaped(url)},
          {"crt", root_file(0, "crt")},
          {"pem", root_file(0, "pem")},
          {"profile", "root.mobileconfig"},
          {"root", escaped(content.roots.front().common_name)}};
}

std::string qr_card(std::string_view url) {
  const std::string code = url.empty() ? std::string() : qr_code_svg(std::string(url));
  if (code.empty()) return {};
  return filled(qr_markup, {{"code", code}, {"url", escaped(url)}});
}

std::string file_items(std::size_t index) {
  return filled(file_markup, {{"crt", root_file(index, "crt")}, {"pem", root_file(index, "pem")}});
}

}  // namespace

std::string root_file(std::size_t index, std::string_view ending) {
  return "root" + (index == 0 ? "" : '-' + std::to_string(index + 1)) + '.' + std::string(ending);
}

std::string page_html(const PageContent& content) {
  const System asker = system_of(content.user_agent);
  const Steps& own = steps_of(asker);
  const std::string site = escaped(content.site);
  const Values values = placeholders(content);
  const bool news = content.roots.size() > 1;
  const Values next = {{"site", site}, {"crt", root_file(1, "crt")}, {"pem", root_file(1, "pem")}};
  return filled(page_markup,
                {{"site", site},
                 {"style", std::string(page_style)},
                 {"main_file", filled(own.file, values)},
                 {"main_button", std::string(own.button)},
                 {"main_id", asker == System::unknown ? "steps-title" : std::string(own.id)},
                 {"news", news ? filled(news_markup, next) : ""},
                 {"steps", all_details(values, asker, beneath(asker, content.user_agent))},
                 {"test", content.test_name.empty()
                              ? ""
                              : filled(test_markup, {{"name", escaped(content.test_name)}})},
                 {"root_cards", for_each_root(content.roots, root_card)},
                 {"qr", qr_card(content.url)},
                 {"files", for_each_root(content.roots, [](const RootCertificate&, std::size_t i) {
                    return file_items(i);
                  })}});
}

const std::string& page_policy() {
  static const std::string policy = [] {
    const cert::Digest digest = cert::sha256(
        {reinterpret_cast<const unsigned char*>(page_style.data()), page_style.size()});
    char text[48] = {};
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text), digest.data(),
                    static_cast<int>(digest.size()));
    return "default-src 'none'; style-src 'sha256-" + std::string(text) +
           "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }();
  return policy;
}

}  // namespace arbortls::trust_page
