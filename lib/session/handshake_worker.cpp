#include "session/handshake_worker.hpp"

#include "base/wall_clock.hpp"
#include "session/handshake.hpp"
#include "session/tcp.hpp"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <utility>

namespace arbortls::session {
namespace {

constexpr int accepts_in_a_row = 32;
constexpr auto pause = std::chrono::milliseconds(100);

}  // namespace

// Takes connections from one listening socket. When descriptors or places run out it looks away for a while, since a
// level-triggered listener would else keep the thread busy.
class HandshakeWorker::Acceptor final : public net::Handler {
 public:
  Acceptor(HandshakeWorker& worker, OpenListener listener)
      : worker_(worker), listener_(std::move(listener)) {}

  void start() {
    listening_ = worker_.reactor().add(listener_.socket->get(), *this, 0, EPOLLIN | EPOLLEXCLUSIVE);
  }

  // What the kernel has queued would be reset with the socket: it has come before the end and is served.
  void take_waiting() {
    try {
      while (worker_.metrics().active.value() < worker_.lane().max_connections && accept_one()) continue;
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  void stop() {
    if (std::exchange(listening_, false)) worker_.reactor().remove(listener_.socket->get());
    worker_.reactor().retire(*this);
  }

  void on_io(unsigned, std::uint32_t) override {
    try {
      accept_some();
    } catch (const std::bad_alloc&) {
      look_away();  // that newcomer is lost; the listener must not be
    }
  }

  void accept_some() {
    for (int i = 0; i < accepts_in_a_row; ++i) {
      if (worker_.metrics().active.value() >= worker_.lane().max_connections) return look_away();
      if (!accept_one()) return;
    }
    worker_.fell_behind();  // some are left in the kernel's queue
  }

  void on_timeout() override {
    if (!listening_) start();
    if (!listening_) worker_.reactor().set_timer(*this, pause);
  }

 private:
  bool accept_one() {
    sockaddr_storage raw{};
    socklen_t size = sizeof raw;
    auto* address = reinterpret_cast<sockaddr*>(&raw);
    UniqueFd client(::accept4(listener_.socket->get(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) look_away();
      // A connection that went away before it was accepted is no reason to stop.
      return errno == ECONNABORTED || errno == EINTR;
    }
    worker_.metrics().connections_accepted.add();
    begin(std::move(client), net::Address(address, size));
    return true;
  }

  void begin(UniqueFd client, const net::Address& peer) {
    HandshakePlace place;
    if (const auto refusal = admit(peer, place)) return turn_away(client.get(), peer, *refusal);
    worker_.reactor()
        .own(std::make_unique<Handshake>(worker_, Slot(worker_.metrics()), std::move(place), std::move(client),
                                         peer, worker_.snapshot(), listener_.index))
        .start();
  }

  // Whoever stands behind a load balancer is told by its PROXY header.
  std::optional<Refusal> admit(const net::Address& peer, HandshakePlace& place) {
    const Snapshot& snapshot = *worker_.snapshot();
    const auto refusal = worker_.admission().enter(snapshot.admission, place);
    if (refusal || snapshot.rules[listener_.index].accept_proxy.contains(peer)) return refusal;
    return worker_.admission().identify(snapshot.admission, peer, worker_.reactor().now(), place);
  }

  void turn_away(int client, const net::Address& peer, Refusal refusal) {
    const std::string& listener = worker_.snapshot()->site.listeners[listener_.index].name;
    worker_.admission().refused({refusal, peer.to_string(), listener, {}, {}}, worker_.reactor().now());
    reset_when_closed(client);
  }

  void look_away() {
    if (!std::exchange(listening_, false)) return;
    worker_.fell_behind();
    worker_.metrics().accept_pauses.add();
    worker_.reactor().remove(listener_.socket->get());
    worker_.reactor().set_timer(*this, pause);
  }

  HandshakeWorker& worker_;
  OpenListener listener_;
  bool listening_ = false;
};

Result<std::unique_ptr<HandshakeWorker>> HandshakeWorker::make(const HandshakeLane& lane) {
  auto terminator = tls::Terminator::make(lane.context_cache_bytes, wall_clock, lane.validations);
  if (!terminator) return terminator.error();
  std::unique_ptr<HandshakeWorker> worker(new HandshakeWorker(lane));
  worker->terminator_ = std::move(*terminator);
  return worker;
}

HandshakeWorker::~HandshakeWorker() = default;

RelayWorker& HandshakeWorker::least_loaded_relay() noexcept {
  RelayWorker* best = lane_.relays.front();
  for (RelayWorker* relay : lane_.relays) {
    if (relay->load.load(std::memory_order_relaxed) < best->load.load(std::memory_order_relaxed)) {
      best = relay;
    }
  }
  return *best;
}

void HandshakeWorker::give_way() const noexcept {
  for (RelayWorker* relay : lane_.relays) {
    if (relay->reactor().is_kept_waiting()) {
      ::sched_yield();
      return;
    }
  }
}

void HandshakeWorker::publish(SnapshotPtr snapshot, std::vector<OpenListener> listeners) {
  for (Acceptor* acceptor : std::exchange(acceptors_, {})) acceptor->stop();
  publish(std::move(snapshot));
  for (OpenListener& listener : listeners) {
    acceptors_.push_back(&reactor_.own(std::make_unique<Acceptor>(*this, std::move(listener))));
    acceptors_.back()->start();
  }
}

void HandshakeWorker::publish(SnapshotPtr snapshot) {
  snapshot_ = std::move(snapshot);
  for (Handshake* handshake : std::exchange(waiting_, {})) {
    if (handshake->still_waits(snapshot_)) waiting_.insert(handshake);
  }
}

void HandshakeWorker::wait_for_certificate(Handshake& handshake) {
  if (!handshake.still_waits(snapshot_)) return;
  waiting_.insert(&handshake);
  lane_.wanted.add(handshake.awaited());
}

void HandshakeWorker::set_ticket_keys(std::shared_ptr<const tls::TicketKeys> keys) {
  terminator_->set_ticket_keys(std::move(keys));
}

void HandshakeWorker::stop_accepting() {
  for (Acceptor* acceptor : std::exchange(acceptors_, {})) {
    acceptor->take_waiting();
    acceptor->stop();
  }
}

}  // namespace arbortls::session
