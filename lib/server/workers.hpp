#pragma once
// The two lanes' threads: made, fed with snapshots, drained, joined. Any thread may call; each call reaches the
// workers as mail, in order.

#include "backend/health.hpp"
#include "config/settings.hpp"
#include "log/logger.hpp"
#include "session/handshake_worker.hpp"
#include "session/metrics.hpp"
#include "session/relay_worker.hpp"
#include "tls/ticket_keys.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace arbortls::server {

class Workers {
 public:
  static Result<std::unique_ptr<Workers>> start(const config::Settings& settings,
                                                session::Metrics& metrics, log::Logger& logger,
                                                std::int64_t max_connections,
                                                tls::ValidationCertificates validations = {});
  ~Workers();  // stop() if it was not called

  void publish(const session::SnapshotPtr& snapshot,
               const std::vector<session::OpenListener>& listeners);
  void publish(const session::SnapshotPtr& snapshot);
  void set_ticket_keys(const tls::TicketKeysPtr& keys);
  // Lets go of keys that have been replaced; to be called after a change and now and then.
  void drop_unused_contexts();
  void stop_accepting();
  // Ends every connection; adds to `cut` how many, when it has happened.
  void cut_all(std::shared_ptr<std::atomic<std::size_t>> cut);
  void stop();

  // Asks every worker for a sign of life; true when all have given theirs since the last call.
  bool alive();

  // Domains whose certificate handshakes wait for.
  session::Wanted& wanted() noexcept { return wanted_; }
  // How far the limits of domains are used up.
  const session::UsageTable& usage() const noexcept { return admission_.usage(); }

 private:
  Workers(session::Metrics& metrics, log::Logger& logger) : admission_(metrics, logger) {}
  void spawn(int nice);
  void check_health(const session::SnapshotPtr& snapshot);
  template <class F>
  void each(F f);

  session::Wanted wanted_;
  session::Admission admission_;
  std::vector<std::unique_ptr<session::RelayWorker>> relays_;
  std::vector<std::unique_ptr<session::HandshakeWorker>> handshakes_;
  std::vector<std::thread> threads_;
  // Owned by the first relay worker's reactor and touched on its thread only.
  std::vector<backend::HealthCheck*> health_checks_;
  std::shared_ptr<std::atomic<std::size_t>> answered_ = std::make_shared<std::atomic<std::size_t>>(0);
  bool asked_ = false;
};

}  // namespace arbortls::server
