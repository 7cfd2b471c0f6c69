#include "config/formats_automatic.hpp"

#include "config/endpoint.hpp"
#include "domain/name.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace arbortls::config {
namespace {

std::optional<std::string> refuse(const Value& value, const std::string& text, const std::string& why,
                                  const std::string& expected) {
  value.error(quoted(text) + " is not valid here: " + why + "; expected: " + expected);
  return {};
}

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

struct Origin {
  std::string_view host;  // without brackets
  std::string_view port;  // with its colon; "" for none
};

// What stands between `scheme://` and the path.
Origin split_origin(std::string_view origin) {
  const bool bracket = origin.starts_with('[');
  const auto end = bracket ? origin.find(']') : origin.find(':');
  if (end == origin.npos) return {origin, ""};
  return {origin.substr(bracket, end - bracket), origin.substr(end + (bracket ? 1 : 0))};
}

bool is_port(std::string_view port) {
  if (port.empty()) return true;
  return port.size() >= 2 && port.size() <= 6 && port.front() == ':' &&
         port.find_first_not_of("0123456789", 1) == port.npos && port.find_first_not_of("0", 1) != port.npos &&
         (port.size() < 6 || port <= ":65535");
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || (is_ip_address(host) && host.starts_with("127."));
}

// "" when it is sound.
std::string wrong_in_url(std::string_view url) {
  const bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return "it does not start with `https://`";
  const std::string_view rest = url.substr(secure ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (rest.find_first_of("?#") != rest.npos) return "a `?` or `#` has no place in it";
  if (authority.find('@') != authority.npos) return "no user may stand in it";
  const Origin origin = split_origin(authority);
  if (!is_ip_address(origin.host) && !domain::parse_name(origin.host)) return "its host is not legal";
  if (!is_port(origin.port)) return "its port is not a number from 1 to 65535";
  if (!secure && !is_this_machine(origin.host)) {
    return "without TLS anybody on the way could have certificates issued; `http://` is for this machine only";
  }
  return "";
}

}  // namespace

std::optional<std::string> DirectoryUrl::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  const std::string wrong = visible(*text) ? wrong_in_url(*text) : "only visible ASCII may stand in it";
  if (wrong.empty()) return *text;
  return refuse(value, *text, wrong, words());
}

std::optional<std::string> Email::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  const std::size_t at = text->rfind('@');
  const bool sound = visible(*text) && text->size() <= 254 && at != text->npos && at != 0 &&
                     text->find_first_of("@,;<>:\"\\") == at && domain::parse_name(text->substr(at + 1));
  if (sound) return *text;
  return refuse(value, *text, text->starts_with("mailto:") ? "`mailto:` is left out" : "it has not the form `NAME@HOST`",
                words());
}

std::optional<std::string> HttpServer::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  auto endpoint = parse_endpoint(*text, EndpointUse::connect, value.context.directory);
  if (!endpoint) return refuse(value, *text, endpoint.error().message, words());
  const bool named = !text->starts_with("unix:") && !text->starts_with('[') &&
                     !is_ip_address(std::string_view(*text).substr(0, text->rfind(':')));
  if (named) return refuse(value, *text, "the host has to be an IP address", words());
  return std::move(*endpoint);
}

std::optional<CommandLine> Program::read(const Value& value) {
  const Node& node = value.node;
  CommandLine command;
  if (node.kind != Node::Kind::list) {
    auto path = Path::read(value);
    if (path) command.push_back(std::move(*path));
  } else if (node.items.empty()) {
    value.error("is empty; expected: " + words());
  }
  const std::size_t words_wanted = node.kind == Node::Kind::list ? node.items.size() : 1;
  for (std::size_t i = 0; node.kind == Node::Kind::list && i < node.items.size(); ++i) {
    const At at{&value.at, {}, static_cast<std::ptrdiff_t>(i)};
    const Value element{value.context, *node.items[i], at};
    if (i == 0) {
      auto path = Path::read(element);
      if (path) command.push_back(std::move(*path));
    } else if (const std::string* word = scalar(element, "a word")) {
      command.push_back(*word);
    }
  }
  if (command.size() != words_wanted || command.empty()) return {};
  return command;
}

std::optional<std::string> UserName::read(const Value& value) {
  const std::string* text = scalar(value, words());
  if (text == nullptr) return {};
  const bool legal = !text->empty() && text->size() <= 32 && text->front() != '-' &&
                     std::all_of(text->begin(), text->end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                              c == '-' || c == '.';
                     });
  if (*text == "root" || *text == "0") {
    return refuse(value, *text, "hook programs are not run with root's rights", words());
  }
  if (legal) return *text;
  return refuse(value, *text, "it is no user's name", words());
}

}  // namespace arbortls::config
