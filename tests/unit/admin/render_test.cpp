#include "admin/render.hpp"

#include "admin/text_layout.hpp"
#include "admin/tree_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace arbortls::admin;
namespace json = boost::json;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

json::object object(const char* text) { return json::parse(text).as_object(); }

}  // namespace

TEST_CASE("an explanation shows its steps in order, the certificate, settings and warnings",
          "[admin]") {
  const auto text = explain_text(object(R"({"name":"www.acme.example","listener":"wss",
    "steps":[{"stage":"domain","subject":"www.acme.example","outcome":"not in the tree"},
             {"stage":"suffix","subject":"acme.example","outcome":"applied"}],
    "applied":{"source":"certificate_pem","domain":"acme.example","not_after":1900000000,
               "covers_name":true,"key_types":["ecdsa","rsa"]},
    "settings":{"backend":{"value":"pool","from":"acme.example"}},"warnings":["soon"]})"));
  CAPTURE(text);
  CHECK(text.starts_with("name      www.acme.example\nlistener  wss\n"));
  CHECK(has(text,
            "  1.  domain  www.acme.example  not in the tree\n"
            "  2.  suffix  acme.example      applied\n"));
  CHECK(has(text, "not after    2030-03-17 17:46:40 UTC\n"));
  CHECK(has(text, "covers name  yes\n"));
  CHECK(has(text, "key types    ecdsa, rsa\n"));
  CHECK(has(text, "  backend  pool  from acme.example\n"));
  CHECK(has(text, "\nwarnings\n  ! soon\n"));
}

TEST_CASE("no name, no warnings and wrong types do not break an explanation", "[admin]") {
  const auto text = explain_text(
      object(R"({"name":null,"steps":[7],"applied":"x","settings":[],"warnings":[]})"));
  CHECK(has(text, "(none sent)"));
  CHECK_FALSE(has(text, "warnings"));
  CHECK_FALSE(explain_text({}).empty());
}

TEST_CASE("a status begins with one sentence and ends with the problems", "[admin]") {
  const auto text = status_text(object(R"({"version":"1.2","pid":42,"uptime_seconds":90061,
    "state":"serving","listeners":[{"name":"wss","role":"ws"},{"name":"sips","role":"sg"}],
    "domains":3,"problems":[{"place":"a.yaml:3:1","key":"x.example","message":"bad key",
    "severity":"error"},{"place":{"file":"b","line":2},"message":"old","severity":"warning"}]})"));
  CAPTURE(text);
  CHECK(text.starts_with("arbortls 1.2: serving, process 42, up 1d 1h\n"));
  CHECK(has(text, "  name  role\n  wss   ws\n  sips  sg\n"));
  CHECK(text.ends_with("problems\n  ! a.yaml:3:1: x.example: bad key\n  ! b:2: warning: old\n"));
}

TEST_CASE("a refused reload says so and why", "[admin]") {
  const auto text = reload_text(object(R"({"ok":false,"problems":[{"message":"no"}]})"));
  CHECK(text == "refused; the old configuration still serves\n  ! no\n");
  CHECK(reload_text(object(R"({"ok":true})")) == "reloaded\n");
}

TEST_CASE("expiring domains are a table, in an array or an object", "[admin]") {
  const std::string row = R"([{"domain":"a","days_left":2}])";
  const auto table = expiring_text(json::parse(row));
  CHECK(table == "domain  days left\na       2\n");
  CHECK(expiring_text(json::parse(R"({"expiring":)" + row + "}")) == table);
  CHECK(has(expiring_text(json::parse("[]")), "no certificate"));
}

TEST_CASE("no text can steer the terminal", "[admin]") {
  CHECK(printable("a\x1b[2J\n\x7f\xC2\x9B\xC3\xA4") == "a\\x1b[2J\\x0a\\x7f\\x9b\xC3\xA4");
  const auto text =
      generic_text(json::parse("{\"k\\u001b\":\"v\\u001b\",\"l\":[{\"a\\u0007\":1}]}"));
  CHECK_FALSE(has(text, "\x1b"));
  CHECK_FALSE(has(text, "\x07"));
}

TEST_CASE("times are shown as dates, whatever they are of", "[admin]") {
  const std::string key = GENERATE("not_after", "not_before", "failed_at", "due", "paused_until");
  const auto text = generic_text(json::parse("{\"" + key + "\":1900000000}"));
  CHECK(has(text, "2030-03-17 17:46:40 UTC"));
}

TEST_CASE("durations use their two largest units", "[admin]") {
  const auto [seconds, text] = GENERATE(table<std::int64_t, std::string>({
      {0, "0s"},
      {59, "59s"},
      {60, "1m"},
      {61, "1m 1s"},
      {3600, "1h"},
      {3660, "1h 1m"},
      {86400, "1d"},
      {90000, "1d 1h"},
      {-61, "-1m 1s"},
      {INT64_MIN, "-106751991167300d 15h"},
  }));
  CHECK(duration_text(seconds) == text);
}

TEST_CASE("the tree is drawn with each child under its parent, by name", "[admin]") {
  const auto text = tree_text(json::parse(R"({"domains":[{"name":"m.example","parent":null},
    {"name":"b.example","parent":"m.example","certificate":true},
    {"name":"a.example","parent":"m.example","certificate":false},
    {"name":"x.other","parent":"a.example"}]})"));
  CHECK(text == "m.example\n├─ a.example\n│  └─ x.other\n└─ b.example  (certificate)\n");
}

TEST_CASE("a tree of another shape is shown all the same, and a loop ends", "[admin]") {
  CHECK(has(tree_text(json::parse(R"({"domains":7,"master":"m"})")), "master"));
  CHECK_NOTHROW(tree_text(json::parse(
      R"([{"name":"a","parent":"b"},{"name":"b","parent":"a"},{"name":"c","parent":"c"}])")));
}
