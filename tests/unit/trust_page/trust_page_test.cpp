#include "trust_page/trust_page.hpp"

#include "unit/trust_page/support.hpp"

using namespace arbortls;
using namespace arbortls::test;
using namespace arbortls::trust_page;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("each address answers with its own type, and nothing may be kept", "[trust_page]") {
  const auto page = some_page();
  const auto [target, status, type, disposition] =
      GENERATE(table<std::string, int, std::string, std::string>({
          {"/", 200, "text/html; charset=utf-8", ""},
          {"/?from=qr", 200, "text/html; charset=utf-8", ""},
          {"/root.crt", 200, "application/x-x509-ca-cert", "inline; filename=\"root.crt\""},
          {"/root.pem", 200, "application/x-pem-file", "attachment; filename=\"root.pem\""},
          {"/root.mobileconfig", 200, "application/x-apple-aspen-config",
           "inline; filename=\"root.mobileconfig\""},
          {"/root.key", 404, "text/plain; charset=utf-8", ""},
          {"/root-2.crt", 404, "text/plain; charset=utf-8", ""},
          {"/../root.key", 404, "text/plain; charset=utf-8", ""},
          {"", 404, "text/plain; charset=utf-8", ""},
          {"//", 404, "text/plain; charset=utf-8", ""},
      }));
  CAPTURE(target);
  const auto response = get(page, target);
  CHECK(response.status == status);
  CHECK(response.content_type == type);
  CHECK(header(response, "Content-Disposition") == disposition);
  CHECK(header(response, "Cache-Control") == "no-store");
  CHECK(header(response, "X-Content-Type-Options") == "nosniff");
  CHECK(page.knows(target) == (status == 200));
}

TEST_CASE("only GET and HEAD are answered", "[trust_page]") {
  const auto page = some_page();
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "", "get"}) {
    const auto response = page.answer({method, "/", {}, {}});
    CHECK(response.status == 405);
    CHECK(header(response, "Allow") == "GET, HEAD");
  }
  CHECK(page.answer({"HEAD", "/", {}, {}}).body == page.answer({"GET", "/", {}, {}}).body);
}

TEST_CASE("the files are the root, byte for byte", "[trust_page]") {
  const auto page = some_page();
  const auto& der = some_root().der;
  CHECK(get(page, "/root.crt").body == std::string(der.begin(), der.end()));
  CHECK(get(page, "/root.pem").body == some_root().pem());
}

TEST_CASE("the page shows what is to be compared before it is trusted", "[trust_page]") {
  std::string html = get(some_page(), "/").body;
  for (auto at = html.find("<wbr>"); at != html.npos; at = html.find("<wbr>")) html.erase(at, 5);
  CHECK_THAT(html, Contains(authority::fingerprint_text(some_root().sha256)));
  CHECK_THAT(html, Contains(authority::fingerprint_text(some_root().sha1)));
  CHECK_THAT(html, Contains("2026-05-31 to 2036-05-29"));
  CHECK_THAT(html, Contains("<code>pbx.example</code>"));
  CHECK_THAT(html, Contains("<code>10.0.0.0/8</code>"));
  CHECK_THAT(html, Contains(some_root().common_name));
}

TEST_CASE("the page needs nothing else, and its policy lets nothing else in", "[trust_page]") {
  const auto response = get(some_page(), "/");
  const std::string policy = header(response, "Content-Security-Policy");
  CHECK_THAT(policy, StartsWith("default-src 'none'; style-src 'sha256-"));
  CHECK_THAT(policy, Contains("frame-ancestors 'none'"));
  for (const auto* part : {"<script", " src=", "url(", "@import", " style=", "<iframe", " on"})
    if (std::string(part) != " on") CHECK_THAT(response.body, !Contains(part));
  CHECK(count(response.body, "<link ") == 1);
}

TEST_CASE("no placeholder is left in any page", "[trust_page]") {
  const TrustPage both({"Example", ""}, {some_root(), make_root("Next root")});
  for (const auto* agent : {"", "iPhone", "Android", "Windows", "Yealink"}) {
    for (const auto* host : {"", "pbx.example", "192.0.2.1:8080"}) {
      const std::string html = get(both, "/", agent, host).body;
      const auto style_end = html.find("</style>");
      CHECK(html.find('@', style_end) == html.npos);
    }
  }
}

TEST_CASE("a hostile name of a site stays text", "[trust_page]") {
  const std::string hostile = "</title><script>alert(1)</script>\"'&@root@\x01\x1b[31m";
  const auto page = some_page(hostile);
  const std::string html = get(page, "/").body;
  CHECK_THAT(html, !Contains("<script"));
  CHECK_THAT(html, Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;@root@[31m"));
  const std::string profile = get(page, "/root.mobileconfig").body;
  CHECK_THAT(profile, !Contains("<script"));
  CHECK_THAT(profile, Contains("&lt;script&gt;"));
}

TEST_CASE("the page's address is the configured one, else the one that was asked for",
          "[trust_page]") {
  const auto shown = [](const std::string& configured, const std::string& host) {
    return get(some_page("Example", configured), "/", {}, host).body;
  };
  CHECK_THAT(shown("http://pbx.example", "other"), Contains(R"(<a href="http://pbx.example/">)"));
  const auto host = GENERATE("pbx.example", "pbx.example:8080", "192.0.2.1", "[fd00::1]:81", "pbx");
  CHECK_THAT(shown("", host), Contains("<a href=\"http://" + std::string(host) + "/\">"));
}

TEST_CASE("a Host that is none is not repeated", "[trust_page]") {
  const auto host = GENERATE(as<std::string>(), "", "a b", "<script>", "a\"b", "a/b", "a@b", "a:b",
                             "a:", "a:123456", ":80", "[fd00::1", "[]", "a:80:80", "ä.example",
                             "a?x", "a#x", "a\\b");
  const std::string html = get(some_page("Example", ""), "/", {}, host).body;
  CHECK_THAT(html, !Contains("class=\"qr\""));
  CHECK_THAT(html, Contains("http://(this page)/root.pem"));
  if (host.size() > 2) CHECK_THAT(html, !Contains("http://" + host));
}

TEST_CASE("the page invites to a test only where the root may vouch", "[trust_page]") {
  const auto page = some_page("Example", "");
  const auto [host, link] = GENERATE(table<std::string, std::string>({
      {"pbx.example:8080", "https://pbx.example/"},
      {"www.pbx.example", "https://www.pbx.example/"},
      {"10.0.0.1", "https://10.0.0.1/"},
      {"other.example", ""},
      {"192.0.2.1", ""},
      {"", ""},
  }));
  const std::string html = get(page, "/", {}, host).body;
  if (link.empty()) {
    CHECK_THAT(html, !Contains("https://"));
  } else {
    CHECK_THAT(html, Contains("<a href=\"" + link + "\">"));
  }
}

TEST_CASE("while a new root comes, the page and the profile offer both", "[trust_page]") {
  const auto next = make_root("Next root");
  const TrustPage page({"Example", "http://pbx.example/"}, {some_root(), next});
  const std::string html = get(page, "/").body;
  CHECK_THAT(html, Contains("A new root is coming"));
  CHECK_THAT(html, Contains(next.common_name));
  CHECK_THAT(html, Contains(some_root().common_name));
  CHECK(get(page, "/root-2.crt").body == std::string(next.der.begin(), next.der.end()));
  CHECK(get(page, "/root-2.pem").body == next.pem());
  CHECK(count(get(page, "/root.mobileconfig").body, "com.apple.security.root") == 2);
  CHECK_THAT(get(some_page(), "/").body, !Contains("A new root is coming"));
}

TEST_CASE("a profile is the same each time, and another one for another root", "[trust_page]") {
  const std::string profile = get(some_page(), "/root.mobileconfig").body;
  CHECK(profile == get(some_page(), "/root.mobileconfig").body);
  CHECK(count(profile, "<key>PayloadUUID</key>") == 2);
  const TrustPage other({"Example Telephony", ""}, {make_root()});
  const auto uuid_of = [](const std::string& text) {
    const auto at = text.rfind("<key>PayloadUUID</key><string>");
    return text.substr(at + 30, 36);
  };
  CHECK(uuid_of(profile) != uuid_of(get(other, "/root.mobileconfig").body));
  CHECK(uuid_of(profile)[14] == '8');
}
