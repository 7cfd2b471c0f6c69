#pragma once
// What kind of file some bytes are, told by the bytes alone.

#include <optional>
#include <string>
#include <string_view>

namespace arbortls::cert {

enum class Format { pem, der, pkcs7, pkcs12, jks, jceks, bks };

// "PEM", "DER", "PKCS#7", "PKCS#12", "JKS", "JCEKS", "BKS"
std::string_view to_string(Format format) noexcept;

// Anything that looks like none of the others is taken for PEM, UTF-16 too.
Format format_of(std::string_view bytes);

// Why a Java keystore is not read, with the command that converts it. `file` is where the bytes
// stand; "" if that is not known. Nothing for the other formats.
std::optional<std::string> refusal_of(Format format, std::string_view file);

// The same text in UTF-8, if it is UTF-16, with or without a byte order mark; what is not ASCII
// becomes `?`. The caller wipes it.
std::optional<std::string> from_utf16(std::string_view bytes);

}  // namespace arbortls::cert
