#include "acme/key_text.hpp"

#include "cert/key_read.hpp"

namespace arbortls::acme {

Result<openssl::EvpPkeyPtr> key_of(std::string_view pem, int kind) {
  const auto found = cert::find_pem_blocks(pem);
  if (!found) return found.error();
  cert::Tools tools;
  for (const auto& block : found->blocks) {
    if (!cert::is_key_label(block.label)) continue;
    auto read = cert::read_key(block, {}, tools);
    if (!read) return read.error();
    if (kind == 0 || EVP_PKEY_get_base_id(read->key.get()) == kind) return std::move(read->key);
  }
  return error("no private key found");
}

}  // namespace arbortls::acme
