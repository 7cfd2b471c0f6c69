#include "cert/names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace arbortls::cert {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= 63 &&
         std::all_of(label.begin(), label.end(), [](char c) {
           const char l = lower(c);
           return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string_view view_of(const ASN1_STRING* text) noexcept {
  const unsigned char* data = ASN1_STRING_get0_data(text);
  const int length = ASN1_STRING_length(text);
  if (data == nullptr || length <= 0) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(length)};
}

// What an untrusted name may show in a message.
std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      result += c;
    } else {
      result += "\\x";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result + (text.size() > 80 ? "...\"" : "\"");
}

void add_name(Names& found, std::string name) {
  if (std::find(found.names.begin(), found.names.end(), name) == found.names.end()) {
    found.names.push_back(std::move(name));
  }
}

void add_dns_name(Names& found, std::string_view name) {
  if (name.find('\0') != std::string_view::npos) {
    found.refused.push_back("the name " + quoted(name) + " contains a NUL and is left out");
  } else if (is_ip_literal(std::string(name))) {
    found.refused.push_back("the address " + quoted(name) +
                            " stands as a DNS name, where clients do not look, and is left out");
  } else if (!is_host_name(name)) {
    found.refused.push_back("the name " + quoted(name) + " is not a host name and is left out");
  } else {
    add_name(found, lower_case(name));
  }
}

void add_address(Names& found, std::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  if (bytes.size() != 4 && bytes.size() != 16) {
    found.refused.emplace_back("an address of the wrong length is left out");
    return;
  }
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  add_name(found, text);
}

void add_san(Names& found, X509* x509) {
  const openssl::GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) {
    ERR_clear_error();
    return;
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    found.has_san = true;
    if (name->type == GEN_DNS) {
      add_dns_name(found, view_of(name->d.dNSName));
    } else {
      add_address(found, view_of(name->d.iPAddress));
    }
  }
}

void add_common_name(Names& found, X509* x509) {
  const X509_NAME* subject = X509_get_subject_name(x509);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return;
  unsigned char* utf8 = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) {
    ERR_clear_error();
    return;
  }
  const std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  if (name.find('\0') != std::string::npos) {
    found.refused.push_back("the name " + quoted(name) + " contains a NUL and is left out");
  } else if (is_host_name(name) && !is_ip_literal(name)) {
    found.names.push_back(lower_case(name));
  }
}

}  // namespace

bool is_ip_literal(const std::string& text) noexcept {
  unsigned char buffer[sizeof(in6_addr)];
  if (text.find('\0') != std::string::npos) return false;
  return inet_pton(AF_INET, text.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, text.c_str(), buffer) == 1;
}

bool is_host_name(std::string_view text) noexcept {
  if (text.starts_with("*.")) text.remove_prefix(2);
  if (text.empty() || text.size() > 253) return false;
  for (;;) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Names names_of(X509* x509) {
  Names found;
  add_san(found, x509);
  if (!found.has_san) add_common_name(found, x509);
  return found;
}

bool name_matches(std::string_view pattern, std::string_view name) noexcept {
  if (!pattern.starts_with("*.")) return equal_ignoring_case(pattern, name);
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  // A name whose last label is a number is an address, not a place in the DNS.
  const char last = name.back();
  if (last >= '0' && last <= '9' &&
      name.find_first_not_of("0123456789.") == std::string_view::npos) {
    return false;
  }
  return equal_ignoring_case(pattern.substr(1), name.substr(dot));
}

std::string to_text(const X509_NAME* name) {
  if (name == nullptr) return {};
  const openssl::BioPtr out(BIO_new(BIO_s_mem()));
  // RFC 2253 escapes control bytes; the flag that would also escape UTF-8 is taken off.
  constexpr unsigned long flags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) {
    ERR_clear_error();
    return {};
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

}  // namespace arbortls::cert
