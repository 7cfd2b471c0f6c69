#pragma once
// The trust page as listeners that speak HTTP show it: the roots of the daemon's own CA, as they stand on disk.

#include "authority/directory.hpp"
#include "http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arbortls::server {

// Used on the HTTP thread only. Reads the directory at most every few seconds.
class TrustDoor {
 public:
  // `clock` in Unix seconds.
  TrustDoor(std::string directory, std::function<std::int64_t()> clock);

  // The page below `mount`, "" or a path such as "/trust"; nothing for what does not stand below it.
  std::optional<http::Response> answer(const http::Request& request, std::string_view mount);

 private:
  const std::vector<authority::RootCertificate>& roots();

  authority::Directory directory_;
  std::function<std::int64_t()> clock_;
  std::vector<authority::RootCertificate> roots_;  // none: there is no CA
  std::optional<std::chrono::steady_clock::time_point> read_at_;
};

}  // namespace arbortls::server
