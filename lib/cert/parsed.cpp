#include "cert/parsed.hpp"

#include <openssl/asn1t.h>
#include <openssl/err.h>

#include <optional>
#include <span>
#include <utility>

namespace arbortls::cert {
namespace {

using View = std::span<const unsigned char>;
using Asn1StringPtr = openssl::Handle<ASN1_STRING, ASN1_STRING_free>;

struct Element {
  View all;
  View content;
};

// The SEQUENCE at the front; nothing for one of indefinite length, which DER has not.
std::optional<Element> sequence_at_front(View bytes) {
  constexpr int constructed = V_ASN1_CONSTRUCTED;
  const unsigned char* at = bytes.data();
  long length = 0;
  int tag = 0;
  int kind = 0;
  const int found = ASN1_get_object(&at, &length, &tag, &kind, static_cast<long>(bytes.size()));
  if (found != constructed || tag != V_ASN1_SEQUENCE || kind != V_ASN1_UNIVERSAL) {
    ERR_clear_error();
    return std::nullopt;
  }
  const auto header = static_cast<std::size_t>(at - bytes.data());
  const auto size = static_cast<std::size_t>(length);
  return Element{bytes.first(header + size), bytes.subspan(header, size)};
}

// What the signature stands for: the first part of the certificate, byte for byte.
std::optional<View> signed_part(View certificate) {
  const auto outer = sequence_at_front(certificate);
  const auto inner = outer ? sequence_at_front(outer->content) : std::nullopt;
  if (!inner) return std::nullopt;
  return inner->all;
}

ParsedPtr made(openssl::X509Ptr x509, Der der, const Digest& sha256, bool whole) {
  return std::make_shared<const ParsedCertificate>(
      ParsedCertificate{std::move(x509), std::move(der), sha256, whole});
}

bool is_self_issued(X509* x509) {
  return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

// X509_verify would look for the key's algorithms in the bare library.
bool verifies(const ParsedCertificate& subject, EVP_PKEY* key) {
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, subject.x509.get());
  if (X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(subject.x509.get())) != 0) return false;
  const auto text = signed_part(*subject.der);
  const Asn1StringPtr part(ASN1_STRING_type_new(V_ASN1_SEQUENCE));
  return text && part &&
         ASN1_STRING_set(part.get(), text->data(), static_cast<int>(text->size())) == 1 &&
         ASN1_item_verify_ex(ASN1_ITEM_rptr(ASN1_SEQUENCE), algorithm, signature, part.get(),
                             nullptr, key, nullptr, nullptr) == 1;
}

}  // namespace

Error damaged_certificate() {
  const std::string reason = openssl::drain_errors();
  return error("a certificate is damaged" + (reason.empty() ? "" : " (" + reason + ")"));
}

Result<ParsedPtr> parse_whole(Der der, const Digest& sha256) {
  const unsigned char* at = der->data();
  openssl::X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der->size())));
  if (!x509) return damaged_certificate();
  if (at != der->data() + der->size()) return error("bytes follow a certificate in its block");
  return made(std::move(x509), std::move(der), sha256, true);
}

Result<ParsedPtr> parse_lightly(Der der, const Digest& sha256, const Tools& tools) {
  OSSL_LIB_CTX* library = tools.bare_library().get();
  if (library == nullptr || !signed_part(*der)) return parse_whole(std::move(der), sha256);
  const unsigned char* at = der->data();
  X509* target = X509_new_ex(library, nullptr);
  const bool parsed = target != nullptr &&
                      d2i_X509(&target, &at, static_cast<long>(der->size())) != nullptr &&
                      at == der->data() + der->size();
  openssl::X509Ptr x509(target);
  ERR_clear_error();
  // Whether a certificate of its own name signed itself is told by its public key as well.
  if (!parsed || is_self_issued(x509.get())) return parse_whole(std::move(der), sha256);
  return made(std::move(x509), std::move(der), sha256, false);
}

Result<void> complete(ParsedPtr& certificate) {
  if (certificate->whole) return {};
  auto whole = parse_whole(certificate->der, certificate->sha256);
  if (!whole) return whole.error();
  certificate = std::move(*whole);
  return {};
}

bool signed_by(const ParsedCertificate& subject, EVP_PKEY* key) {
  const bool verified =
      subject.whole ? X509_verify(subject.x509.get(), key) == 1 : verifies(subject, key);
  ERR_clear_error();
  return verified;
}

}  // namespace arbortls::cert
