#include "openssl/bare_library.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/sha.h>

// OpenSSL takes the fingerprint of a certificate whose extensions it looks at, by SHA-1 of the
// certificate's own library, and takes those without one for invalid. This SHA-1 is the default
// library's.

namespace arbortls::openssl {
namespace {

using AnyFunction = void (*)();

EVP_MD_CTX* hash_of(void* context) noexcept { return static_cast<EVP_MD_CTX*>(context); }

void* sha1_new(void* /*provider*/) noexcept { return EVP_MD_CTX_new(); }
void sha1_free(void* context) noexcept { EVP_MD_CTX_free(hash_of(context)); }

int sha1_init(void* context, const OSSL_PARAM* /*params*/) noexcept {
  return EVP_DigestInit_ex(hash_of(context), EVP_sha1(), nullptr);
}

int sha1_update(void* context, const unsigned char* bytes, std::size_t size) noexcept {
  return EVP_DigestUpdate(hash_of(context), bytes, size);
}

int sha1_final(void* context, unsigned char* out, std::size_t* length, std::size_t room) noexcept {
  if (room < SHA_DIGEST_LENGTH) return 0;
  *length = SHA_DIGEST_LENGTH;
  return EVP_DigestFinal_ex(hash_of(context), out, nullptr);
}

int sha1_describe(OSSL_PARAM* params) noexcept {
  OSSL_PARAM* size = OSSL_PARAM_locate(params, OSSL_DIGEST_PARAM_SIZE);
  OSSL_PARAM* block = OSSL_PARAM_locate(params, OSSL_DIGEST_PARAM_BLOCK_SIZE);
  return (size == nullptr || OSSL_PARAM_set_size_t(size, SHA_DIGEST_LENGTH) == 1) &&
                 (block == nullptr || OSSL_PARAM_set_size_t(block, SHA_CBLOCK) == 1)
             ? 1
             : 0;
}

const OSSL_ALGORITHM* offer(void* /*provider*/, int operation, int* no_store) noexcept {
  static const OSSL_DISPATCH sha1[] = {
      {OSSL_FUNC_DIGEST_NEWCTX, reinterpret_cast<AnyFunction>(sha1_new)},
      {OSSL_FUNC_DIGEST_FREECTX, reinterpret_cast<AnyFunction>(sha1_free)},
      {OSSL_FUNC_DIGEST_INIT, reinterpret_cast<AnyFunction>(sha1_init)},
      {OSSL_FUNC_DIGEST_UPDATE, reinterpret_cast<AnyFunction>(sha1_update)},
      {OSSL_FUNC_DIGEST_FINAL, reinterpret_cast<AnyFunction>(sha1_final)},
      {OSSL_FUNC_DIGEST_GET_PARAMS, reinterpret_cast<AnyFunction>(sha1_describe)},
      {0, nullptr}};
  static const OSSL_ALGORITHM digests[] = {{"SHA1:SHA-1", "provider=arbortls", sha1, nullptr},
                                           {nullptr, nullptr, nullptr, nullptr}};
  *no_store = 0;
  return operation == OSSL_OP_DIGEST ? digests : nullptr;
}

int start(const OSSL_CORE_HANDLE* /*core*/, const OSSL_DISPATCH* /*from_core*/,
          const OSSL_DISPATCH** functions, void** provider) noexcept {
  static const OSSL_DISPATCH offered[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<AnyFunction>(offer)}, {0, nullptr}};
  *functions = offered;
  *provider = nullptr;
  return 1;
}

}  // namespace

BareLibrary::BareLibrary() : library_(OSSL_LIB_CTX_new()) {
  constexpr const char* name = "bare";
  if (library_ && OSSL_PROVIDER_add_builtin(library_.get(), name, start) == 1) {
    provider_.reset(OSSL_PROVIDER_load(library_.get(), name));
  }
  ERR_clear_error();
}

}  // namespace arbortls::openssl
