// The YAML below the keys: syntax errors with their place, and texts made to do harm.
#include "config/load.hpp"
#include "config/node.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

namespace arbortls::config {
namespace {

using test::problems_of;
using test::sound;

std::string repeat(const std::string& part, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all;
}

// `levels` lists, each of ten aliases to the one before.
std::string bomb(int levels) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= levels; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + before + repeat("," + before, 9) + "]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("text that is no YAML is one problem with its place", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"a: [1\nb: 2", "f:2:2: not sound YAML: end of sequence flow not found"},
      {"a: 1\nb: [1, {c: 2,\n", "f:3:1: not sound YAML: end of map flow not found"},
      {"a: b: c", "f:1:5: not sound YAML: illegal map value"},
      {"a: \"b", "f:1:6: not sound YAML: illegal EOF in scalar"},
      {"a: *b", "f:1:4: not sound YAML: the referenced anchor is not defined"},
      {"a: 1\n b: 2", "f:2:3: not sound YAML: illegal map value"},
      {"a:\n\t- b", "f:2:2: not sound YAML: illegal block entry"},
      {"", "f: is empty"},
      {"# nothing\n", "f: is empty"},
      {"---\n...\n", "f: is empty"},
      {"a: 1\n---\nb: 2\n", "f:3:1: a second YAML document"},
      {"text", "f:1:1: has to be a mapping"},
      {"[a]", "f:1:1: has to be a mapping"},
  }));
  const Parsed parsed = parse(text, "f");
  CAPTURE(text, test::lines(parsed.problems));
  REQUIRE(!parsed.problems.empty());
  CHECK(has_errors(parsed.problems));
  CHECK(test::lines(parsed.problems).back().substr(0, expected.size()) == expected);
}

TEST_CASE("a byte that would end or change the text unseen is refused", "[config]") {
  const char byte = GENERATE('\0', '\x04', '\x1b', '\x7f', '\xff', '\xfe');
  const Parsed parsed = parse(sound() + "log: {le" + byte + "vel: info}\n", "f");
  REQUIRE(parsed.problems.size() == 1);
  CHECK(to_string(parsed.problems[0]).starts_with("f:4:9: a control character"));
}

TEST_CASE("JSON is read as YAML is", "[config]") {
  const std::string text =
      "{\n\t\"master_domain\":\"a.example\",\n"
      "  \"backends\":[{\"name\":\"b\",\"servers\":[\"h:1\"],\"connect_timeout\":\"2s\"}],\n"
      "  \"strict_key_permissions\": true, \"complete_chains\": true,\n"
      "  \"workers\": {\"relay\":3},\n"
      "  \"listeners\": [{\"address\":\"[::]:1\",\"backend\":\"b\"}]\n}\n";
  const Parsed parsed = parse(text, "f");
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  CHECK(parsed.settings.workers.relay == 3);
  CHECK(parsed.settings.strict_key_permissions);
  CHECK(parsed.settings.complete_chains);
  CHECK(parsed.settings.backends.at(0).connect_timeout == Milliseconds(2000));
}

TEST_CASE("CRLF and a byte order mark change nothing", "[config]") {
  std::string text = "\xef\xbb\xbf" + sound();
  for (std::size_t i = 0; (i = text.find('\n', i)) != text.npos; i += 2) text.insert(i, "\r");
  const Parsed parsed = parse(text, "f");
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  CHECK(parsed.settings.master_domain == "softphone.example");
}

TEST_CASE("anchors may be used, within bounds", "[config]") {
  const Parsed parsed = parse(
      "master_domain: a.example\n"
      "backends: [{name: b, servers: &s [\"h:1\"]}, {name: c, servers: *s}]\n"
      "listeners: [{address: \"h:1\", backend: b}]\n",
      "f");
  CHECK(test::lines(parsed.problems) == std::vector<std::string>{});
  CHECK(parsed.settings.backends.at(1).servers.at(0).value == "h:1");
}

TEST_CASE("text that expands without bound is refused at once", "[config]") {
  const auto [text, part] = GENERATE(table<std::string, std::string>({
      {bomb(30), "aliases expand to too much"},
      {"a: &a [*a]\n", "an alias refers to itself"},
      {"a: &a {b: {c: *a}}\n", "an alias refers to itself"},
      {"a: " + repeat("[", 200'000), "nested too deep"},
      {"a: " + repeat("{a: ", 100'000), "nested too deep"},
      {repeat("- ", 100'000), "nested too deep"},
      {repeat("? ", 100'000), "nested too deep"},
  }));
  const Parsed parsed = parse(text, "f");
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].message.find(part) != std::string::npos);
  CHECK(parsed.problems[0].place.line > 0);
}

TEST_CASE("many keys, names and mistakes cost time by their number only", "[config]") {
  std::string text = sound() + "domains:\n";
  for (int i = 0; i < 20'000; ++i) {
    text += "- {name: d" + std::to_string(i) + ".example, backend: x" + std::to_string(i) + "}\n";
  }
  const Parsed parsed = parse(text, "f");
  CHECK(parsed.settings.domains.size() == 20'000);
  CHECK(parsed.problems.size() == 20'000);
}

TEST_CASE("a document's nodes stay where they are when it is moved", "[config]") {
  Problems problems;
  Document first = read_document("a: [b, \"c\"]", "f", problems);
  const Document second = std::move(first);
  CHECK(problems.empty());
  REQUIRE(second.root != nullptr);
  REQUIRE(second.root->items.size() == 2);
  const Node& list = *second.root->items[1];
  CHECK(list.kind == Node::Kind::list);
  CHECK(list.weight == 3);
  CHECK(list.items.at(0)->text == "b");
  CHECK(!list.items.at(0)->quoted);
  CHECK(list.items.at(1)->quoted);
  CHECK(list.items.at(1)->column == 8);
}

}  // namespace arbortls::config
