// Any bytes as a certificate text: refused with a reason, or loaded; what was loaded can be written
// and read again. The first line, if it ends in "\n", is not part of the text but the passphrase.

#include "cert/load.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace arbortls::cert;

namespace {

constexpr std::int64_t now = 1780272000;

void check(std::string_view text, const std::string& passphrase) {
  LoadOptions options;
  options.now = now;
  options.passphrase = passphrase;
  const auto loaded = load_pem(text, options);
  if (!loaded) {
    if (loaded.error().message.empty()) std::abort();
    return;
  }
  const Certificate& certificate = *loaded->certificate;
  if (certificate.pairs.empty()) std::abort();
  for (const Pair& pair : certificate.pairs) {
    if (!pair.leaf || pair.leaf->empty() || pair.key.bytes().empty()) std::abort();
    for (const auto& name : pair.names) {
      if (name.find('\0') != std::string::npos) std::abort();
    }
    subject(pair);
    issuer(pair);
  }
  certificate.covers("a.example");
  const auto again = load_pem(to_pem(certificate), options);
  if (!again || again->certificate->identity != certificate.identity) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = bytes.find('\n');
  if (line > 40 || bytes.starts_with("-----")) {
    check(bytes, {});
  } else {
    check(bytes.substr(line + 1), std::string(bytes.substr(0, line)));
  }
  return 0;
}
