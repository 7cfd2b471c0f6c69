#include "issuance/ca.hpp"

#include "base/file.hpp"
#include "cert/certificate.hpp"
#include "cert/digest.hpp"
#include "cert/load.hpp"
#include "issuance/plan.hpp"

#include <filesystem>
#include <span>
#include <utility>

namespace arbortls::issuance {
namespace {

constexpr std::size_t key_file_limit = 64 * 1024;
constexpr std::size_t secret_limit = 4096;

std::string key_file_of(const std::string& account) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(account.data());
  return "account-" + cert::to_hex(cert::sha256(std::span(bytes, account.size()))).substr(0, 16) + ".key";
}

Result<acme::AccountKey> make_key(const std::string& file) {
  auto key = acme::AccountKey::generate();
  if (!key) return key.error();
  std::string pem = key->to_pem();
  const auto written = write_file_atomically(file, pem, 0600);
  cert::wipe(pem);
  if (!written) return written.error();
  return key;
}

Result<acme::AccountKey> read_key(const std::string& file) {
  std::error_code code;
  if (!std::filesystem::exists(file, code) && !code) return make_key(file);
  auto pem = read_file(file, key_file_limit);
  if (!pem) return pem.error();
  auto key = acme::AccountKey::from_pem(*pem);
  cert::wipe(*pem);
  if (!key) return error(file + ": " + key.error().message);
  return key;
}

Result<std::optional<acme::ExternalAccount>> read_external(const std::optional<config::AcmeEab>& eab) {
  if (!eab) return std::optional<acme::ExternalAccount>();
  auto text = read_file(eab->hmac_key.file, secret_limit);
  if (!text) return text.error();
  const auto end = text->find_last_not_of(" \t\r\n");
  acme::ExternalAccount external{eab->kid, text->substr(0, end == std::string::npos ? 0 : end + 1)};
  cert::wipe(*text);
  return std::optional(std::move(external));
}

}  // namespace

Result<std::shared_ptr<Ca>> Ca::open(const tls::Automatic& settings, const std::string& directory,
                                     acme::Ledger::Account& entry) {
  const std::string account = account_of(settings);
  if (entry.key_file.empty()) entry.key_file = key_file_of(account);
  auto key = read_key(directory + "/" + entry.key_file);
  if (!key) return key.error();
  auto external = read_external(settings.eab);
  if (!external) return external.error();
  acme::AccountState state;
  if (!entry.state.empty())
    if (auto kept = acme::account_state_from_json(entry.state)) state = std::move(*kept);
  acme::AccountSettings asked{settings.directory, settings.account_email, std::move(*external)};
  return std::shared_ptr<Ca>(
      new Ca{account, settings.ca_file,
             acme::Conversation(std::move(asked), std::make_shared<const acme::AccountKey>(std::move(*key)),
                                std::move(state)),
             {}});
}

bool Ca::fits(const tls::Automatic& settings) const {
  if (account != account_of(settings) || ca_file != settings.ca_file) return false;
  const auto external = read_external(settings.eab);
  if (!external) return false;
  const auto& mine = conversation.settings().external;
  if (external->has_value() != mine.has_value()) return false;
  return !mine || (mine->key_id == (*external)->key_id && mine->hmac_key == (*external)->hmac_key);
}

}  // namespace arbortls::issuance
