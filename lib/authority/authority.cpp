#include "authority/authority.hpp"

#include "authority/csr.hpp"
#include "authority/leaf.hpp"
#include "authority/x509_facts.hpp"
#include "cert/build.hpp"
#include "cert/checks.hpp"
#include "cert/load.hpp"
#include "cert/names.hpp"
#include "cert/pem_write.hpp"

#include <algorithm>
#include <ctime>

#include <openssl/ec.h>
#include <openssl/err.h>

namespace arbortls::authority {
namespace {

using openssl::EvpPkeyPtr;
using openssl::X509Ptr;

constexpr std::int64_t hour = 3600;
constexpr std::int64_t clock_skew = hour;
constexpr std::int64_t min_lifetime = hour;
constexpr std::int64_t longest_root = 36'500 * day;
constexpr std::size_t most_names = 100;
constexpr std::size_t most_name_bytes = 54;  // of RFC 5280's 64, with the mark behind it

Result<void> check(const RootWish& wish) {
  if (wish.lifetime < day || wish.lifetime > longest_root)
    return error("a root lives from a day to 36500 days");
  const std::string& name = wish.common_name;
  if (name.empty() || name.size() > most_name_bytes || !is_plain_text(name))
    return error("a root's name has 1 to " + std::to_string(most_name_bytes) + " bytes of text");
  return {};
}

// Two roots of one name would be one to clients that look an issuer up by its name.
std::string marked(const std::string& name, X509* x509, std::int64_t now) {
  const std::time_t seconds = now;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return name + ' ' + std::to_string(1900 + parts.tm_year) + '-' + serial_of(x509).substr(0, 4);
}

X509Ptr build_root(EVP_PKEY* key, const RootWish& wish, const Permitted& permitted,
                   std::int64_t now) {
  X509Ptr made(X509_new());
  X509* x509 = made.get();
  const bool built =
      made && X509_set_version(x509, X509_VERSION_3) == 1 && cert::set_random_serial(x509) &&
      cert::set_dates(x509, now - clock_skew, now + wish.lifetime) &&
      cert::set_common_name(X509_get_subject_name(x509), marked(wish.common_name, x509, now)) &&
      X509_set_issuer_name(x509, X509_get_subject_name(x509)) == 1 &&
      X509_set_pubkey(x509, key) == 1 &&
      cert::add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      cert::add_extension(x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      cert::add_extension(x509, x509, NID_subject_key_identifier, "hash") &&
      add_constraints(x509, permitted, wish.critical) && X509_sign(x509, key, EVP_sha256()) > 0;
  return built ? std::move(made) : nullptr;
}

Result<std::vector<std::string>> canonical(const std::vector<std::string>& names) {
  if (names.empty()) return error("a certificate needs at least one name");
  if (names.size() > most_names)
    return error("a certificate has at most " + std::to_string(most_names) + " names");
  std::vector<std::string> made;
  for (const auto& name : names) {
    if (!cert::is_ip_literal(name) && !cert::is_host_name(name))
      return error("'" + name + "' is neither a host name nor an address");
    std::string one = canonical_name(name);
    if (std::find(made.begin(), made.end(), one) == made.end()) made.push_back(std::move(one));
  }
  return made;
}

// Where there are addresses only, clients judge a common name that looks like a host's by the
// constraints on host names: it must not look like one.
std::string server_name(const std::vector<std::string>& names) {
  const bool addresses_only = std::all_of(names.begin(), names.end(), cert::is_ip_literal);
  return addresses_only ? "address " + names.front() : cert::common_name_of(names);
}

Result<void> check_names(const RootCertificate& root, const std::vector<std::string>& names) {
  const auto outside = not_permitted(root.permitted, names);
  if (outside.empty()) return {};
  std::string list;
  for (const auto& name : outside) list += (list.empty() ? "" : ", ") + name;
  return error("the root '" + root.common_name + "' may not sign for " + list +
               ", only at or below " + to_text(root.permitted));
}

Result<void> check_dates(const RootCertificate& root, std::int64_t lifetime, std::int64_t now) {
  const std::string whose = "the root '" + root.common_name + "' ";
  if (now < root.not_before)
    return error(whose + "is not valid before " + cert::date_text(root.not_before) +
                 ": is the clock right?");
  if (now >= root.not_after) return error(whose + "expired on " + cert::date_text(root.not_after));
  if (lifetime < min_lifetime || lifetime > max_lifetime)
    return error("a certificate lives from an hour to 825 days");
  return {};
}

}  // namespace

std::string certificate_text(const Leaf& leaf, std::string_view header) {
  std::string text;
  // No growing: a reallocation would leave a copy of the key behind.
  text.reserve(header.size() + leaf.key_pem.size() + leaf.certificate_pem.size());
  return text.append(header).append(leaf.key_pem).append(leaf.certificate_pem);
}

Authority::Authority(RootCertificate root, X509Ptr x509, EvpPkeyPtr key)
    : root_(std::move(root)), x509_(std::move(x509)), key_(std::move(key)) {}

Result<Authority> Authority::make(const RootWish& wish, std::int64_t now) {
  return make(wish, EvpPkeyPtr(EVP_EC_gen("P-256")), now);
}

Result<Authority> Authority::make(const RootWish& wish, EvpPkeyPtr key, std::int64_t now) {
  if (const auto sound = check(wish); !sound) return sound.error();
  const auto permitted = normalized(wish.permitted);
  if (!permitted) return permitted.error();
  if (!key) return error("cannot make a key: " + openssl::drain_errors());
  const X509Ptr x509 = build_root(key.get(), wish, *permitted, now);
  if (!x509) return error("cannot make a root: " + openssl::drain_errors());
  return of(cert::certificate_to_pem(x509.get()), std::move(key));
}

Result<Authority> Authority::of(std::string_view certificate, EvpPkeyPtr key) {
  auto root = read_root(certificate);
  if (!root) return root.error();
  const unsigned char* at = root->der.data();
  X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(root->der.size())));
  const bool own = x509 && EVP_PKEY_eq(X509_get0_pubkey(x509.get()), key.get()) == 1;
  ERR_clear_error();
  if (!own) return error("the key is not this certificate's");
  return Authority(std::move(*root), std::move(x509), std::move(key));
}

std::string Authority::key_pem(const std::string& passphrase) const {
  return cert::key_to_pem(key_.get(), passphrase);
}

Result<Leaf> Authority::issue(const LeafWish& wish, std::int64_t now) const {
  auto names = canonical(wish.names);
  if (!names) return names.error();
  std::string common_name = server_name(*names);
  auto content =
      content_for({Purpose::server, std::move(common_name), std::move(*names)}, wish.lifetime, now);
  if (!content) return content.error();
  const EvpPkeyPtr key = make_leaf_key(wish.key);
  if (!key) return error("cannot make a key: " + openssl::drain_errors());
  auto leaf = certified(std::move(*content), key.get(), now);
  if (!leaf) return leaf.error();
  leaf->key_pem = cert::key_to_pem(key.get(), {});
  if (leaf->key_pem.empty()) return error("cannot write a key: " + openssl::drain_errors());
  return leaf;
}

Result<Leaf> Authority::sign_csr(std::string_view csr, Purpose purpose, std::int64_t lifetime,
                                 std::int64_t now) const {
  const auto request = read_csr(csr);
  if (!request) return request.error();
  Subject subject{purpose, request->common_name, {}};
  if (purpose == Purpose::server || request->has_san) {
    auto names = canonical(request->names);
    if (!names) return names.error();
    subject.names = std::move(*names);
  }
  if (purpose == Purpose::server) subject.common_name = server_name(subject.names);
  if (subject.common_name.empty()) return error("the request names nobody");
  auto content = content_for(std::move(subject), lifetime, now);
  if (!content) return content.error();
  return certified(std::move(*content), request->key.get(), now);
}

Result<LeafContent> Authority::content_for(Subject subject, std::int64_t lifetime,
                                           std::int64_t now) const {
  if (const auto in_time = check_dates(root_, lifetime, now); !in_time) return in_time.error();
  if (const auto allowed = check_names(root_, subject.names); !allowed) return allowed.error();
  LeafContent content;
  content.subject = std::move(subject);
  content.not_before = std::max(now - clock_skew, root_.not_before);
  content.not_after = std::min(now + lifetime, root_.not_after);
  return content;
}

Result<Leaf> Authority::certified(LeafContent content, EVP_PKEY* key, std::int64_t now) const {
  content.key = key;
  return certify(content, {x509_.get(), key_.get()}, now);
}

}  // namespace arbortls::authority
