#include "cert/known_issuers.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace arbortls::cert {
namespace {

// Of names and of answers: a few MB.
constexpr std::size_t most_names = 65'536;
constexpr std::size_t most_answers = 1024;

NameHash hash_of(const X509_NAME* name) noexcept {
  const unsigned char* bytes = nullptr;
  std::size_t length = 0;
  if (name == nullptr || X509_NAME_get0_der(name, &bytes, &length) != 1) return 0;
  const std::size_t hash =
      std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes), length});
  return std::max<NameHash>(static_cast<NameHash>(hash), 1);
}

}  // namespace

NameHash subject_hash(const X509* x509) noexcept { return hash_of(X509_get_subject_name(x509)); }
NameHash issuer_hash(const X509* x509) noexcept { return hash_of(X509_get_issuer_name(x509)); }

void KnownIssuers::add(const ParsedCertificate& member, const Der& kept, const std::string& owner) {
  const NameHash name = subject_hash(member.x509.get());
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = known_.equal_range(name);
  const bool is_known =
      std::any_of(begin, end, [&](const auto& item) { return item.second.der.lock() == kept; });
  if (is_known) return;
  if (known_.size() >= next_sweep_) sweep();
  known_.emplace(name, Known{kept, owner});
  if (asked_.contains(name)) found_.insert(name);
}

void KnownIssuers::sweep() {
  std::erase_if(known_, [](const auto& item) { return item.second.der.expired(); });
  next_sweep_ = std::max<std::size_t>(1024, known_.size() * 2);
}

std::vector<KnownIssuer> KnownIssuers::of(NameHash issuer) {
  std::vector<KnownIssuer> all;
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = known_.equal_range(issuer);
  for (auto it = begin; it != end; ++it) {
    if (Der der = it->second.der.lock()) all.push_back({std::move(der), it->second.owner});
  }
  if (asked_.size() < most_names) asked_.insert(issuer);
  return all;
}

bool KnownIssuers::knows(NameHash issuer) {
  if (issuer == 0) return false;
  const std::lock_guard lock(mutex_);
  return known_.contains(issuer);
}

bool KnownIssuers::anchored(const ParsedCertificate& subject) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = anchored_.find(subject.sha256);
    if (known != anchored_.end()) return known->second;
  }
  const bool anchored = anchors_.issued(subject);
  const std::lock_guard lock(mutex_);
  if (anchored_.size() >= most_answers) anchored_.clear();
  anchored_[subject.sha256] = anchored;
  return anchored;
}

std::vector<NameHash> KnownIssuers::take_found() {
  const std::lock_guard lock(mutex_);
  const auto found = std::exchange(found_, {});
  return {found.begin(), found.end()};
}

}  // namespace arbortls::cert
