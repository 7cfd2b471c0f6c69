#pragma once
// What a client tells the backend with its first bytes: 'E' (echo everything, this byte too), or
// 'D' or 'U' and eight bytes of length, highest first (send that many; or take that many and answer
// with one byte).

#include <cstdint>
#include <string>
#include <string_view>

namespace arbortls::bench {

enum class Wish : char { echo = 'E', download = 'D', upload = 'U' };

constexpr std::size_t bulk_request_size = 9;

inline std::string bulk_request(Wish wish, std::uint64_t bytes) {
  std::string request(1, static_cast<char>(wish));
  for (int shift = 56; shift >= 0; shift -= 8) {
    request.push_back(static_cast<char>((bytes >> shift) & 0xff));
  }
  return request;
}

// The length in a whole bulk request.
inline std::uint64_t bulk_length(std::string_view request) {
  std::uint64_t bytes = 0;
  for (const char c : request.substr(1, 8)) bytes = bytes << 8 | static_cast<unsigned char>(c);
  return bytes;
}

}  // namespace arbortls::bench
