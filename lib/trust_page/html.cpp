#include "trust_page/html.hpp"

#include <algorithm>

namespace arbortls::trust_page {
namespace {

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

std::string_view entity_of(char c) noexcept {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (is_control(c)) continue;
    const auto entity = entity_of(c);
    if (entity.empty()) {
      safe += c;
    } else {
      safe += entity;
    }
  }
  return safe;
}

std::string filled(std::string_view markup, const Values& values) {
  std::string text;
  for (std::size_t at = 0; at < markup.size();) {
    const auto begin = markup.find('@', at);
    const auto end = begin == markup.npos ? markup.npos : markup.find('@', begin + 1);
    text += markup.substr(at, begin - at);
    if (begin == markup.npos) break;
    const auto name =
        end == markup.npos ? std::string_view() : markup.substr(begin + 1, end - begin - 1);
    const auto value = std::find_if(values.begin(), values.end(),
                                    [name](const auto& entry) { return entry.first == name; });
    if (end == markup.npos || value == values.end()) {
      text += '@';
      at = begin + 1;
    } else {
      text += value->second;
      at = end + 1;
    }
  }
  return text;
}

}  // namespace arbortls::trust_page
