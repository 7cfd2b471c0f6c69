#include "acme/renewal_info.hpp"

#include "acme/base64url.hpp"
#include "acme/json_read.hpp"
#include "acme/leaf.hpp"
#include "acme/times.hpp"

#include <algorithm>

namespace arbortls::acme {
namespace {

constexpr std::int64_t usual_interval = 6 * 3600;  // seconds (RFC 9773, 4.3.2)
constexpr std::int64_t least_interval = 60;        // seconds (RFC 9773, 4.3.1)

using KeyIdPtr = openssl::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

std::string text_of(const ASN1_OCTET_STRING* octets) {
  return base64url(std::span(ASN1_STRING_get0_data(octets),
                             static_cast<std::size_t>(ASN1_STRING_length(octets))));
}

// The INTEGER's content as DER has it: with the leading zero of a number whose first bit is set.
std::string serial_of(X509* x509) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  const openssl::BnPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  if (bytes.empty() || (static_cast<unsigned char>(bytes.front()) & 0x80) != 0) {
    bytes.insert(bytes.begin(), '\0');
  }
  return base64url(bytes);
}

std::int64_t ask_again_at(const Reply& reply, std::int64_t now) {
  const auto wanted = retry_at(reply, now);
  return std::max(wanted.value_or(now + usual_interval), now + least_interval);
}

}  // namespace

Result<std::string> certificate_id(std::string_view pem) {
  const auto leaf = leaf_of(pem);
  if (!leaf) return leaf.error();
  const KeyIdPtr issuer(static_cast<AUTHORITY_KEYID*>(
      X509_get_ext_d2i(leaf->x509.get(), NID_authority_key_identifier, nullptr, nullptr)));
  openssl::drain_errors();
  if (!issuer || issuer->keyid == nullptr) {
    return error("the certificate does not name its issuer's key");
  }
  return text_of(issuer->keyid) + "." + serial_of(leaf->x509.get());
}

Ask renewal_info(const std::string& certificate_id) {
  Ask ask;
  ask.at = Ask::At::renewal_info;
  ask.url = certificate_id;
  ask.what = "asking when to renew";
  return ask;
}

Result<RenewalInfo> parse_renewal_info(const Reply& reply, std::int64_t now) {
  const auto object = parse_object(reply.body);
  const auto* window = object ? object_at(*object, "suggestedWindow") : nullptr;
  if (window == nullptr) return error("the renewal information has no suggestedWindow");
  const auto start = parse_rfc3339(text_at(*window, "start"));
  const auto end = parse_rfc3339(text_at(*window, "end"));
  if (!start || !end || *end <= *start) {
    return error("the renewal information's suggestedWindow is not one");
  }
  RenewalInfo info{*start, *end, text_at(*object, "explanationURL"), ask_again_at(reply, now)};
  if (!is_url(info.explanation_url)) info.explanation_url.clear();
  return info;
}

}  // namespace arbortls::acme
