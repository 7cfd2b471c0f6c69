#pragma once
// How one value is written: its type in words, and reading it. A format is a struct with
//   using Result = the value;   static std::string words();   static std::optional<Result>
//   read(const Value&);
// read() complains itself.

#include "config/reader.hpp"
#include "config/words.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arbortls::config {

// The scalar's text; complains about lists and mappings.
const std::string* scalar(const Value& value, const std::string& expected);
std::optional<std::int64_t> read_whole(const Value& value, std::int64_t min, std::int64_t max);
std::optional<Milliseconds> read_duration(const Value& value, Milliseconds min, Milliseconds max);
std::optional<AtMost> read_at_most(const Value& value, std::int64_t max);
std::string whole_words(std::int64_t min, std::int64_t max);
inline std::string limit_words(std::int64_t max) { return "`none`, or " + whole_words(1, max); }
std::string duration_words(Milliseconds min, Milliseconds max);

struct Boolean {
  static std::string words() { return "`true` or `false`"; }
  static std::optional<bool> read(const Value& value);
};

template <int Min, int Max>
struct Whole {
  static std::string words() { return whole_words(Min, Max); }
  static std::optional<int> read(const Value& value) {
    const auto n = read_whole(value, Min, Max);
    if (!n) return {};
    return static_cast<int>(*n);
  }
};

template <int Max>
struct Limit {
  static std::string words() { return limit_words(Max); }
  static std::optional<AtMost> read(const Value& value) { return read_at_most(value, Max); }
};

template <std::int64_t Min, std::int64_t Max>  // milliseconds
struct Duration {
  static std::string words() { return duration_words(Milliseconds(Min), Milliseconds(Max)); }
  static std::optional<Milliseconds> read(const Value& value) {
    return read_duration(value, Milliseconds(Min), Milliseconds(Max));
  }
};

// Bytes; the units count by 1024. `0` or at least Min.
struct Size {
  static std::string words() { return "a size such as `64MB`, `100kB` to `64GB`"; }
  static std::optional<std::uint64_t> read(const Value& value);
};

template <class E>
struct OneOf {
  static std::vector<std::string_view> allowed() {
    std::vector<std::string_view> all;
    for (const auto& entry : Words<E>::table) all.emplace_back(entry.first);
    return all;
  }
  static std::string words() { return listed(allowed()); }
  static std::optional<E> read(const Value& value) {
    const std::string* text = scalar(value, words());
    if (text == nullptr) return {};
    for (const auto& [word, enumerator] : Words<E>::table) {
      if (*text == word) return enumerator;
    }
    value.error(quoted(*text) + " is not known here" + did_you_mean(*text, allowed()) +
                "; expected: " + words());
    return {};
  }
};

// A name of ours (listener, backend, alias).
struct OwnName {
  static std::string words() { return "a name of letters, digits, `.`, `_` and `-`, at most 64"; }
  static std::optional<std::string> read(const Value& value);
};

// A host name, normalized.
struct HostName {
  static std::string words() { return "a host name"; }
  static std::optional<std::string> read(const Value& value);
};

// Relative to the file, or alias://paths/NAME; made absolute.
struct Path {
  static std::string words() { return "a path, or `alias://paths/NAME`"; }
  static std::optional<std::string> read(const Value& value);
};

struct ListenAddress {
  static std::string words() { return "`HOST:PORT`, `[V6]:PORT`, `unix:/PATH` or `systemd:NAME`"; }
  static std::optional<std::string> read(const Value& value);
};

struct ServerAddress {
  static std::string words() { return "`HOST:PORT`, `[V6]:PORT` or `unix:/PATH`"; }
  static std::optional<std::string> read(const Value& value);
};

struct Peer {
  static std::string words() { return "an IP address, a network (`10.0.0.0/8`) or `unix`"; }
  static std::optional<std::string> read(const Value& value);
};

struct IpAddress {
  static std::string words() { return "an IP address"; }
  static std::optional<std::string> read(const Value& value);
};

struct Pem {
  static std::string words() { return "PEM text, or `file:PATH`"; }
  static std::optional<PemSource> read(const Value& value);
};

struct Passphrase {
  static std::string words() { return "`file:PATH`, or `cred:NAME` for a systemd credential"; }
  static std::optional<SecretSource> read(const Value& value);
};

}  // namespace arbortls::config
