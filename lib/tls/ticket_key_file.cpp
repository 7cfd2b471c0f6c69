#include "base/file.hpp"
#include "tls/ticket_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace arbortls::tls {
namespace {

// Layout: magic, then the generations (name, aes, hmac, made as 8 bytes little-endian), then
// SHA-256 of all before.
constexpr std::string_view magic = "arbortls ticket keys 1\n";
constexpr std::size_t generation_size = 16 + 32 + 32 + 8;
constexpr std::size_t largest_file =
    magic.size() + TicketKeys::most_generations * generation_size + SHA256_DIGEST_LENGTH;

using Checksum = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Checksum checksum_of(std::string_view bytes) {
  Checksum sum{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), sum.data());
  return sum;
}

template <std::size_t Size>
void put(std::string& out, const std::array<unsigned char, Size>& bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), Size);
}

template <std::size_t Size>
void take(std::string_view& from, std::array<unsigned char, Size>& to) {
  std::memcpy(to.data(), from.data(), Size);
  from.remove_prefix(Size);
}

TicketKey take_generation(std::string_view& from) {
  TicketKey key;
  std::array<unsigned char, 8> made{};
  take(from, key.name);
  take(from, key.aes);
  take(from, key.hmac);
  take(from, made);
  std::uint64_t seconds = 0;
  for (std::size_t i = made.size(); i-- > 0;) seconds = seconds << 8 | made[i];
  key.made = static_cast<std::int64_t>(seconds);
  return key;
}

bool sane(const std::vector<TicketKey>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].made < 0 || (i > 0 && keys[i].made > keys[i - 1].made)) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (keys[i].name == keys[j].name) return false;
    }
  }
  return true;
}

bool make_generation(TicketKey& key, std::int64_t now) {
  key.made = now;
  return RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
         RAND_priv_bytes(key.aes.data(), static_cast<int>(key.aes.size())) == 1 &&
         RAND_priv_bytes(key.hmac.data(), static_cast<int>(key.hmac.size())) == 1;
}

void wipe(std::string& text) noexcept { OPENSSL_cleanse(text.data(), text.size()); }

void add_to(std::string& warning, const std::string& sentence) {
  if (!warning.empty()) warning += "; ";
  warning += sentence;
}

}  // namespace

std::string format_ticket_keys(const TicketKeys& keys) {
  std::string out;
  out.reserve(largest_file);
  out += magic;
  for (const TicketKey& key : keys.generations()) {
    put(out, key.name);
    put(out, key.aes);
    put(out, key.hmac);
    for (unsigned shift = 0; shift < 64; shift += 8) {
      out += static_cast<char>(static_cast<std::uint64_t>(key.made) >> shift & 0xff);
    }
  }
  put(out, checksum_of(out));
  return out;
}

TicketKeysPtr parse_ticket_keys(std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() > largest_file) return nullptr;
  if (bytes.size() < magic.size() + generation_size + SHA256_DIGEST_LENGTH) return nullptr;
  const auto content = bytes.substr(0, bytes.size() - SHA256_DIGEST_LENGTH);
  const Checksum sum = checksum_of(content);
  if (std::memcmp(sum.data(), bytes.data() + content.size(), sum.size()) != 0) return nullptr;
  auto rest = content.substr(magic.size());
  if (rest.size() % generation_size != 0) return nullptr;
  std::vector<TicketKey> keys;
  keys.reserve(TicketKeys::most_generations);
  while (!rest.empty()) keys.push_back(take_generation(rest));
  if (!sane(keys)) return nullptr;
  return std::make_shared<const TicketKeys>(std::move(keys));
}

TicketKeysPtr TicketKeyFile::read(std::string& warning) const {
  if (unsaved_) return unsaved_;
  struct stat info {};
  if (::lstat(path_.c_str(), &info) != 0) {
    if (errno != ENOENT) add_to(warning, path_ + ": cannot stat: " + std::strerror(errno));
    return nullptr;
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0 || info.st_uid != ::geteuid()) {
    add_to(warning,
           path_ + ": is not a file of this user's own with mode 0600; ticket keys are made anew");
    return nullptr;
  }
  auto content = read_file(path_, largest_file);
  if (!content) {
    add_to(warning, content.error().message + "; ticket keys are made anew");
    return nullptr;
  }
  TicketKeysPtr keys = parse_ticket_keys(*content);
  wipe(*content);
  if (!keys) add_to(warning, path_ + ": does not hold ticket keys; they are made anew");
  return keys;
}

void TicketKeyFile::save(const TicketKeys& keys, std::string& warning) {
  std::string content = format_ticket_keys(keys);
  const auto written = write_file_atomically(path_, content, 0600);
  wipe(content);
  if (!written) {
    add_to(warning, written.error().message + "; ticket keys are kept in memory only");
    unsaved_ = std::make_shared<const TicketKeys>(keys);
  } else {
    unsaved_ = nullptr;
  }
}

Result<TicketKeysPtr> TicketKeyFile::refresh(std::int64_t now, std::int64_t lifetime,
                                             bool always_new, std::string* warning) {
  std::string said;
  const bool was_unsaved = unsaved_ != nullptr;
  TicketKeysPtr known = read(said);
  std::vector<TicketKey> keys;
  keys.reserve(TicketKeys::most_generations + 1);
  const auto alive = [&](const TicketKey& key) {
    return key.made <= now && (now - key.made) / 3 < lifetime;
  };
  if (known) {
    std::copy_if(known->generations().begin(), known->generations().end(), std::back_inserter(keys),
                 alive);
  }
  if (always_new || keys.empty() || now - keys.front().made >= lifetime) {
    TicketKey fresh;
    if (!make_generation(fresh, now)) return error("no randomness for session ticket keys");
    keys.insert(keys.begin(), fresh);
  } else if (!was_unsaved && keys.size() == known->generations().size()) {
    if (warning != nullptr) *warning = std::move(said);
    return known;
  }
  auto result = std::make_shared<const TicketKeys>(std::move(keys));
  save(*result, said);
  if (warning != nullptr) *warning = std::move(said);
  return TicketKeysPtr(std::move(result));
}

Result<TicketKeysPtr> TicketKeyFile::load(std::int64_t now, std::int64_t lifetime,
                                          std::string* warning) {
  return refresh(now, lifetime, false, warning);
}

Result<TicketKeysPtr> TicketKeyFile::rotate(std::int64_t now, std::int64_t lifetime,
                                            std::string* warning) {
  return refresh(now, lifetime, true, warning);
}

}  // namespace arbortls::tls
