#include "config/formats_automatic.hpp"
#include "config/keys.hpp"

namespace arbortls::config {
namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t day = 24 * hour;

}  // namespace

Keys hook_keys() {
  static constexpr Key rows[] = {
      key<Program, Hooks, &Hooks::renewed>("renewed", "none", "run when a domain has got a new certificate"),
      key<Program, Hooks, &Hooks::failed>("failed", "none", "run when getting one has failed"),
      key<Program, Hooks, &Hooks::expiring>("expiring", "none", "run when one comes near its end; see `expiry`"),
      key<UserName, Hooks, &Hooks::run_as>("run_as", "`nobody`",
                                           "whose rights they have, where the daemon may change to others"),
  };
  return rows;
}

Keys expiry_keys() {
  static constexpr Key rows[] = {
      key<Duration<hour, 3650 * day>, Expiry, &Expiry::info>("info", "30d", "mentioned so long before its end"),
      key<Duration<hour, 3650 * day>, Expiry, &Expiry::warning>("warning", "14d", "warned about so long before"),
  };
  return rows;
}

Keys authority_keys() {
  static constexpr Key rows[] = {
      key<Duration<hour, 825 * day>, Authority, &Authority::lifetime>(
          "lifetime", "30d", "of the certificates that it issues; they are renewed after two thirds of it"),
      key<Duration<day, 36'500 * day>, Authority, &Authority::root_lifetime>("root_lifetime", "3650d",
                                                                            "of its root, when that is made"),
      secret(key<Passphrase, Authority, &Authority::key_passphrase>(
          "key_passphrase", "none", "where the passphrase of its root's private key stands")),
  };
  return rows;
}

}  // namespace arbortls::config
