#include "session/facts.hpp"

namespace arbortls::session {
namespace {

std::int64_t milliseconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace

void log_end(log::Logger& logger, const Facts& facts, const Ending& ending) {
  if (!logger.enabled(log::Level::info)) return;
  logger.info("connection ended", {{"client", std::string_view(facts.client)},
                                   {"listener", std::string_view(facts.listener)},
                                   {"sni", std::string_view(facts.sni)},
                                   {"domain", std::string_view(facts.domain)},
                                   {"certificate", std::string_view(facts.certificate)},
                                   {"version", std::string_view(facts.version)},
                                   {"cipher", std::string_view(facts.cipher)},
                                   {"resumed", facts.resumed},
                                   {"server", ending.server},
                                   {"bytes_in", ending.bytes_in},
                                   {"bytes_out", ending.bytes_out},
                                   {"duration_ms", milliseconds(ending.now - facts.accepted)},
                                   {"reason", to_string(ending.reason)}});
}

void log_failed_handshake(log::Logger& logger, const Facts& facts, std::string_view reason,
                          std::chrono::steady_clock::time_point now) {
  if (!logger.enabled(log::Level::info)) return;
  logger.info("handshake failed", {{"client", std::string_view(facts.client)},
                                   {"listener", std::string_view(facts.listener)},
                                   {"sni", std::string_view(facts.sni)},
                                   {"duration_ms", milliseconds(now - facts.accepted)},
                                   {"reason", reason}});
}

void log_validation(log::Logger& logger, const Facts& facts, std::chrono::steady_clock::time_point now) {
  logger.info("a CA has validated a name", {{"client", std::string_view(facts.client)},
                                            {"listener", std::string_view(facts.listener)},
                                            {"sni", std::string_view(facts.sni)},
                                            {"duration_ms", milliseconds(now - facts.accepted)}});
}

}  // namespace arbortls::session
