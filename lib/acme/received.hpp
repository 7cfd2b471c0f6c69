#pragma once
// Whether what a CA sent is what was asked for.

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace arbortls::acme {

struct Received {
  std::string pem;  // key, certificate, chain; the root left out. Secret
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

struct Unfit {
  std::string text;
  bool by_clock = false;  // the dates and our clock do not agree: the same certificate may do later
};

// `chain` is the body of a certificate's download (RFC 8555, 7.4.2).
std::variant<Received, Unfit> check_received(std::string_view chain, const std::string& key_pem,
                                             const std::vector<std::string>& names,
                                             std::int64_t now);

}  // namespace arbortls::acme
