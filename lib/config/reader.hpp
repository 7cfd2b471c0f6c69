#pragma once
// A node on its way into a settings struct: where it stands, how to complain about it, and how a
// mapping is read by a table of keys.

#include "base/problem.hpp"
#include "config/node.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::config {

// What one reading of one text shares. Not copied; outlives every Value made from it.
struct Context {
  std::string file;       // as given, for places
  std::string directory;  // absolute, for relative paths
  Problems& problems;
  const std::map<std::string, Located<std::string>>& aliases;
};

// One step of a key path; lives on the stack of its reader.
struct At {
  const At* up = nullptr;
  std::string_view key;
  std::ptrdiff_t index = -1;  // of a list's element; -1: `key` counts
};
std::string to_string(const At& at);  // `listeners[0].address`

struct Value {
  Context& context;
  const Node& node;
  const At& at;

  Place place() const { return {context.file, node.line, node.column}; }
  void error(std::string message) const { problem(Severity::error, node, std::move(message)); }
  void problem(Severity severity, const Node& where, std::string message) const;
};

enum class Need { optional, required };
enum class Change { reload, restart };
enum class Secrecy { open, secret };

// One key of the configuration: how it is read, and all that the reference says of it.
struct Key {
  std::string_view name;
  std::string (*type)();          // in words: "a whole number, 1 to 65535"
  std::string_view default_text;  // "" when there is none
  std::string_view help;          // one line
  void (*read)(const Value& value, void* object);
  std::span<const Key> (*children)() =
      nullptr;  // keys of the mapping(s) that the value consists of
  Need need = Need::optional;
  Change change = Change::reload;
  Secrecy secrecy = Secrecy::open;
  bool is_list = false;
};
using Keys = std::span<const Key>;

// A table and the struct it fills.
struct Target {
  Keys keys;
  void* object;
};

// Reads a mapping; complains about unknown, repeated, missing and empty keys. Values are read in
// the tables' order, whatever their order in the file.
void read_map(const Value& value, std::initializer_list<Target> targets);

// Complains about `key` at its place, if it stands in the mapping.
void complain_of_key(const Value& map, std::string_view key, Severity severity, std::string message);

// The text in quotes for a message; when it may hold a secret (several lines, PEM, long), only what
// it is.
std::string quoted(std::string_view text);

// " (did you mean `x`?)" or "".
std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& known);

// "`a`, `b` or `c`"; "none" for an empty list.
std::string listed(const std::vector<std::string_view>& words);

}  // namespace arbortls::config
