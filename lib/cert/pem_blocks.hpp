#pragma once
// Finds the BEGIN/END pairs in any text (RFC 7468, RFC 1421), whatever stands around them and
// however the lines are folded. Pure: knows no OpenSSL and copies nothing of the text.

#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::cert {

// How a block with RFC 1421 headers is encrypted; both are empty when it is not.
struct DekInfo {
  std::string_view cipher;  // such as "AES-256-CBC"
  std::string_view iv;      // in hex
  bool present() const noexcept { return !cipher.empty(); }
};

// The views point into the text that was searched.
struct PemBlock {
  std::string_view label;   // such as "CERTIFICATE"
  std::string_view base64;  // with the white space it came with
  DekInfo dek;
  std::size_t offset = 0;  // of the BEGIN in the text
};

struct PemBlocks {
  std::vector<PemBlock> blocks;
  bool stray_end = false;  // an END stood where no block was open
};

// Errors: a text that ends inside a pair or inside a BEGIN line, an END that does not fit its
// BEGIN, a block inside a block, a damaged BEGIN line or header.
Result<PemBlocks> find_pem_blocks(std::string_view text);

// The bytes behind the base64; nothing for anything that is not base64. White space, and `\n` or
// `\r` written out as two characters, are passed over.
std::optional<Bytes> decode_base64(std::string_view text);

// 1 for the first line.
std::size_t line_of(std::string_view text, std::size_t offset) noexcept;

}  // namespace arbortls::cert
