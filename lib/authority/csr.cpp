#include "authority/csr.hpp"

#include "authority/x509_facts.hpp"
#include "cert/checks.hpp"
#include "cert/key_read.hpp"
#include "cert/names.hpp"
#include "cert/pem_blocks.hpp"

#include <openssl/err.h>

namespace arbortls::authority {
namespace {

using RequestPtr = openssl::Handle<X509_REQ, X509_REQ_free>;

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * all) const noexcept {
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

constexpr std::size_t most_bytes = 64 * 1024;

Result<cert::Bytes> der_of(std::string_view bytes) {
  if (bytes.find("-----BEGIN ") == std::string_view::npos)
    return cert::Bytes(bytes.begin(), bytes.end());
  const auto found = cert::find_pem_blocks(bytes);
  if (!found) return found.error();
  for (const auto& block : found->blocks) {
    if (block.label != "CERTIFICATE REQUEST" && block.label != "NEW CERTIFICATE REQUEST") continue;
    if (auto der = cert::decode_base64(block.base64)) return std::move(*der);
    return error("the signing request is not base64");
  }
  return error("no certificate signing request found");
}

RequestPtr parse(const cert::Bytes& der) {
  const unsigned char* at = der.data();
  RequestPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  return request && at == der.data() + der.size() ? std::move(request) : nullptr;
}

// Names are read as those of a certificate are, by one that bears the request's subject and SAN.
Result<cert::Names> names_of(X509_REQ* request) {
  const openssl::X509Ptr bearer(X509_new());
  const ExtensionsPtr extensions(X509_REQ_get_extensions(request));
  const int at =
      extensions ? X509v3_get_ext_by_NID(extensions.get(), NID_subject_alt_name, -1) : -1;
  const bool borne =
      bearer && X509_set_subject_name(bearer.get(), X509_REQ_get_subject_name(request)) == 1 &&
      (at < 0 || X509_add_ext(bearer.get(), X509v3_get_ext(extensions.get(), at), -1) == 1);
  ERR_clear_error();
  if (!borne) return error("the signing request's names cannot be read");
  auto names = cert::names_of(bearer.get());
  if (!names.refused.empty()) return error(names.refused.front());
  return names;
}

}  // namespace

Result<SigningRequest> read_csr(std::string_view bytes) {
  if (bytes.size() > most_bytes) return error("the signing request is too large");
  ERR_clear_error();
  const auto der = der_of(bytes);
  if (!der) return der.error();
  const RequestPtr request = parse(*der);
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  const bool whole =
      key != nullptr && cert::type_of(key) && X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!whole) return error("the signing request is damaged, or not signed by its own key");
  if (const auto weak = cert::key_weakness(key)) return error(*weak);
  auto names = names_of(request.get());
  if (!names) return names.error();
  SigningRequest read;
  read.key = openssl::share(key);
  read.common_name = common_name_of(X509_REQ_get_subject_name(request.get()));
  if (!is_plain_text(read.common_name)) return error("the request's common name is no text");
  read.has_san = names->has_san;
  read.names = std::move(names->names);
  return read;
}

}  // namespace arbortls::authority
