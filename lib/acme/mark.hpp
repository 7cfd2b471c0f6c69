#pragma once
// The lines above the key of a certificate's text that tell that it was issued automatically. A
// text without them is an operator's own and is never touched.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::acme {

enum class Automatic { acme, local_ca };

struct Mark {
  Automatic by = Automatic::acme;
  std::string issuer{};     // the directory's URL, or the local CA's name
  std::string account{};    // "" for none
  std::int64_t issued = 0;  // Unix seconds
  std::int64_t renew = 0;   // when it is planned to be renewed
};

// The lines, to stand before the PEM: `automatic=acme`, `issuer=`, `account=`, `issued=`, `renew=`.
// Values lose their line breaks.
std::string to_text(const Mark& mark);

// Of a certificate's text. Nothing unless the first line that says anything is exactly
// `automatic=acme` or `automatic=local-ca` and stands above every BEGIN. What cannot be read of the
// other lines stays empty. Line ends may be CRLF; a byte order mark and empty lines may come
// before.
std::optional<Mark> read_mark(std::string_view pem);

}  // namespace arbortls::acme
