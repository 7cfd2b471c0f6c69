#include "http/url.hpp"

#include <algorithm>

namespace arbortls::http {
namespace {

std::string_view usual_port(bool secure) { return secure ? "443" : "80"; }

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != text.npos) return false;
  const int port = std::stoi(std::string(text));
  return port > 0 && port <= 65535;
}

// Takes HOST, HOST:PORT, [V6] or [V6]:PORT apart.
bool split(std::string_view authority, Url& url) {
  const bool bracket = authority.starts_with('[');
  const std::size_t end = bracket ? authority.find(']') : authority.find(':');
  if (bracket && end == authority.npos) return false;
  url.host = authority.substr(bracket ? 1 : 0, bracket ? end - 1 : end);
  const std::string_view rest = end == authority.npos ? "" : authority.substr(end + (bracket ? 1 : 0));
  url.port = rest.empty() ? usual_port(url.secure) : rest.substr(1);
  const bool host_legal = bracket ? url.host.find(':') != url.host.npos &&
                                        url.host.find_first_not_of("0123456789abcdefABCDEF:.") == url.host.npos
                                  : url.host.find_first_of("@[]\\<>\"") == url.host.npos;
  return !url.host.empty() && host_legal && (rest.empty() || rest.front() == ':') && is_port(url.port);
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == host.npos ? host : '[' + host + ']';
  if (port != usual_port(secure)) text.append(":").append(port);
  return text;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (!visible(text)) return error("an address holds visible ASCII only");
  url.secure = text.starts_with("https://");
  if (!url.secure && !text.starts_with("http://")) return error("an address starts with `https://` or `http://`");
  text.remove_prefix(url.secure ? 8 : 7);
  text = text.substr(0, text.find('#'));
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  if (!split(text.substr(0, end), url)) return error("the address has no legal host and port");
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace arbortls::http
