// A name from a peer and a name from a configuration are judged alike, and normalizing twice changes nothing.

#include "domain/name.hpp"
#include "domain/tree.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using arbortls::domain::covers;
using arbortls::domain::NameKind;
using arbortls::domain::parse_name;
using arbortls::domain::ServerName;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void walk(std::string_view name) {
  using Tree = arbortls::domain::Tree<int>;
  const Tree tree = Tree("master.example").with(std::make_shared<const Tree::Node>(
      Tree::Node{"acme.example", "", {}, 0}));
  std::size_t stages = 0;
  tree.walk(name, [&](arbortls::domain::Stage, std::string_view, const Tree::Node*) {
    return ++stages > name.size() + 2;
  });
  require(stages <= name.size() + 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ServerName name(text);
  const auto parsed = parse_name(text);
  require(parsed.has_value() == (name.kind() == NameKind::legal));
  if (parsed.has_value()) {
    require(*parsed == name.view());
    require(ServerName(*parsed).view() == *parsed);
    require(covers(*parsed, *parsed));
  } else {
    require(!parsed.error().message.empty() && name.view().empty());
    for (const char c : parsed.error().message) require(static_cast<unsigned char>(c) >= 0x20);
  }
  const std::size_t half = size / 2;
  covers(text.substr(0, half), text.substr(half));
  walk(text);
  return 0;
}
