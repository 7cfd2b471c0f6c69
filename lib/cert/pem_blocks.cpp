#include "cert/pem_blocks.hpp"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>

namespace arbortls::cert {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view white = " \t\r\n\v\f";
constexpr std::string_view truncated = "certificate text ends inside a BEGIN/END pair (truncated?)";

bool is_label_char(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
}

bool is_hex(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string at_line(std::string_view text, std::size_t offset) {
  return "line " + std::to_string(line_of(text, offset)) + ": ";
}

// White space, and the two characters that stand for it where a PEM went through a JSON or shell
// string.
std::size_t skip_white(std::string_view text, std::size_t at) noexcept {
  while (at < text.size()) {
    if (white.find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (text[at] == '\\' && at + 1 < text.size() &&
               (text[at + 1] == 'n' || text[at + 1] == 'r')) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

// A cut inside the word BEGIN leaves a tail that is no block yet, but was to become one. Fewer than
// five dashes are taken for that only where nothing else stands: prose may end in a dash.
bool ends_inside_begin_mark(std::string_view rest) noexcept {
  for (std::size_t length = std::min(begin_mark.size() - 1, rest.size()); length > 0; --length) {
    const auto before = rest.substr(0, rest.size() - length);
    if (!begin_mark.starts_with(rest.substr(before.size())) || before.ends_with('-')) continue;
    return length >= dashes.size() || skip_white(before, 0) == before.size();
  }
  return false;
}

// The label behind a mark up to the dashes that close it; an empty view with `cut` set at the
// text's end.
struct Label {
  std::string_view text;
  bool cut = false;
  bool damaged = false;
};

Label read_label(std::string_view rest) noexcept {
  std::size_t length = 0;
  while (length < rest.size() && is_label_char(rest[length])) ++length;
  const auto tail = rest.substr(length);
  if (tail.starts_with(dashes)) return {rest.substr(0, length), false, length == 0};
  if (dashes.starts_with(tail)) return {{}, true, false};
  return {{}, false, length > 0};
}

// IVs are 8 bytes for the DES family and 16 for all other ciphers that RFC 1421 files are made
// with. The length matters because a folded text may put the base64 right behind the IV.
std::size_t iv_digits(std::string_view cipher) noexcept {
  return cipher.starts_with("DES") ? 16 : 32;
}

// Takes `Proc-Type: 4,ENCRYPTED` and `DEK-Info: CIPHER,IV` off the front of a body.
bool take_headers(PemBlock& block) noexcept {
  std::string_view body = block.base64.substr(skip_white(block.base64, 0));
  if (!body.starts_with("Proc-Type:")) return true;
  constexpr std::string_view key = "DEK-Info:";
  const auto found = body.find(key);
  if (found == std::string_view::npos) return false;
  body.remove_prefix(found + key.size());
  body.remove_prefix(std::min(body.find_first_not_of(' '), body.size()));
  const auto comma = body.substr(0, 40).find(',');
  if (comma == std::string_view::npos || comma == 0) return false;
  const auto cipher = body.substr(0, comma);
  const auto iv = body.substr(comma + 1, iv_digits(cipher));
  if (iv.size() != iv_digits(cipher) || !std::all_of(iv.begin(), iv.end(), is_hex)) return false;
  block.dek = {cipher, iv};
  block.base64 = body.substr(comma + 1 + iv.size());
  return true;
}

// Reads the block whose label begins at `at`; `at` moves behind its END.
Result<PemBlock> read_block(std::string_view text, std::string_view label, std::size_t& at) {
  const std::size_t offset = at - begin_mark.size();
  const std::size_t body = at + label.size() + dashes.size();
  const std::size_t end = text.find(dashes, body);
  if (end == std::string_view::npos) return error(std::string(truncated));
  const auto tail = text.substr(end);
  if (tail.size() < end_mark.size() && end_mark.starts_with(tail))
    return error(std::string(truncated));
  if (!tail.starts_with(end_mark)) {
    return error(at_line(text, offset) + "the " + std::string(label) + " block has no END line");
  }
  const auto closing = read_label(tail.substr(end_mark.size()));
  if (closing.cut) return error(std::string(truncated));
  if (closing.text != label) {
    return error(at_line(text, end) + "the END line does not fit the BEGIN " + std::string(label));
  }
  PemBlock block{label, text.substr(body, end - body), {}, offset};
  if (!take_headers(block)) {
    return error(at_line(text, offset) + "the encryption header of the " + std::string(label) +
                 " block is damaged");
  }
  at = end + end_mark.size() + label.size() + dashes.size();
  return block;
}

constexpr unsigned char not_base64 = 255;

constexpr std::array<unsigned char, 256> base64_values() {
  std::array<unsigned char, 256> values{};
  values.fill(not_base64);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<unsigned char>(i);
  }
  return values;
}

constexpr auto value_of = base64_values();

// Appends what the base64 stands for; false as soon as it is not base64. `bytes` has the capacity
// already, so no half-decoded key is left behind by a reallocation.
bool decode_into(Bytes& bytes, std::string_view text) {
  unsigned bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto value = value_of[static_cast<unsigned char>(text[at])];
    if (value == not_base64) {
      const std::size_t white_end = skip_white(text, at);
      if (white_end == at && (text[at] != '=' || ++padding > 2)) return false;
      at = std::max(white_end, at + 1);
      continue;
    }
    if (padding > 0) return false;
    ++at;
    bits = (bits << 6) | value;
    if (++digits % 4 == 0) {
      bytes.push_back(static_cast<unsigned char>(bits >> 16));
      bytes.push_back(static_cast<unsigned char>(bits >> 8));
      bytes.push_back(static_cast<unsigned char>(bits));
    }
  }
  if ((digits + padding) % 4 != 0) return false;
  if (padding == 1) bytes.push_back(static_cast<unsigned char>(bits >> 10));
  if (padding > 0) {
    const unsigned shift = padding == 1 ? 2 : 4;
    bytes.push_back(static_cast<unsigned char>(bits >> shift));
  }
  return true;
}

}  // namespace

Result<PemBlocks> find_pem_blocks(std::string_view text) {
  PemBlocks found;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find(begin_mark, at);
    const auto outside = text.substr(at, begin == std::string_view::npos ? begin : begin - at);
    if (outside.find(end_mark) != std::string_view::npos) found.stray_end = true;
    if (begin == std::string_view::npos) break;
    at = begin + begin_mark.size();
    const auto label = read_label(text.substr(at));
    if (label.cut) return error(std::string(truncated));
    if (label.damaged) return error(at_line(text, begin) + "the BEGIN line is damaged");
    // Prose may speak of a BEGIN line; only a label makes it one.
    if (label.text.empty()) continue;
    auto block = read_block(text, label.text, at);
    if (!block) return block.error();
    found.blocks.push_back(*block);
  }
  if (ends_inside_begin_mark(text.substr(at))) return error(std::string(truncated));
  return found;
}

std::optional<Bytes> decode_base64(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  if (decode_into(bytes, text)) return bytes;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return std::nullopt;
}

std::size_t line_of(std::string_view text, std::size_t offset) noexcept {
  const auto before = text.substr(0, std::min(offset, text.size()));
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace arbortls::cert
