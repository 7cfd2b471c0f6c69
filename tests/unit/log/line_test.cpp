#include "log/line.hpp"

#include "log/escape.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace arbortls::log {
namespace {

using std::string_literals::operator""s;

// 2026-11-21T10:00:00.123Z
const std::chrono::system_clock::time_point noon{std::chrono::milliseconds{1795255200123}};
constexpr Layout text{};
constexpr Layout json{Format::json, Prefix::time};

std::string field_as_text(std::string_view value) {
  const std::string line = make_line(text, noon, Level::info, "m", {{"k", value}});
  const std::string start = "2026-11-21T10:00:00.123Z info  m k=";
  REQUIRE(line.substr(0, start.size()) == start);
  return line.substr(start.size(), line.size() - start.size() - 1);
}

std::string field_as_json(std::string_view value) {
  const std::string line = make_line(json, noon, Level::info, "m", {{"k", value}});
  const std::string start = R"({"time":"2026-11-21T10:00:00.123Z","level":"info","message":"m","k":)";
  REQUIRE(line.substr(0, start.size()) == start);
  return line.substr(start.size(), line.size() - start.size() - 2);
}

TEST_CASE("A value is shown plainly when that is safe, quoted and escaped otherwise") {
  const auto [value, as_text, as_json] = GENERATE(table<std::string, std::string, std::string>({
      {"a.example", "a.example", R"("a.example")"},
      {"[::1]:443", "[::1]:443", R"("[::1]:443")"},
      {"", R"("")", R"("")"},
      {"two words", R"("two words")", R"("two words")"},
      {"a=b", R"("a=b")", R"("a=b")"},
      {"say \"hi\"", R"("say \"hi\"")", R"("say \"hi\"")"},
      {"C:\\x", R"("C:\\x")", R"("C:\\x")"},
      {"a\nb\r\tc", R"("a\nb\r\tc")", R"("a\nb\r\tc")"},
      {"a\0b"s, R"("a\u0000b")", R"("a\u0000b")"},
      {"\x1b[31mred", R"("\u001b[31mred")", R"("\u001b[31mred")"},
      {"\x7f", R"("\u007f")", R"("\u007f")"},
      {"\xc2\x9b" "31m", R"("\u009b31m")", R"("\u009b31m")"},       // CSI in one character
      {"\xe2\x80\xa8", R"("\u2028")", R"("\u2028")"},               // line separator
      {"\xe2\x80\xae" "fdp", R"("\u202efdp")", R"("\u202efdp")"},   // right-to-left override
      {"\xef\xbb\xbf", R"("\ufeff")", R"("\ufeff")"},
      {"b\xc3\xbc" "cher", "b\xc3\xbc" "cher", "\"b\xc3\xbc" "cher\""},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
      {"\xff\xfe", R"("\xff\xfe")", R"("\ufffd\ufffd")"},
      {"\xc3", R"("\xc3")", R"("\ufffd")"},                          // cut character
      {"\xc0\xaf", R"("\xc0\xaf")", R"("\ufffd\ufffd")"},           // overlong
      {"\xe0\x80\xaf", R"("\xe0\x80\xaf")", R"("\ufffd\ufffd\ufffd")"},
      {"\xed\xa0\x80", R"("\xed\xa0\x80")", R"("\ufffd\ufffd\ufffd")"},  // surrogate
      {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")", R"("\ufffd\ufffd\ufffd\ufffd")"},
  }));
  CHECK(field_as_text(value) == as_text);
  CHECK(field_as_json(value) == as_json);
}

TEST_CASE("Numbers and flags are shown as such") {
  const std::string fields =
      make_line(json, noon, Level::debug, "m",
                {{"i", -1}, {"s", short{7}}, {"z", std::size_t{8}}, {"u", std::numeric_limits<std::uint64_t>::max()},
                 {"l", std::numeric_limits<std::int64_t>::min()}, {"d", 0.25}, {"f", 1.5F}, {"b", true},
                 {"n", std::numeric_limits<double>::quiet_NaN()}, {"inf", std::numeric_limits<double>::infinity()}});
  CHECK(fields == R"({"time":"2026-11-21T10:00:00.123Z","level":"debug","message":"m","i":-1,"s":7,"z":8,)"
                  R"("u":18446744073709551615,"l":-9223372036854775808,"d":0.25,"f":1.5,"b":true,"n":null,"inf":null})"
                  "\n");
  CHECK(make_line(text, noon, Level::info, "m", {{"n", 3U}, {"b", false}, {"d", 2.5}}) ==
        "2026-11-21T10:00:00.123Z info  m n=3 b=false d=2.5\n");
}

TEST_CASE("A line for journald starts with the priority and has no time") {
  const auto [level, start] = GENERATE(table<Level, std::string>(
      {{Level::debug, "<7>"}, {Level::info, "<6>"}, {Level::warning, "<4>"}, {Level::error, "<3>"}}));
  CHECK(make_line({Format::text, Prefix::syslog}, noon, level, "m", {{"k", 1}}) == start + "m k=1\n");
}

TEST_CASE("A key cannot break out of its place") {
  CHECK(make_line(text, noon, Level::info, "m", {{"a b=\"\n", 1}}).substr(31) == "m a_b___=1\n");
  const std::string line = make_line(json, noon, Level::info, "m", {{"k\":1,\"x", 1}});
  CHECK(line.find(R"("k__1__x":1})") != std::string::npos);
}

TEST_CASE("A message is escaped too") {
  const std::string line = make_line(text, noon, Level::info, "a\n2026-11-21T10:00:00.123Z error forged", {});
  CHECK(line == "2026-11-21T10:00:00.123Z info  a\\n2026-11-21T10:00:00.123Z error forged\n");
}

TEST_CASE("Long values are cut at 1 kB between characters") {
  const std::string cut(max_value_bytes, 'a');
  CHECK(field_as_text(cut) == cut);
  CHECK(field_as_text(cut + "b") == "\"" + cut + "…\"");
  CHECK(field_as_json(std::string(65536, 'a')) == "\"" + cut + "…\"");
  const std::string almost(max_value_bytes - 1, 'a');
  CHECK(field_as_json(almost + "\xc3\xbc") == "\"" + almost + "…\"");
  CHECK(make_line(text, noon, Level::info, std::string(5000, 'a'), {}).size() < 1100);
}

TEST_CASE("No single byte, and no pair, makes a second line or a raw control byte") {
  for (const Layout layout : {text, json}) {
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; second += 3) {
        const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
        const std::string line = make_line(layout, noon, Level::error, bytes, {{bytes, bytes}});
        REQUIRE(line.back() == '\n');
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
          REQUIRE(static_cast<unsigned char>(line[i]) >= 0x20);
          REQUIRE(line[i] != 0x7f);
        }
      }
    }
  }
}

}  // namespace
}  // namespace arbortls::log
