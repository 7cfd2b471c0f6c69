// Any bytes as a ticket key file: refused, or keys that come out again as the same bytes.

#include "tls/ticket_keys.hpp"

#include <openssl/sha.h>

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace arbortls::tls;

namespace {

void check(const std::string& bytes) {
  const auto keys = parse_ticket_keys(bytes);
  if (!keys) return;
  if (keys->generations().empty() || keys->generations().size() > TicketKeys::most_generations) {
    std::abort();
  }
  if (format_ticket_keys(*keys) != bytes) std::abort();
  for (const auto& key : keys->generations()) {
    const auto found = keys->find(key.name.data());
    if (found.key != &key || found.renew != (&key != &keys->current())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  // The checksum would keep a fuzzer out: give it one that fits.
  unsigned char sum[SHA256_DIGEST_LENGTH];
  SHA256(data, size, sum);
  check(bytes.append(reinterpret_cast<const char*>(sum), sizeof sum));
  return 0;
}
