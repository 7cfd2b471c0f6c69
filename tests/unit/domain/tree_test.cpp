#include "domain/tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using arbortls::Place;
using arbortls::Problem;
using arbortls::Problems;
using arbortls::domain::drop_label;
using arbortls::domain::max_depth;
using arbortls::domain::Stage;

namespace {

using Tree = arbortls::domain::Tree<int>;
using Node = Tree::Node;

Tree::NodePtr node(std::string name, std::string parent = {}, int line = 0) {
  return std::make_shared<const Node>(Node{std::move(name), std::move(parent), Place{"t.yaml", line, 0}, 0});
}

Tree tree(const std::vector<std::pair<std::string, std::string>>& domains,
          std::string master = "master.example") {
  Tree out(std::move(master));
  int line = 0;
  for (const auto& [name, parent] : domains) out = std::move(out).with(node(name, parent, ++line));
  return out;
}

using Trace = std::vector<std::string>;

// "stage:subject", with a "!" where a node came along.
Trace trace(const Tree& t, std::string_view name) {
  Trace out;
  t.walk(name, [&](Stage stage, std::string_view subject, const Node* n) {
    REQUIRE((n == nullptr || n->name == subject));
    out.push_back(std::string(to_string(stage)) + ":" + std::string(subject) + (n != nullptr ? "!" : ""));
    return false;
  });
  return out;
}

std::string only_message(const Problems& problems) {
  REQUIRE(problems.size() == 1);
  return problems[0].message;
}

}  // namespace

TEST_CASE("a name in the tree is visited first, then its parents, then the master", "[domain]") {
  const Tree t = tree({{"master.example", ""}, {"acme.example", ""}, {"b.test", "acme.example"},
                       {"a.b.test", ""}});
  REQUIRE(trace(t, "a.b.test") ==
          Trace{"domain:a.b.test!", "ancestor:b.test!", "ancestor:acme.example!", "master:master.example!"});
  REQUIRE(trace(t, "acme.example") == Trace{"domain:acme.example!", "master:master.example!"});
}

TEST_CASE("the master is visited once, with or without a node", "[domain]") {
  REQUIRE(trace(tree({{"master.example", ""}}), "master.example") == Trace{"domain:master.example!"});
  REQUIRE(trace(tree({{"example", ""}}), "master.example") == Trace{"domain:master.example"});
  REQUIRE(trace(tree({{"a.test", ""}}), "a.test") == Trace{"domain:a.test!", "master:master.example"});
}

TEST_CASE("an unknown name is looked up by its suffixes and the master comes last in any case", "[domain]") {
  const Tree t = tree({{"master.example", ""}, {"b.test", ""}});
  REQUIRE(trace(t, "x.a.b.test") == Trace{"domain:x.a.b.test", "suffix:a.b.test", "suffix:b.test!",
                                          "suffix:test", "master:master.example!"});
  REQUIRE(trace(t, "lonely") == Trace{"domain:lonely", "master:master.example!"});
}

TEST_CASE("a master that is a suffix of the name is visited at its place only", "[domain]") {
  const Tree t = tree({{"master.example", ""}, {"example", ""}});
  REQUIRE(trace(t, "x.y.master.example") ==
          Trace{"domain:x.y.master.example", "suffix:y.master.example", "master:master.example!",
                "suffix:example!"});
}

TEST_CASE("an explicit parent need not be a suffix and wins over one", "[domain]") {
  const Tree t = tree({{"b.test", ""}, {"a.b.test", "other.test"}, {"other.test", ""}});
  REQUIRE(trace(t, "a.b.test") ==
          Trace{"domain:a.b.test!", "ancestor:other.test!", "master:master.example"});
}

TEST_CASE("a domain under the master's name hangs under the master even if that has no node", "[domain]") {
  const Tree t = tree({{"example", ""}, {"a.master.example", ""}});
  REQUIRE(t.parent(*t.find("a.master.example")) == nullptr);
  REQUIRE(trace(t, "a.master.example") == Trace{"domain:a.master.example!", "master:master.example"});
}

TEST_CASE("a walk stops where the visitor says so", "[domain]") {
  const Tree t = tree({{"master.example", ""}, {"b.test", ""}, {"a.b.test", ""}});
  for (const std::string name : {"a.b.test", "x.a.b.test", "master.example", "unknown"}) {
    const std::size_t stages = trace(t, name).size();
    for (std::size_t stop = 1; stop <= stages + 1; ++stop) {
      std::size_t seen = 0;
      const bool stopped = t.walk(name, [&](Stage, std::string_view, const Node*) { return ++seen == stop; });
      REQUIRE(stopped == (stop <= stages));
      REQUIRE(seen == std::min(stop, stages));
    }
  }
}

TEST_CASE("the settings path holds only domains that exist", "[domain]") {
  const Tree t = tree({{"master.example", ""}, {"b.test", ""}});
  Trace seen;
  REQUIRE_FALSE(t.walk_nodes("x.a.b.test", [&](const Node& n) {
    seen.push_back(n.name);
    return false;
  }));
  REQUIRE(seen == Trace{"b.test", "master.example"});
  REQUIRE(t.walk_nodes("x.a.b.test", [](const Node& n) { return n.name == "b.test"; }));
}

TEST_CASE("a changed tree leaves the old one as it was", "[domain]") {
  const Tree old = tree({{"a.test", ""}, {"b.test", ""}});
  const Tree more = old.with(node("c.test"));
  const Tree fewer = more.without("a.test");
  REQUIRE(old.size() == 2);
  REQUIRE(more.size() == 3);
  REQUIRE(fewer.size() == 2);
  REQUIRE(old.find("c.test") == nullptr);
  REQUIRE(fewer.find("a.test") == nullptr);
  REQUIRE(old.find("b.test") == fewer.find("b.test"));
  REQUIRE(old.find_shared("a.test").get() == more.find("a.test"));
  REQUIRE(old.without("unknown").size() == 2);
}

TEST_CASE("a looped tree does not hang a walk and still ends at the master", "[domain]") {
  const Tree t = tree({{"a.test", "b.test"}, {"b.test", "a.test"}, {"self.test", "self.test"}});
  for (const std::string name : {"a.test", "b.test", "self.test"}) {
    const Trace seen = trace(t, name);
    REQUIRE(seen.size() <= max_depth + 1);
    REQUIRE(seen.back() == "master:master.example");
  }
}

TEST_CASE("a sound tree has no problems", "[domain]") {
  const Tree t = tree({{"a.test", "master.example"}, {"x.a.test", ""}, {"b.test", "x.a.test"}});
  REQUIRE(t.check().empty());
  REQUIRE(t.check("b.test").empty());
  REQUIRE(t.with(node("master.example")).check().empty());
}

TEST_CASE("a loop is reported once, with the way round and its first domain's place", "[domain]") {
  const Tree t = tree({{"c.test", "a.test"}, {"b.test", "c.test"}, {"a.test", "b.test"}, {"d.test", "c.test"}});
  const Problems problems = t.check();
  const std::string message = only_message(problems);
  CHECK(message.find("\"a.test\" -> \"b.test\" -> \"c.test\" -> \"a.test\"") != std::string::npos);
  CHECK(message.find("master.example") != std::string::npos);
  CHECK(problems[0].key == "a.test");
  CHECK(problems[0].place.line == 3);
  CHECK(t.check("d.test").size() == 1);
}

TEST_CASE("a domain that is its own parent is a loop", "[domain]") {
  REQUIRE(only_message(tree({{"a.test", "a.test"}}).check()).find("\"a.test\" -> \"a.test\"") !=
          std::string::npos);
}

TEST_CASE("two loops are two problems", "[domain]") {
  REQUIRE(tree({{"a.test", "b.test"}, {"b.test", "a.test"}, {"c.test", "d.test"}, {"d.test", "c.test"}})
              .check()
              .size() == 2);
}

TEST_CASE("a loop may run through a parent by suffix", "[domain]") {
  const Tree t = tree({{"b.test", "a.b.test"}, {"a.b.test", ""}});
  REQUIRE(t.check().size() == 1);
  REQUIRE(t.check("b.test").size() == 1);
}

TEST_CASE("a parent that is not in the tree is reported at the child", "[domain]") {
  const Tree t = tree({{"a.test", ""}, {"b.test", "gone.test"}});
  const Problems problems = t.check();
  REQUIRE(only_message(problems).find("\"gone.test\" is not in the tree") != std::string::npos);
  REQUIRE(problems[0].key == "b.test");
  REQUIRE(problems[0].place.line == 2);
  REQUIRE(t.check("a.test").empty());
  REQUIRE(t.check("b.test").size() == 1);
}

TEST_CASE("a parent on the master is refused", "[domain]") {
  const Tree t = tree({{"a.test", ""}, {"master.example", "a.test"}});
  REQUIRE(only_message(t.check()).find("remove `parent`") != std::string::npos);
  REQUIRE(t.check("master.example").size() == 1);
  REQUIRE(trace(t, "a.test") == Trace{"domain:a.test!", "master:master.example!"});
}

TEST_CASE("a chain may be as deep as the limit and no deeper", "[domain]") {
  const bool master_has_node = GENERATE(false, true);
  Tree t("master.example");
  if (master_has_node) t = t.with(node("master.example"));
  std::string parent = "master.example";
  for (int depth = 1; depth <= max_depth; ++depth) {
    std::string name = "d" + std::to_string(depth);
    t = t.with(node(name, parent, depth));
    parent = name;
  }
  REQUIRE(t.check().empty());
  REQUIRE(trace(t, parent).size() == max_depth + 1);
  t = t.with(node("e1", parent)).with(node("e2", "e1")).with(node("e3", "e2"));
  REQUIRE(t.check().size() == 1);
  REQUIRE(t.check()[0].key == "e1");
  REQUIRE(t.check("e1")[0].key == "e1");
  REQUIRE(t.check("d64").empty());
}

TEST_CASE("every problem is reported, in the order of the file", "[domain]") {
  const Tree t = tree({{"z.test", "gone.test"}, {"master.example", "z.test"}, {"a.test", "a.test"},
                       {"b.test", "lost.test"}});
  const Problems problems = t.check();
  REQUIRE(problems.size() == 4);
  for (int i = 0; i < 4; ++i) REQUIRE(problems[static_cast<std::size_t>(i)].place.line == i + 1);
}

TEST_CASE("taking out a domain shows what hung under it", "[domain]") {
  const Tree t = tree({{"n.test", ""}, {"a.test", "n.test"}, {"b.test", ""}}).without("n.test");
  REQUIRE(t.check("n.test").size() == 1);
  REQUIRE(t.check("n.test")[0].key == "a.test");

  // Without n.y.test, x.n.y.test hangs under y.test, which hangs under x.n.y.test.
  const Tree bridge = tree({{"n.y.test", "master.example"}, {"x.n.y.test", ""}, {"y.test", "x.n.y.test"}});
  REQUIRE(bridge.check().empty());
  REQUIRE(bridge.without("n.y.test").check("n.y.test").size() == 1);
}

namespace {

// The walk in its plainest words, over a plain map.
struct Model {
  std::map<std::string, std::string> parents;
  std::string master = "m.a";

  bool has(const std::string& name) const { return parents.contains(name); }
  std::string entry(const char* stage, const std::string& name) const {
    return std::string(stage) + ":" + name + (has(name) ? "!" : "");
  }
  std::string parent(const std::string& name) const {
    const std::string& given = parents.at(name);
    if (!given.empty()) return has(given) ? given : master;
    std::string rest = name;
    while (rest.find('.') != std::string::npos) {
      rest = rest.substr(rest.find('.') + 1);
      if (has(rest) || rest == master) return rest;
    }
    return master;
  }
  Trace trace(const std::string& name) const {
    Trace out{entry("domain", name)};
    if (name == master) return out;
    bool seen = false;
    if (has(name)) {
      std::string at = parent(name);
      for (int depth = 1; at != master && depth < max_depth; ++depth, at = parent(at)) {
        out.push_back(entry("ancestor", at));
      }
    } else {
      std::string rest = name;
      while (rest.find('.') != std::string::npos) {
        rest = rest.substr(rest.find('.') + 1);
        out.push_back(entry(rest == master ? "master" : "suffix", rest));
        seen = seen || rest == master;
      }
    }
    if (!seen) out.push_back(entry("master", master));
    return out;
  }
  // Whether the parents of every domain lead to the master within the limit.
  bool sound() const {
    if (has(master) && !parents.at(master).empty()) return false;
    return std::all_of(parents.begin(), parents.end(), [this](const auto& pair) {
      if (!pair.second.empty() && pair.second != master && !has(pair.second)) return false;
      std::string at = pair.first;
      for (int depth = 0; depth <= max_depth; ++depth, at = parent(at)) {
        if (at == master) return true;
      }
      return false;
    });
  }
};

class RandomNames {
 public:
  explicit RandomNames(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string name() {
    static const std::vector<std::string> labels{"a", "b", "m"};
    std::string out = labels[below(3)];
    for (std::size_t more = below(4); more > 0; --more) out += "." + labels[below(3)];
    return out;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("any tree is walked and judged as the plain model says", "[domain]") {
  RandomNames random(GENERATE(range(1u, 40u)));
  Model model;
  Tree t(model.master);
  for (int step = 0; step < 60; ++step) {
    const std::string name = random.name();
    if (random.below(4) == 0) {
      t = t.without(name);
      model.parents.erase(name);
    } else {
      const std::string parent = random.below(3) == 0 ? random.name() : "";
      t = t.with(node(name, parent));
      model.parents[name] = parent;
    }
    REQUIRE(t.size() == model.parents.size());
    const std::string probe = random.name();
    REQUIRE(trace(t, name) == model.trace(name));
    REQUIRE(trace(t, probe) == model.trace(probe));
    REQUIRE(t.check().empty() == model.sound());
  }
}

TEST_CASE("a sound tree stays sound by the check of each changed name alone", "[domain]") {
  RandomNames random(GENERATE(range(1u, 40u)));
  Tree t("m.a");
  int refused = 0;
  for (int step = 0; step < 200; ++step) {
    const std::string name = random.name();
    const std::string parent = random.below(2) == 0 ? random.name() : "";
    Tree next = random.below(3) == 0 ? t.without(name) : t.with(node(name, parent));
    REQUIRE(next.check(name).empty() == next.check().empty());
    if (next.check(name).empty()) {
      t = next;
    } else {
      ++refused;
    }
  }
  REQUIRE(refused > 0);
  REQUIRE(t.size() > 3);
}
