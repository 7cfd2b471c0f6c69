#pragma once
// The live challenges, shared by who issues (one thread) and who answers: the HTTP thread and the
// handshakes' threads. Thread-safe. Looking anything up while there is none costs one atomic load.

#include "acme/challenge.hpp"
#include "base/result.hpp"
#include "cert/certificate.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace arbortls::acme {

class Challenges {
 public:
  // http-01 and tls-alpn-01 only; dns-01 is an error, as it is published elsewhere. Makes the
  // challenge certificate.
  Result<void> add(const Challenge& challenge, std::int64_t now);
  void remove(const Challenge& challenge);

  // The body for a token, such as one of our own by which we see that a name reaches us.
  void add_token(const std::string& token, std::string body);
  void remove_token(const std::string& token);

  // http-01: what to answer; nothing for a token that is not ours.
  std::optional<std::string> key_authorization(std::string_view token) const;

  // tls-alpn-01: null where no challenge of that SNI is live. `server_name` in lower case.
  cert::CertificatePtr certificate(std::string_view server_name) const;

 private:
  template <class Value>
  using ByText = std::map<std::string, Value, std::less<>>;

  void count();

  std::atomic<std::size_t> live_{0};
  mutable std::shared_mutex mutex_;
  ByText<std::string> tokens_;
  ByText<cert::CertificatePtr> certificates_;
};

}  // namespace arbortls::acme
