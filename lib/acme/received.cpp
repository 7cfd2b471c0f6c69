#include "acme/received.hpp"

#include "acme/failure.hpp"
#include "acme/leaf.hpp"
#include "cert/checks.hpp"
#include "cert/load.hpp"

namespace arbortls::acme {
namespace {

Unfit unfit(const std::string& why) {
  return {"the certificate the CA sent cannot be used: " + plain_text(why)};
}

// Nothing where it is within its dates.
std::optional<Unfit> out_of_date(X509* leaf, std::int64_t now) {
  const auto begin = cert::unix_time(X509_get0_notBefore(leaf));
  const auto end = cert::unix_time(X509_get0_notAfter(leaf));
  if (begin <= now && now < end) return std::nullopt;
  auto late = unfit("it is valid from " + cert::date_text(begin) + " to " + cert::date_text(end) +
                    ", and here it is " + cert::date_text(now));
  late.by_clock = true;
  return late;
}

std::optional<std::string> name_left_out(const cert::Certificate& certificate,
                                         const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (!certificate.covers(name)) return name;
  }
  return std::nullopt;
}

}  // namespace

std::variant<Received, Unfit> check_received(std::string_view chain, const std::string& key_pem,
                                             const std::vector<std::string>& names,
                                             std::int64_t now) {
  const auto leaf = leaf_of(chain);
  if (!leaf) return unfit(leaf.error().message);
  if (const auto late = out_of_date(leaf->x509.get(), now)) return *late;
  cert::LoadOptions options;
  options.now = now;
  std::string text;
  text.reserve(key_pem.size() + chain.size() + 1);
  text.append(key_pem).append("\n").append(chain);
  const auto loaded = cert::load_pem(text, options);
  cert::wipe(text);
  if (!loaded) return unfit(loaded.error().message);
  const cert::Certificate& certificate = *loaded->certificate;
  if (const auto name = name_left_out(certificate, names)) {
    return unfit("it does not cover " + *name);
  }
  return Received{cert::to_pem(certificate), certificate.pairs.front().not_before,
                  certificate.not_after()};
}

}  // namespace arbortls::acme
