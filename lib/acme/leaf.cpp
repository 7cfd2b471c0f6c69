#include "acme/leaf.hpp"

#include "cert/checks.hpp"
#include "cert/pem_blocks.hpp"

#include <openssl/err.h>

#include <optional>

namespace arbortls::acme {
namespace {

std::optional<Leaf> read(const cert::PemBlock& block) {
  auto der = cert::decode_base64(block.base64);
  if (!der) return std::nullopt;
  const unsigned char* at = der->data();
  openssl::X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der->size())));
  const bool whole = x509 && at == der->data() + der->size();
  ERR_clear_error();
  if (!whole) return std::nullopt;
  return Leaf{std::move(x509), std::move(*der)};
}

}  // namespace

Result<Leaf> leaf_of(std::string_view pem) {
  const auto found = cert::find_pem_blocks(pem);
  if (!found) return found.error();
  std::optional<Leaf> first;
  for (const auto& block : found->blocks) {
    if (block.label != "CERTIFICATE") continue;
    auto leaf = read(block);
    if (!leaf) return error("a certificate is damaged");
    if (!cert::is_ca(leaf->x509.get())) return std::move(*leaf);
    if (!first) first = std::move(leaf);
  }
  if (!first) return error("no certificate found");
  return std::move(*first);
}

}  // namespace arbortls::acme
