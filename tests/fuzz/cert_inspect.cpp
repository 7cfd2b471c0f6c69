// Any bytes, PEM, DER, PKCS#7, PKCS#12 or none of them, looked into, bundled and converted: an answer
// or an error, and what is written is read back.

#include "cert/convert.hpp"
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
  Conversion conversion;
  conversion.to = Encoding::pkcs12;
  conversion.passphrase = passphrase;
  conversion.now = now;
  const auto converted = convert(bytes, {}, conversion);
  if (!converted || !load_any(*converted, {}, options)) std::abort();
  return 0;
}
