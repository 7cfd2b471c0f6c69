#include "config/formats.hpp"

#include "config/describe.hpp"
#include "config/endpoint.hpp"
#include "domain/name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <utility>

namespace arbortls::config {
namespace {

struct Unit {
  std::string_view word;
  std::int64_t factor;
};

constexpr std::array time_units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array size_units{Unit{"kB", 1 << 10}, Unit{"MB", 1 << 20}, Unit{"GB", 1 << 30}};
constexpr std::int64_t min_size = 100 << 10;
constexpr std::int64_t max_size = 64ll << 30;

// A number and what stands behind it; a number that does not fit reads as the largest one.
std::optional<std::pair<std::int64_t, std::string_view>> split_number(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0) return {};
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + end, number);
  if (parsed.ec != std::errc()) number = std::numeric_limits<std::int64_t>::max();
  return std::pair{number, text.substr(end)};
}

// nullopt: the text is no number with one of the units. Saturates.
template <class Units>
std::optional<std::int64_t> with_unit(std::string_view text, const Units& units) {
  if (text == "0") return 0;
  const auto parts = split_number(text);
  if (!parts) return {};
  for (const Unit& unit : units) {
    if (parts->second != unit.word) continue;
    std::int64_t product = 0;
    const bool over = __builtin_mul_overflow(parts->first, unit.factor, &product);
    return over ? std::numeric_limits<std::int64_t>::max() : product;
  }
  return {};
}

bool is_plain_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

void refuse(const Value& value, const std::string& text, const std::string& expected,
            const std::string& hint = "") {
  value.error(quoted(text) + " is not valid here" + (hint.empty() ? "" : ": " + hint) +
              "; expected: " + expected);
}

std::optional<std::int64_t> whole_of(const Value& value, const std::string& text, std::int64_t min,
                                     std::int64_t max, const std::string& expected) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool whole = !text.empty() && parsed.ptr == end && parsed.ec == std::errc();
  if (whole && !value.node.quoted && number >= min && number <= max) return number;
  refuse(value, text, expected, whole && value.node.quoted ? "it stands in quotes" : "");
  return {};
}

std::optional<std::string> keep(const Value& value, const std::string& text,
                                Result<std::string> result, const std::string& expected) {
  if (result) return std::move(*result);
  // The reason quotes the text as well, so it is told only where the text may be.
  const bool showable = quoted(text).front() == '`';
  refuse(value, text, expected, showable ? result.error().message : "");
  return {};
}

bool is_own_name(std::string_view text) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), legal);
}

constexpr std::string_view alias_prefix = "alias://";
constexpr std::string_view alias_paths = "alias://paths/";

std::optional<std::string> resolve_alias(const Value& value, std::string_view text) {
  const auto& aliases = value.context.aliases;
  if (!text.starts_with(alias_paths)) {
    value.error("an alias is written `alias://paths/NAME`");
    return {};
  }
  const std::string name(text.substr(alias_paths.size()));
  const auto found = aliases.find(name);
  if (found != aliases.end()) return found->second.value;
  std::vector<std::string_view> known;
  for (const auto& entry : aliases) known.push_back(entry.first);
  value.error("there is no alias " + quoted(name) + did_you_mean(name, known) +
              "; known: " + listed(known));
  return {};
}

std::optional<std::string> resolve_path(const Value& value, std::string_view text) {
  if (text.starts_with(alias_prefix)) return resolve_alias(value, text);
  if (!text.empty()) return absolute_path(text, value.context.directory);
  value.error("the path is empty");
  return {};
}

std::optional<std::string> credential_path(const Value& value, std::string_view name) {
  if (!is_own_name(name) || name == "." || name == "..") {
    value.error("the name of a credential has to be " + OwnName::words());
    return {};
  }
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory != '/') {
    value.error(
        "$CREDENTIALS_DIRECTORY is not set, so there are no systemd credentials here: start it "
        "as a service with LoadCredential=, or use `file:PATH`");
    return {};
  }
  return absolute_path(name, directory);
}

}  // namespace

const std::string* scalar(const Value& value, const std::string& expected) {
  if (value.node.kind == Node::Kind::scalar) return &value.node.text;
  const char* what = value.node.kind == Node::Kind::list  ? "a list"
                     : value.node.kind == Node::Kind::map ? "a mapping"
                                                          : "nothing";
  value.error(std::string(what) + " stands here; expected: " + expected);
  return nullptr;
}

std::string whole_words(std::int64_t min, std::int64_t max) {
  return "a whole number, " + std::to_string(min) + " to " + std::to_string(max);
}

std::string duration_words(Milliseconds min, Milliseconds max) {
  return "a time, `" + to_text(min) + "` to `" + to_text(max) + "`";
}

std::optional<bool> Boolean::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  if (!value.node.quoted && (*text == "true" || *text == "false")) return *text == "true";
  refuse(value, *text, words(), value.node.quoted ? "it stands in quotes" : "");
  return {};
}

std::optional<std::int64_t> read_whole(const Value& value, std::int64_t min, std::int64_t max) {
  const std::string* text = scalar(value, whole_words(min, max));
  if (text == nullptr) return {};
  return whole_of(value, *text, min, max, whole_words(min, max));
}

std::optional<AtMost> read_at_most(const Value& value, std::int64_t max) {
  const std::string* text = scalar(value, limit_words(max));
  if (text == nullptr) return {};
  if (*text == "none") return AtMost{};
  const auto count = whole_of(value, *text, 1, max, limit_words(max));
  if (!count) return {};
  return AtMost{static_cast<int>(*count)};
}

std::optional<Milliseconds> read_duration(const Value& value, Milliseconds min, Milliseconds max) {
  const std::string* text = scalar(value, duration_words(min, max));
  if (text == nullptr) return {};
  const auto count = with_unit(*text, time_units);
  if (count && *count >= min.count() && *count <= max.count()) return Milliseconds(*count);
  std::string hint;
  if (!count)
    hint = is_plain_number(*text) ? "the unit is missing, as in `" + *text + "s`"
                                  : "units are ms, s, m, h, d";
  refuse(value, *text, duration_words(min, max), hint);
  return {};
}

std::optional<std::uint64_t> Size::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  const auto count = with_unit(*text, size_units);
  if (count && *count >= min_size && *count <= max_size) return static_cast<std::uint64_t>(*count);
  std::string hint;
  if (!count)
    hint = is_plain_number(*text) ? "the unit is missing, as in `" + *text + "MB`"
                                  : "units are kB, MB, GB";
  refuse(value, *text, words(), hint);
  return {};
}

std::optional<std::string> OwnName::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  if (is_own_name(*text)) return *text;
  refuse(value, *text, words());
  return {};
}

std::optional<std::string> HostName::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  return keep(value, *text, domain::parse_name(*text), words());
}

std::optional<std::string> Path::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  if (text->find('\n') == text->npos) return resolve_path(value, *text);
  refuse(value, *text, words());
  return {};
}

std::optional<std::string> ListenAddress::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  return keep(value, *text, parse_endpoint(*text, EndpointUse::listen, value.context.directory),
              words());
}

std::optional<std::string> ServerAddress::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  return keep(value, *text, parse_endpoint(*text, EndpointUse::connect, value.context.directory),
              words());
}

std::optional<std::string> Peer::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  return keep(value, *text, parse_peer(*text), words());
}

std::optional<std::string> IpAddress::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  if (is_ip_address(*text)) return *text;
  refuse(value, *text, words());
  return {};
}

std::optional<PemSource> Pem::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  if (text->starts_with("file:")) {
    auto path = resolve_path(value, std::string_view(*text).substr(5));
    if (!path) return {};
    return PemSource{"", std::move(*path)};
  }
  if (text->find("-----BEGIN ") != text->npos) return PemSource{*text, ""};
  value.error("no `-----BEGIN` in it, so it is no PEM text; expected: " + words());
  return {};
}

std::optional<SecretSource> Passphrase::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  std::optional<std::string> path;
  if (text->starts_with("file:")) {
    path = resolve_path(value, std::string_view(*text).substr(5));
  } else if (text->starts_with("cred:")) {
    path = credential_path(value, std::string_view(*text).substr(5));
  } else {
    value.error("a secret may not stand in the configuration itself; expected: " + words());
  }
  if (!path) return {};
  return SecretSource{std::move(*path)};
}

}  // namespace arbortls::config
