#pragma once
// The Daemon is the running whole: workers, keeper, control socket, signals, systemd. Its phases:
//   start    process limits and configuration (by the caller), workers, listeners, control socket, READY
//   serve    SIGHUP and `reload` reload; the watchdog is fed while every worker answers
//   drain    SIGTERM/SIGINT: stop accepting, let connections finish for drain_timeout (a second signal: not at all)
//   end      cut what is left with an orderly TLS close, say how many, stop the threads

#include "log/logger.hpp"
#include "server/book.hpp"
#include "server/keeper.hpp"
#include "server/view.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace arbortls::server {

// Runs until the end; returns the exit code. `book` is the configuration as loaded at start; `max_connections`
// is prepare_process()'s.
int run_daemon(const std::string& config_file, std::unique_ptr<Book> book, std::shared_ptr<Store> store,
               log::Logger& logger, std::int64_t max_connections);

}  // namespace arbortls::server
