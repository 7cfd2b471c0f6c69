#include "acme/conversation.hpp"

#include "acme/base64url.hpp"
#include "acme/times.hpp"

#include <utility>

namespace arbortls::acme {
namespace {

constexpr std::int64_t directory_lifetime = 24 * 3600;  // seconds
constexpr std::size_t most_nonces = 16;
constexpr std::size_t longest_nonce = 500;

}  // namespace

Conversation::Conversation(AccountSettings settings, std::shared_ptr<const AccountKey> key,
                           AccountState state)
    : settings_(std::move(settings)), key_(std::move(key)), state_(std::move(state)) {}

const Directory* Conversation::directory(std::int64_t now) const noexcept {
  const bool fresh = directory_ && now - directory_read_ < directory_lifetime;
  return fresh ? &*directory_ : nullptr;
}

void Conversation::set_directory(Directory directory, std::int64_t now) {
  directory_ = std::move(directory);
  directory_read_ = now;
}

void Conversation::keep(const Reply& reply, std::int64_t now) {
  const auto nonce = reply.header("Replay-Nonce");
  if (!nonce.empty() && nonce.size() <= longest_nonce && from_base64url(nonce)) {
    nonces_.emplace_back(nonce);
    if (nonces_.size() > most_nonces) nonces_.pop_front();
  }
  if (const auto date = parse_http_date(reply.header("Date"))) clock_offset_ = *date - now;
}

std::optional<std::string> Conversation::take_nonce() {
  if (nonces_.empty()) return std::nullopt;
  std::string nonce = std::move(nonces_.back());
  nonces_.pop_back();
  return nonce;
}

}  // namespace arbortls::acme
