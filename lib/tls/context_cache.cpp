#include "tls/context_cache.hpp"

#include <iterator>
#include <utility>

namespace arbortls::tls {
namespace {

// Measured: an empty context takes 13 KiB; decoded keys and certificates about four times their DER.
std::size_t estimate(const cert::Certificate& certificate) {
  std::size_t bytes = 13 * 1024;
  for (const cert::Pair& pair : certificate.pairs) {
    bytes += 4 * (pair.leaf->size() + pair.key.bytes().size());
    for (const cert::Der& der : pair.chain) bytes += 4 * der->size();
  }
  return bytes;
}

}  // namespace

ContextCache::ContextCache(std::size_t max_bytes, Make make)
    : max_bytes_(max_bytes), make_(std::move(make)) {}

Result<SSL_CTX*> ContextCache::get(const cert::CertificatePtr& certificate) {
  if (const auto found = index_.find(certificate.get()); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->context.get();
  }
  auto made = make_(*certificate);
  if (!made) return made.error();
  const std::size_t bytes = estimate(*certificate);
  while (!entries_.empty() && bytes_ + bytes > max_bytes_) erase(std::prev(entries_.end()));
  entries_.push_front({certificate, std::move(*made), bytes});
  bytes_ += bytes;
  index_.emplace(certificate.get(), entries_.begin());
  return entries_.front().context.get();
}

void ContextCache::drop_unused() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto at = entry++;
    if (at->certificate.use_count() == 1) erase(at);
  }
}

void ContextCache::erase(std::list<Entry>::iterator entry) {
  bytes_ -= entry->bytes;
  index_.erase(entry->certificate.get());
  entries_.erase(entry);
}

}  // namespace arbortls::tls
