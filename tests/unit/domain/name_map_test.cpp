#include "domain/name_map.hpp"

#include "domain/name.hpp"
#include "domain/tree.hpp"
#include "unit/domain/counting_new.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

using arbortls::tests::allocations;
using arbortls::domain::NameHash;
using arbortls::domain::NameMap;
using arbortls::domain::ServerName;
using arbortls::domain::Stage;
using arbortls::domain::Tree;

namespace {

// Few values, so that nodes split to the last level and collide there.
struct PoorHash {
  std::uint64_t operator()(std::string_view name) const noexcept {
    return name.empty() ? 0 : static_cast<std::uint64_t>(name[0] & 3) << 62 | (name.size() & 1);
  }
};
struct NoHash {
  std::uint64_t operator()(std::string_view) const noexcept { return 7; }
};

using Plain = std::map<std::string, int>;

template <class Map>
Plain plain(const Map& map) {
  Plain out;
  map.for_each([&out](std::string_view name, int value) {
    REQUIRE(out.emplace(std::string(name), value).second);
  });
  return out;
}

}  // namespace

TEMPLATE_TEST_CASE("a map answers as std::map does, and so do its older versions", "[domain]", NameHash, PoorHash,
                   NoHash) {
  using Map = NameMap<int, TestType>;
  std::mt19937 random(GENERATE(1u, 2u, 3u));
  Map map;
  Plain model;
  std::vector<std::pair<Map, Plain>> versions;
  for (int step = 0; step < 1200; ++step) {
    const std::string name = std::string(1 + random() % 3, static_cast<char>('a' + random() % 20)) +
                             std::to_string(random() % 9);
    const unsigned action = random() % 4;
    if (action == 0) {
      map = map.without(name);
      model.erase(name);
    } else if (action == 1) {
      map = map.with(name, step);
      model[name] = step;
    } else {
      map = std::move(map).with(name, step);
      model[name] = step;
    }
    REQUIRE(map.size() == model.size());
    const int* found = map.find(name);
    REQUIRE((found != nullptr) == model.contains(name));
    if (found != nullptr) REQUIRE(*found == model[name]);
    if (step % 100 == 0) versions.emplace_back(map, model);
  }
  versions.emplace_back(map, model);
  for (const auto& [version, expected] : versions) REQUIRE(plain(version) == expected);
}

TEMPLATE_TEST_CASE("a map that loses every name is empty", "[domain]", NameHash, PoorHash, NoHash) {
  NameMap<int, TestType> map;
  for (int i = 0; i < 200; ++i) map = std::move(map).with("n" + std::to_string(i), i);
  for (int i = 0; i < 200; ++i) map = map.without("n" + std::to_string(i));
  REQUIRE(map.size() == 0);
  REQUIRE(map.find("n1") == nullptr);
  REQUIRE(plain(map).empty());
}

TEST_CASE("values die with the last map that holds them", "[domain]") {
  const auto value = std::make_shared<int>(1);
  {
    NameMap<std::shared_ptr<int>> map;
    for (int i = 0; i < 100; ++i) map = std::move(map).with(std::to_string(i), value);
    const auto copy = map;
    map = map.without("5").with("6", nullptr);
    REQUIRE(value.use_count() > 100);
  }
  REQUIRE(value.use_count() == 1);
}

TEST_CASE("the hash uses every byte and the length", "[domain]") {
  const NameHash hash;
  for (std::size_t size = 1; size < 70; ++size) {
    const std::string name(size, 'a');
    REQUIRE(hash(name) == hash(std::string(size, 'a')));
    REQUIRE(hash(name) != hash(name + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = name;
      other[at] = 'b';
      REQUIRE(hash(name) != hash(other));
    }
  }
}

TEST_CASE("looking up and walking allocate nothing", "[domain]") {
  Tree<int> tree("master.example");
  using Node = Tree<int>::Node;
  for (int i = 0; i < 1000; ++i) {
    tree = std::move(tree).with(std::make_shared<const Node>(
        Node{"tenant-number-" + std::to_string(i) + ".a-long-domain.example", "", {}, i}));
  }
  const std::string known = "tenant-number-77.a-long-domain.example";
  const std::string unknown = "deep.down.below.tenant-number-1000.a-long-domain.example";
  std::size_t stages = 0;
  const std::size_t before = allocations();
  for (const std::string* raw : {&known, &unknown}) {
    const ServerName name(*raw);
    stages += tree.find(name.view()) != nullptr;
    tree.walk(name.view(), [&stages](Stage, std::string_view, const Node*) { return ++stages == 0; });
    tree.walk_nodes(name.view(), [&stages](const Node&) { return ++stages == 0; });
  }
  REQUIRE(allocations() == before);
  REQUIRE(stages > 8);
  const auto counted = std::make_unique<int>(1);
  REQUIRE(allocations() > before);
}

TEST_CASE("a change copies only the way to its name", "[domain]") {
  NameMap<int> map;
  for (int i = 0; i < 20'000; ++i) map = std::move(map).with(std::to_string(i), i);
  const std::size_t before = allocations();
  const NameMap<int> changed = map.with("77", -1);
  REQUIRE(allocations() - before < 20);
  REQUIRE(*map.find("77") == 77);
  REQUIRE(*changed.find("77") == -1);
}
