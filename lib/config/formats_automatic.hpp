#pragma once
// How the values of automatic certificates are written; see formats.hpp.

#include "config/formats.hpp"

#include <algorithm>
#include <utility>

namespace arbortls::config {

// The address of ACME's directory: https, or http to this machine itself.
struct DirectoryUrl {
  static std::string words() { return "an address such as `https://HOST/directory`"; }
  static std::optional<std::string> read(const Value& value);
};

struct Email {
  static std::string words() { return "an e-mail address"; }
  static std::optional<std::string> read(const Value& value);
};

// A server that is told apart by its address, not by a name that would have to be looked up.
struct HttpServer {
  static std::string words() { return "`IP:PORT`, `[V6]:PORT` or `unix:/PATH`"; }
  static std::optional<std::string> read(const Value& value);
};

// One path, or a list of a path and arguments.
struct Program {
  static std::string words() { return "a program's path, or a list of it and its arguments"; }
  static std::optional<CommandLine> read(const Value& value);
};

// A user of the system other than root, who is not looked up here.
struct UserName {
  static std::string words() { return "a user's name, not `root`"; }
  static std::optional<std::string> read(const Value& value);
};

// A list without repeats as one value; empty only where that says something.
enum class Empty { allowed, refused };
template <class Format, Empty empty = Empty::allowed>
struct ListOf {
  using Item = typename decltype(Format::read(std::declval<const Value&>()))::value_type;
  static std::string words() { return "a list of: " + Format::words(); }
  static std::optional<std::vector<Item>> read(const Value& value) {
    if (!check_list(value, empty)) return {};
    std::vector<Item> items;
    bool sound = true;
    for (std::size_t i = 0; i < value.node.items.size(); ++i) {
      const At at{&value.at, {}, static_cast<std::ptrdiff_t>(i)};
      const Value element{value.context, *value.node.items[i], at};
      auto item = Format::read(element);
      const bool repeated = item && std::find(items.begin(), items.end(), *item) != items.end();
      if (repeated) element.error("stands in this list already");
      if (item) items.push_back(std::move(*item));
      sound = sound && item && !repeated;
    }
    if (!sound) return {};
    return items;
  }

 private:
  static bool check_list(const Value& value, Empty rule) {
    const bool list = value.node.kind == Node::Kind::list;
    if (!list) value.error("has to be a list (`[..., ...]`, or `- ...` lines)");
    const bool wrong = list && rule == Empty::refused && value.node.items.empty();
    if (wrong) value.error("is empty; expected: " + words());
    return list && !wrong;
  }
};

}  // namespace arbortls::config
