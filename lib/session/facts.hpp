#pragma once
// Facts: what is known of one connection, for its one log line.

#include "log/logger.hpp"
#include "session/reasons.hpp"
#include "tls/select.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace arbortls::session {

struct Facts {
  std::string client;    // address as the PROXY header or the socket told it
  std::string listener;
  std::string sni;       // as chosen by; "" for none that counts
  std::string domain;    // the domain of the tree the name belongs to; "" for none
  std::string certificate;  // "certificate_pem:NAME", "certdir" or "default"
  const char* version = "";
  const char* cipher = "";
  bool resumed = false;
  std::chrono::steady_clock::time_point accepted;
};

struct Ending {
  EndReason reason;
  std::uint64_t bytes_in;   // from the client, plaintext
  std::uint64_t bytes_out;  // to the client
  std::chrono::steady_clock::time_point now;
  std::string_view server;  // "" when none was reached
};

void log_end(log::Logger& logger, const Facts& facts, const Ending& ending);

void log_failed_handshake(log::Logger& logger, const Facts& facts, std::string_view reason,
                          std::chrono::steady_clock::time_point now);

// A CA has validated a name by tls-alpn-01.
void log_validation(log::Logger& logger, const Facts& facts, std::chrono::steady_clock::time_point now);

}  // namespace arbortls::session
