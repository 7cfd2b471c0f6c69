#include "trust_page/profile.hpp"

#include "cert/digest.hpp"
#include "trust_page/html.hpp"

#include <openssl/evp.h>

namespace arbortls::trust_page {
namespace {

constexpr std::string_view profile_markup = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadDisplayName</key><string>@name@</string>
  <key>PayloadDescription</key><string>Lets this device trust the certificates of @name@.</string>
  <key>PayloadIdentifier</key><string>arbortls.trust.@id@</string>
  <key>PayloadUUID</key><string>@uuid@</string>
  <key>PayloadContent</key>
  <array>
@roots@  </array>
</dict>
</plist>
)";

constexpr std::string_view root_markup = R"(    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadDisplayName</key><string>@name@</string>
      <key>PayloadIdentifier</key><string>arbortls.trust.root.@id@</string>
      <key>PayloadUUID</key><string>@uuid@</string>
      <key>PayloadCertificateFileName</key><string>root.crt</string>
      <key>PayloadContent</key>
      <data>@der@</data>
    </dict>
)";

// RFC 9562, version 8: the bits are a digest's.
std::string uuid_of(cert::Digest digest) {
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x80);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += {digits[digest[i] >> 4U], digits[digest[i] & 15U]};
  }
  return text;
}

std::string base64(const cert::Bytes& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

Values identified_by(const cert::Digest& digest) {
  return {{"id", cert::to_hex(digest).substr(0, 16)}, {"uuid", uuid_of(digest)}};
}

std::string root_payload(const authority::RootCertificate& root) {
  Values values = identified_by(root.sha256);
  values.emplace_back("name", escaped(root.common_name));
  values.emplace_back("der", base64(root.der));
  return filled(root_markup, values);
}

}  // namespace

std::string apple_profile(const std::string& name,
                          const std::vector<authority::RootCertificate>& roots) {
  cert::Sha256 all;
  std::string payloads;
  for (const auto& root : roots) {
    all.add_counted(root.sha256);
    payloads += root_payload(root);
  }
  Values values = identified_by(all.finish());
  values.emplace_back("name", escaped(name));
  values.emplace_back("roots", std::move(payloads));
  return filled(profile_markup, values);
}

}  // namespace arbortls::trust_page
