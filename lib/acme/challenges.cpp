#include "acme/challenges.hpp"

#include "acme/challenge_certificate.hpp"

#include <mutex>
#include <utility>

namespace arbortls::acme {

Result<void> Challenges::add(const Challenge& challenge, std::int64_t now) {
  if (challenge.type == ChallengeType::http_01) {
    add_token(challenge.token, challenge.key_authorization);
    return {};
  }
  if (challenge.type != ChallengeType::tls_alpn_01) {
    return error(std::string(to_string(challenge.type)) + " is not answered by us");
  }
  auto made = make_challenge_certificate(challenge.identifier, challenge.key_authorization, now);
  if (!made) return made.error();
  const std::unique_lock lock(mutex_);
  certificates_.insert_or_assign(challenge_server_name(challenge.identifier), std::move(*made));
  count();
  return {};
}

void Challenges::remove(const Challenge& challenge) {
  if (challenge.type == ChallengeType::http_01) return remove_token(challenge.token);
  if (challenge.type != ChallengeType::tls_alpn_01) return;
  const std::unique_lock lock(mutex_);
  certificates_.erase(challenge_server_name(challenge.identifier));
  count();
}

void Challenges::add_token(const std::string& token, std::string body) {
  const std::unique_lock lock(mutex_);
  tokens_.insert_or_assign(token, std::move(body));
  count();
}

void Challenges::remove_token(const std::string& token) {
  const std::unique_lock lock(mutex_);
  tokens_.erase(token);
  count();
}

std::optional<std::string> Challenges::key_authorization(std::string_view token) const {
  if (live_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const std::shared_lock lock(mutex_);
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

cert::CertificatePtr Challenges::certificate(std::string_view server_name) const {
  if (live_.load(std::memory_order_acquire) == 0) return nullptr;
  const std::shared_lock lock(mutex_);
  const auto found = certificates_.find(server_name);
  return found == certificates_.end() ? nullptr : found->second;
}

void Challenges::count() {
  live_.store(tokens_.size() + certificates_.size(), std::memory_order_release);
}

}  // namespace arbortls::acme
