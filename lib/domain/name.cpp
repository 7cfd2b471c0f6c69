#include "domain/name.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace arbortls::domain {
namespace {

constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;

enum class Fault { none, empty_label, long_label, hyphen, character };

struct LabelFault {
  Fault fault = Fault::none;
  std::string_view label;
};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_name_char(char c) noexcept {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::string_view without_final_dot(std::string_view text) noexcept {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  return text;
}

Fault label_fault(std::string_view label) noexcept {
  if (label.empty()) return Fault::empty_label;
  if (!std::all_of(label.begin(), label.end(), is_name_char)) return Fault::character;
  if (label.size() > max_label) return Fault::long_label;
  if (label.front() == '-' || label.back() == '-') return Fault::hyphen;
  return Fault::none;
}

LabelFault first_fault(std::string_view name) noexcept {
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    const Fault fault = label_fault(label);
    if (fault != Fault::none) return {fault, label};
    if (dot == std::string_view::npos) return {};
    name.remove_prefix(dot + 1);
  }
}

bool is_ip_literal(std::string_view text) noexcept {
  text = without_final_dot(text);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != text.npos) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr ignored{};
  return ::inet_pton(AF_INET, terminated.data(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, terminated.data(), &ignored) == 1;
}

// What an operator wrote, fit for one line of a log.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 80;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out + (text.size() > longest ? "...\"" : "\"");
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::string character_message(std::string_view text, std::string_view label) {
  if (text.find('*') != std::string_view::npos) {
    return quoted(text) +
           " has a wildcard; name the domain itself (certificates may hold wildcards, and names that are "
           "not in the tree find the nearest domain by their suffix)";
  }
  if (!is_ascii(text)) {
    return quoted(text) + " has characters outside ASCII; write its A-labels (such as xn--bcher-kva.example)";
  }
  return quoted(text) + " has a character in " + quoted(label) +
         " that no host name has; only letters, digits, '-', '_' and dots may stand here (no port, no path)";
}

std::string fault_message(std::string_view text, const LabelFault& found) {
  switch (found.fault) {
    case Fault::empty_label:
      return quoted(text) + " has an empty label; put exactly one dot between labels and none in front";
    case Fault::long_label:
      return quoted(text) + " has a label of " + std::to_string(found.label.size()) +
             " characters; a label has at most 63";
    case Fault::hyphen:
      return quoted(text) + " has the label " + quoted(found.label) +
             "; a label may neither begin nor end with '-'";
    case Fault::character: return character_message(text, found.label);
    case Fault::none: break;
  }
  return {};
}

}  // namespace

ServerName::ServerName(std::string_view raw) noexcept {
  if (raw.empty()) return;
  const std::string_view name = without_final_dot(raw);
  if (is_ip_literal(raw)) {
    kind_ = NameKind::ip_literal;
  } else if (name.size() > max_name || first_fault(name).fault != Fault::none) {
    kind_ = NameKind::illegal;
  } else {
    kind_ = NameKind::legal;
    std::transform(name.begin(), name.end(), text_.begin(), lower);
    size_ = name.size();
  }
}

Result<std::string> parse_name(std::string_view text) {
  const std::string_view name = without_final_dot(text);
  if (text.empty()) return error("a domain's name is empty; write a host name such as acme.example");
  if (is_ip_literal(text)) {
    return error(quoted(text) + " is an IP address; domains are found by host name, so write one");
  }
  if (const LabelFault found = first_fault(name); found.fault != Fault::none) {
    return error(fault_message(text, found));
  }
  if (name.size() > max_name) {
    return error(quoted(text) + " has " + std::to_string(name.size()) +
                 " characters; a host name has at most 253");
  }
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view drop_label(std::string_view name) noexcept {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool covers(std::string_view pattern, std::string_view name) noexcept {
  if (name.empty() || pattern.find('\0') != std::string_view::npos) return false;
  if (!pattern.starts_with("*.")) return pattern == name && pattern.find('*') == std::string_view::npos;
  const std::string_view rest = pattern.substr(2);
  // A wildcard right under a top-level name is believed by no browser.
  if (rest.find('.') == std::string_view::npos || rest.find('*') != std::string_view::npos) return false;
  const std::size_t dot = name.find('.');
  return dot != 0 && dot != std::string_view::npos && name.substr(dot + 1) == rest;
}

}  // namespace arbortls::domain
