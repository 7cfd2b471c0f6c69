#include "cert/format.hpp"

#include "cert/pkcs12_read.hpp"
#include "cert/pkcs7_read.hpp"

namespace arbortls::cert {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view begin_mark = "-----BEGIN ";

bool looks_like_der(std::string_view bytes) noexcept {
  // Every DER structure in question is a SEQUENCE of more than 127 bytes or nearly so; PEM is text.
  constexpr char sequence = 0x30;
  if (bytes.size() < 2 || bytes.front() != sequence) return false;
  const auto length = static_cast<unsigned char>(bytes[1]);
  const bool may_be_text = length >= 0x20 && length < 0x7f;
  return !may_be_text || bytes.find(begin_mark) == bytes.npos;
}

// Its version, and the length of a salt of 20 bytes.
bool looks_like_bks(std::string_view bytes) noexcept {
  return bytes.starts_with("\0\0\0\1\0\0\0\24"sv) || bytes.starts_with("\0\0\0\2\0\0\0\24"sv);
}

// Paths may hold anything; the command is to be pasted into a shell.
std::string quoted(std::string_view file) {
  std::string text = "'";
  for (const char c : file) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return text + "'";
}

}  // namespace

std::string_view to_string(Format format) noexcept {
  switch (format) {
    case Format::pem:
      return "PEM";
    case Format::der:
      return "DER";
    case Format::pkcs7:
      return "PKCS#7";
    case Format::pkcs12:
      return "PKCS#12";
    case Format::jks:
      return "JKS";
    case Format::jceks:
      return "JCEKS";
    case Format::bks:
      return "BKS";
  }
  return "unknown";
}

Format format_of(std::string_view bytes) {
  if (bytes.starts_with("\xfe\xed\xfe\xed")) return Format::jks;
  if (bytes.starts_with("\xce\xce\xce\xce")) return Format::jceks;
  if (looks_like_bks(bytes)) return Format::bks;
  if (!looks_like_der(bytes)) return Format::pem;
  if (parse_pkcs12(bytes)) return Format::pkcs12;
  return is_pkcs7(Bytes(bytes.begin(), bytes.end())) ? Format::pkcs7 : Format::der;
}

std::optional<std::string> refusal_of(Format format, std::string_view file) {
  const bool is_bks = format == Format::bks;
  if (!is_bks && format != Format::jks && format != Format::jceks) return std::nullopt;
  const std::string type(to_string(format));
  std::string text = "a Java keystore (" + type +
                     ") is not read here; convert it: keytool -importkeystore -srckeystore " + (file.empty() ? "FILE" : quoted(file)) + " -srcstoretype " +
                     type + " -destkeystore server.p12 -deststoretype PKCS12";
  if (is_bks) {
    text += " -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider"
            " -providerpath bcprov.jar";
  }
  return text;
}

std::optional<std::string> from_utf16(std::string_view bytes) {
  if (bytes.size() < 4 || bytes.size() % 2 != 0) return std::nullopt;
  const bool marked_big = bytes.starts_with("\xfe\xff");
  const bool marked_little = bytes.starts_with("\xff\xfe");
  const bool big = marked_big || (bytes[0] == 0 && bytes[1] != 0 && bytes[2] == 0);
  const bool little = marked_little || (bytes[0] != 0 && bytes[1] == 0 && bytes[3] == 0);
  if (!big && !little) return std::nullopt;
  if (marked_big || marked_little) bytes.remove_prefix(2);
  std::string text;
  text.reserve(bytes.size() / 2);  // growing would leave copies of keys behind
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const char high = bytes[big ? i : i + 1];
    const char low = bytes[big ? i + 1 : i];
    text += high == 0 && static_cast<unsigned char>(low) < 0x80 ? low : '?';
  }
  return text;
}

}  // namespace arbortls::cert
