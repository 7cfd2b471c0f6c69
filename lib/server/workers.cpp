#include "server/workers.hpp"

#include "server/process.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace arbortls::server {
namespace {

std::size_t threads_for(int configured) {
  if (configured > 0) return static_cast<std::size_t>(configured);
  return std::max(1u, std::thread::hardware_concurrency() / 2);
}

}  // namespace

template <class F>
void Workers::each(F f) {
  for (auto& worker : relays_) f(worker->reactor());
  for (auto& worker : handshakes_) f(worker->reactor());
}

Result<std::unique_ptr<Workers>> Workers::start(const config::Settings& settings,
                                                session::Metrics& metrics, log::Logger& logger,
                                                std::int64_t max_connections,
                                                tls::ValidationCertificates validations) {
  std::unique_ptr<Workers> workers(new Workers(metrics, logger));
  try {
    for (std::size_t i = 0; i < threads_for(settings.workers.relay); ++i) {
      workers->relays_.push_back(std::make_unique<session::RelayWorker>(metrics, logger));
    }
    const std::size_t handshakes = threads_for(settings.workers.handshake);
    session::HandshakeLane lane{metrics, logger, {}, max_connections,
                                settings.context_cache / handshakes, std::move(validations),
                                workers->wanted_, workers->admission_};
    for (auto& relay : workers->relays_) lane.relays.push_back(relay.get());
    for (std::size_t i = 0; i < handshakes; ++i) {
      auto made = session::HandshakeWorker::make(lane);
      if (!made) return made.error();
      workers->handshakes_.push_back(std::move(*made));
    }
    workers->spawn(settings.workers.handshake_nice);
  } catch (const std::system_error& e) {
    return error(std::string("cannot start the worker threads: ") + e.what());
  }
  return workers;
}

void Workers::spawn(int nice) {
  for (auto& worker : relays_) {
    threads_.emplace_back([&reactor = worker->reactor()] {
      prefer_promptness();
      reactor.run();
    });
  }
  for (auto& worker : handshakes_) {
    threads_.emplace_back([&reactor = worker->reactor(), nice] {
      lower_priority(nice);
      reactor.run();
    });
  }
}

Workers::~Workers() { stop(); }

void Workers::publish(const session::SnapshotPtr& snapshot,
                      const std::vector<session::OpenListener>& listeners) {
  for (auto& worker : handshakes_) {
    worker->reactor().post([w = worker.get(), snapshot, listeners] { w->publish(snapshot, listeners); });
  }
  check_health(snapshot);
}

void Workers::check_health(const session::SnapshotPtr& snapshot) {
  net::Reactor& reactor = relays_.front()->reactor();
  reactor.post([this, &reactor, snapshot] {
    for (backend::HealthCheck* check : std::exchange(health_checks_, {})) check->stop();
    for (const auto& [name, pool] : snapshot->backends) {
      const backend::PoolOptions& options = pool->options();
      if (!options.health_check) continue;
      for (const backend::ServerPtr& server : pool->servers()) {
        health_checks_.push_back(&reactor.own(std::make_unique<backend::HealthCheck>(
            reactor, server, *options.health_check, options.connect_timeout)));
        health_checks_.back()->start();
      }
    }
  });
}

void Workers::publish(const session::SnapshotPtr& snapshot) {
  for (auto& worker : handshakes_) {
    worker->reactor().post([w = worker.get(), snapshot] { w->publish(snapshot); });
  }
}

void Workers::set_ticket_keys(const tls::TicketKeysPtr& keys) {
  for (auto& worker : handshakes_) {
    worker->reactor().post([w = worker.get(), keys] { w->set_ticket_keys(keys); });
  }
}

void Workers::drop_unused_contexts() {
  for (auto& worker : handshakes_) {
    worker->reactor().post([w = worker.get()] { w->terminator().drop_unused_contexts(); });
  }
}

void Workers::stop_accepting() {
  for (auto& worker : handshakes_) {
    worker->reactor().post([w = worker.get()] { w->stop_accepting(); });
  }
}

void Workers::cut_all(std::shared_ptr<std::atomic<std::size_t>> cut) {
  for (auto& worker : handshakes_) {
    worker->reactor().post(
        [w = worker.get(), cut] { *cut += w->registry().cut_all(session::EndReason::drained); });
  }
  for (auto& worker : relays_) {
    worker->reactor().post(
        [w = worker.get(), cut] { *cut += w->registry().cut_all(session::EndReason::drained); });
  }
}

void Workers::stop() {
  each([](net::Reactor& reactor) { reactor.stop(); });
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Workers::alive() {
  const std::size_t all = relays_.size() + handshakes_.size();
  if (asked_ && answered_->load() < all) return false;
  answered_->store(0);
  asked_ = true;
  each([this](net::Reactor& reactor) {
    reactor.post([answered = answered_] { ++*answered; });
  });
  return true;
}

}  // namespace arbortls::server
