#include "trust_page/html.hpp"
#include "trust_page/qr_code.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::trust_page;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("text is made safe for elements and attributes", "[trust_page]") {
  const auto [text, safe] = GENERATE(table<std::string, std::string>({
      {"plain", "plain"},
      {"<a href=\"x\">", "&lt;a href=&quot;x&quot;&gt;"},
      {"it's & more", "it&#39;s &amp; more"},
      {std::string("a\0b\x01\x1b\x7f", 6), "ab"},
      {"Grüße\t\n", "Grüße\t\n"},
  }));
  CHECK(escaped(text) == safe);
}

TEST_CASE("placeholders are filled once, what is unknown stays", "[trust_page]") {
  const Values values = {{"a", "@b@"}, {"b", "2"}};
  const auto [markup, text] = GENERATE(table<std::string, std::string>({
      {"@a@ and @b@", "@b@ and 2"},
      {"@c@", "@c@"},
      {"me@b@", "me2"},
      {"@media @b@", "@media 2"},
      {"@", "@"},
      {"@@b@", "@2"},
      {"", ""},
  }));
  CHECK(filled(markup, values) == text);
}

TEST_CASE("a QR code is one scalable element with its quiet zone", "[trust_page]") {
  const std::string svg = qr_code_svg("http://pbx.example/");
  // Version 2 has 25 modules a side.
  CHECK_THAT(svg, StartsWith("<svg ") && Contains("viewBox=\"0 0 33 33\""));
  CHECK_THAT(svg, Contains("M4 4h7v1h-7z"));
  CHECK(qr_code_svg("").empty());
  CHECK(qr_code_svg(std::string(5000, 'a')).empty());
}
