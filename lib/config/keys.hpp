#pragma once
// The one table of every key the daemon knows, by section, and what its rows are made with.

#include "config/formats.hpp"

#include <type_traits>
#include <utility>

namespace arbortls::config {

Keys top_keys();
Keys alias_keys();
Keys log_keys();
Keys worker_keys();
Keys watch_keys();
Keys limit_keys();
Keys domain_name_keys();  // `name`, which a file in domains_dir may leave out
Keys domain_keys();
Keys listener_keys();       // of listeners of every kind
Keys tls_listener_keys();   // only of `kind: tls`, besides inherited_keys()
Keys http_listener_keys();  // only of the other kinds
Keys backend_keys();
Keys health_check_keys();
Keys inherited_keys();  // stand in domains and in listeners
Keys automatic_keys();  // stand in domains
Keys acme_eab_keys();
Keys hook_keys();
Keys expiry_keys();
Keys authority_keys();

inline constexpr int max_limit = 100'000'000;

void read_domain(const Value& value, Domain& domain);
// `name`: the file's name without `.yaml`.
void read_domain_file(const Value& value, const std::string& name, Domain& domain);
// Into the list of its kind.
void read_listener(const Value& value, Settings& settings);
void read_backend(const Value& value, Backend& backend);

template <class T>
void assign(T& to, T from, const Value&) {
  to = std::move(from);
}
template <class T>
void assign(Located<T>& to, T from, const Value& value) {
  to = {std::move(from), value.place()};
}
template <class T>
void assign(std::optional<Located<T>>& to, T from, const Value& value) {
  to = Located<T>{std::move(from), value.place()};
}
template <class T>
void assign(std::optional<T>& to, T from, const Value&) {
  to = std::move(from);
}

template <class Format, class Struct, auto Member>
void read_member(const Value& value, void* object) {
  auto result = Format::read(value);
  if (result) assign(static_cast<Struct*>(object)->*Member, std::move(*result), value);
}

// Calls f(Value) for each element; complains when it is no list.
template <class F>
void for_each_element(const Value& value, F f) {
  if (value.node.kind != Node::Kind::list) {
    value.error("has to be a list (`- ...` lines, or `[..., ...]`)");
    return;
  }
  for (std::size_t i = 0; i < value.node.items.size(); ++i) {
    const At at{&value.at, {}, static_cast<std::ptrdiff_t>(i)};
    f(Value{value.context, *value.node.items[i], at});
  }
}

template <class Format, class Struct, auto Member>
void read_list_member(const Value& value, void* object) {
  auto& list = static_cast<Struct*>(object)->*Member;
  for_each_element(value, [&](const Value& element) {
    auto result = Format::read(element);
    if (!result) return;
    assign(list.emplace_back(), std::move(*result), element);
  });
}

// Every element gets its place in the vector even when it is broken, so that indexes stay the
// file's.
template <class Struct, auto Member, auto Read>
void read_sections(const Value& value, void* object) {
  auto& list = static_cast<Struct*>(object)->*Member;
  for_each_element(value, [&](const Value& element) {
    auto& item = list.emplace_back();
    item.place = element.place();
    Read(element, item);
  });
}

template <class Format>
std::string list_words() {
  return "a list of: " + Format::words();
}

template <class Format, class Struct, auto Member>
constexpr Key key(std::string_view name, std::string_view default_text, std::string_view help) {
  return {name, &Format::words, default_text, help, &read_member<Format, Struct, Member>};
}

template <class Format, class Struct, auto Member>
constexpr Key list_key(std::string_view name, std::string_view default_text,
                       std::string_view help) {
  Key row{name, &list_words<Format>, default_text, help, &read_list_member<Format, Struct, Member>};
  row.is_list = true;
  return row;
}

constexpr Key required(Key row) {
  row.need = Need::required;
  return row;
}
constexpr Key needs_restart(Key row) {
  row.change = Change::restart;
  return row;
}
constexpr Key secret(Key row) {
  row.secrecy = Secrecy::secret;
  return row;
}

}  // namespace arbortls::config
