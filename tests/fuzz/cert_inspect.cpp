// Any bytes, PEM, DER or PKCS#12, looked into and bundled: an answer or an error, and never key
// material.

#include "cert/inspect.hpp"
#include "cert/load.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace arbortls::cert;

namespace {

constexpr std::int64_t now = 1780272000;
const char* const passphrase = "secret";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto seen = inspect(bytes, passphrase, now);
  const auto bundled = bundle({bytes}, passphrase, now);
  if (seen && seen->usable != bundled.has_value()) std::abort();
  if (seen && !seen->usable && seen->problems.empty()) std::abort();
  if (!bundled) return 0;
  LoadOptions options;
  options.now = now;
  if (!load_pem(*bundled, options)) std::abort();
  return 0;
}
