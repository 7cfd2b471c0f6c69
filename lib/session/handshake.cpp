#include "session/handshake.hpp"

#include "proxy_protocol/header.hpp"
#include "session/connection.hpp"
#include "session/handshake_worker.hpp"
#include "session/tcp.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace arbortls::session {
namespace {

// A peer that ends its side is heard of without being read from.
constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP;
constexpr std::uint32_t ended = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

// Reads away what a failed peer has sent, so that closing does not answer it with a RST that overtakes our alert.
void discard_input(int fd) {
  std::array<char, 4096> waste;
  for (int round = 0; round < 16; ++round) {
    if (::recv(fd, waste.data(), waste.size(), MSG_DONTWAIT) <= 0) return;
  }
}

void end_after_alert(int fd) {
  discard_input(fd);
  ::shutdown(fd, SHUT_WR);
}

// Whether bytes wait that begin no TLS handshake record (RFC 8446 section 5.1).
bool says_something_else(int fd) {
  constexpr unsigned char handshake = 22;
  unsigned char first = 0;
  return ::recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && first != handshake;
}

SniKind kind_of(const tls::Hello& hello) {
  switch (hello.name.kind()) {
    case domain::NameKind::none: return SniKind::none;
    case domain::NameKind::ip_literal: return SniKind::ip_literal;
    case domain::NameKind::illegal: return SniKind::illegal;
    case domain::NameKind::legal: break;
  }
  return hello.selection.in_tree ? SniKind::known : SniKind::unknown;
}

backend::PoolPtr pool_of(const Snapshot& snapshot, std::string_view name) {
  const auto found = snapshot.backends.find(name);
  return found != snapshot.backends.end() ? found->second : nullptr;
}

}  // namespace

Handshake::Handshake(HandshakeWorker& worker, Slot slot, HandshakePlace place, UniqueFd client,
                     const net::Address& peer, SnapshotPtr snapshot, std::size_t listener)
    : worker_(worker),
      slot_(std::move(slot)),
      place_(std::move(place)),
      client_(std::move(client)),
      source_(peer),
      destination_(net::local_address(client_.get())),
      accepted_(worker.reactor().now()) {
  choose_from(std::move(snapshot), listener);
  hello_.admits = [this](const tls::Selection& selection) { return admit(selection); };
}

void Handshake::start() {
  worker_.registry().add(*this);
  events_ = reading;
  if (!worker_.reactor().add(client_.get(), *this, 0, events_)) {
    return fail(tls::HandshakeFailure::internal);
  }
  const bool proxied = rules_->accept_proxy.contains(source_);
  if (proxied) state_ = State::proxy_header;
  worker_.reactor().set_timer(*this, proxied ? std::min(rules_->proxy_header_timeout, rules_->handshake_timeout)
                                             : rules_->handshake_timeout);
}

void Handshake::on_io(unsigned, std::uint32_t events) {
  if (over_) return;
  switch (state_) {
    case State::waiting: return fail(tls::HandshakeFailure::closed_early);
    case State::proxy_header: return read_proxy_header();
    case State::client_hello:
      if ((events & ended) == 0 && !worker_.queue().lets_begin()) return line_up();
      return begin(events);
    case State::queued: return begin(events);
    case State::handshaking: return step();
  }
}

// What he says meanwhile can wait as well; that he has gone cannot.
void Handshake::line_up() {
  state_ = State::queued;
  want(EPOLLRDHUP);
  worker_.queue().join(*this);
  worker_.fell_behind();
}

// It is his turn, or he has ended his side.
void Handshake::begin(std::uint32_t events) {
  leave_queue();
  if (const auto why = why_in_vain(events)) return fail(*why);
  ssl_ = worker_.terminator().accept_on(client_.get(), hello_);
  if (!ssl_) return fail(tls::HandshakeFailure::internal);
  state_ = State::handshaking;
  step();
}

// A signature costs more than all the rest. A client that has ended its side cannot complete a handshake; who spoke no
// TLS at all is refused by OpenSSL, as that, at no such cost. One whose ClientHello has waited here for longer than
// clients do has gone or is about to: it would be served at the expense of those behind it. They are taken in the order
// they came, as the kernel queues them: clients try again at fixed times, so it is the longest wait that decides how
// many give up, and the newest first would lengthen it.
// Only a lane that is behind asks how old a ClientHello is: it costs a system call.
std::optional<tls::HandshakeFailure> Handshake::why_in_vain(std::uint32_t events) {
  if ((events & ended) != 0 && !says_something_else(client_.get())) return tls::HandshakeFailure::closed_early;
  if (rules_->handshake_patience.count() == 0 || !worker_.behind()) return {};
  if (silence_of_peer(client_.get()) < rules_->handshake_patience) return {};
  return tls::HandshakeFailure::waited_too_long;
}

void Handshake::on_timeout() {
  fail(state_ == State::proxy_header ? tls::HandshakeFailure::bad_proxy_header
                                     : tls::HandshakeFailure::timeout);
}

bool Handshake::cut(EndReason) {
  if (over_) return false;
  fail(tls::HandshakeFailure::timeout);
  return true;
}

// Peeked at, then read to its exact end: what follows belongs to TLS. The sender has to write it in one piece, as the
// protocol's text asks; a part of one is refused like a malformed one.
void Handshake::read_proxy_header() {
  std::array<char, proxy_protocol::max_v2_size + 16> bytes;
  const auto n = ::recv(client_.get(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return fail(tls::HandshakeFailure::closed_early);
  const auto parsed = proxy_protocol::parse({bytes.data(), static_cast<std::size_t>(n)});
  if (parsed.status != proxy_protocol::ParseStatus::complete) {
    return fail(tls::HandshakeFailure::bad_proxy_header);
  }
  if (::recv(client_.get(), bytes.data(), parsed.size, MSG_DONTWAIT) !=
      static_cast<ssize_t>(parsed.size)) {
    return fail(tls::HandshakeFailure::closed_early);
  }
  if (parsed.header.source) {
    source_ = net::Address(parsed.header.source->storage);
    const auto refusal = worker_.admission().identify(snapshot_->admission, source_, worker_.reactor().now(), place_);
    if (refusal) return turn_away(*refusal);
  }
  if (parsed.header.destination) destination_ = net::Address(parsed.header.destination->storage);
  state_ = State::client_hello;
  const auto left = accepted_ + rules_->handshake_timeout - worker_.reactor().now();
  worker_.reactor().set_timer(*this, std::max(left, net::Clock::duration(0)));
}

void Handshake::step() {
  const int done = SSL_do_handshake(ssl_.get());
  worker_.give_way();
  if (done == 1) return established();
  const int problem = SSL_get_error(ssl_.get(), done);
  switch (problem) {
    case SSL_ERROR_WANT_READ: return want(reading);
    case SSL_ERROR_WANT_WRITE: return want(EPOLLOUT);
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: return wait_for_certificate();
    default: break;
  }
  if (refusal_) return turn_away(*refusal_);
  if (!hello_.failure) return fail(tls::classify(problem));
  ERR_clear_error();
  fail(*hello_.failure);
}

void Handshake::want(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  worker_.reactor().modify(client_.get(), *this, 0, events_);
}

void Handshake::wait_for_certificate() {
  state_ = State::waiting;
  want(0);  // what the client says meanwhile can wait as well
  worker_.wait_for_certificate(*this);
}

bool Handshake::still_waits(const SnapshotPtr& snapshot) {
  if (over_) return false;
  const auto& listeners = snapshot->site.listeners;
  const auto same = std::find_if(listeners.begin(), listeners.end(), [&](const tls::ListenerView& listener) {
    return listener.name == hello_.listener->name;
  });
  if (same == listeners.end()) {
    fail(tls::HandshakeFailure::no_certificate);
    return false;
  }
  const tls::Tree::Node* node = snapshot->site.tree.find(awaited());
  if (node != nullptr && node->value.pending) return true;
  choose_from(snapshot, static_cast<std::size_t>(same - listeners.begin()));
  state_ = State::handshaking;
  step();
  return state_ == State::waiting && !over_;
}

void Handshake::choose_from(SnapshotPtr snapshot, std::size_t listener) {
  hello_.site = std::shared_ptr<const tls::Site>(snapshot, &snapshot->site);
  hello_.listener = &snapshot->site.listeners[listener];
  hello_.selection = {};  // it points into the snapshot before
  rules_ = &snapshot->rules[listener];
  snapshot_ = std::move(snapshot);
}

void Handshake::count_sni() {
  if (hello_.selected) worker_.metrics().sni[kind_of(hello_)].add();
}

void Handshake::fill_facts(Facts& facts) const {
  const tls::Selection& selection = hello_.selection;
  facts.client = source_.to_string();
  facts.listener = hello_.listener->name;
  facts.accepted = accepted_;
  facts.sni = hello_.name.view();
  if (!hello_.selected) return;
  if (selection.place != nullptr) facts.domain = selection.place->name;
  facts.certificate = to_string(selection.source);
  if (selection.from != nullptr) facts.certificate += ":" + selection.from->name;
}

std::unique_ptr<Dial> Handshake::make_dial() const {
  backend::PoolPtr pool = pool_of(*snapshot_, hello_.selection.settings.backend);
  if (!pool) return nullptr;
  std::string opening;
  if (pool->options().send_proxy != backend::SendProxy::none) {
    proxy_protocol::Outgoing outgoing;
    if (source_.is_ip() && destination_.is_ip()) {
      outgoing.source = proxy_protocol::Address{source_.storage};
      outgoing.destination = proxy_protocol::Address{destination_.storage};
    }
    outgoing.authority = hello_.name.view();
    outgoing.tls_version = SSL_get_version(ssl_.get());
    outgoing.tls_cipher = SSL_get_cipher_name(ssl_.get());
    std::array<char, proxy_protocol::max_written_size> header;
    const auto version = pool->options().send_proxy == backend::SendProxy::v1
                             ? proxy_protocol::Version::v1
                             : proxy_protocol::Version::v2;
    opening.assign(header.data(), proxy_protocol::write(version, outgoing, header.data()));
  }
  return std::make_unique<Dial>(std::move(pool), source_.ip_hash(), std::move(opening),
                                worker_.metrics().backend_connect_failures);
}

// The CA has seen what it came for; nothing follows (RFC 8737 section 3).
void Handshake::validated() {
  over_ = true;
  worker_.metrics().validations.add();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  end_after_alert(client_.get());
  Facts facts;
  fill_facts(facts);
  log_validation(worker_.logger(), facts, net::Clock::now());
  worker_.reactor().retire(*this);
}

void Handshake::established() {
  if (hello_.validation) return validated();
  over_ = true;
  Metrics& metrics = worker_.metrics();
  metrics.handshakes_ok.add();
  if (SSL_session_reused(ssl_.get()) == 1) metrics.handshakes_resumed.add();
  (SSL_version(ssl_.get()) == TLS1_3_VERSION ? metrics.tls1_3 : metrics.tls1_2).add();
  count_sni();
  auto facts = std::make_unique<Facts>();
  fill_facts(*facts);
  facts->version = SSL_get_version(ssl_.get());
  facts->cipher = SSL_get_cipher_name(ssl_.get());
  facts->resumed = SSL_session_reused(ssl_.get()) == 1;
  auto dial = make_dial();
  tls::Terminator::release(ssl_.get());
  worker_.reactor().remove(client_.get());
  const tls::Effective& settings = hello_.selection.settings;
  RelayWorker& relay = worker_.least_loaded_relay();
  relay.reactor().adopt(std::make_unique<Connection>(
      relay, std::move(slot_), std::move(client_), std::move(ssl_), std::move(dial), std::move(facts),
      Limits{settings.idle_timeout, settings.half_close_timeout}));
  worker_.reactor().retire(*this);
}

bool Handshake::admit(const tls::Selection& selection) {
  refusal_ = worker_.admission().choose(selection.settings, place_, slot_);
  return !refusal_;
}

void Handshake::turn_away(Refusal refusal) {
  over_ = true;
  count_sni();
  const tls::Effective& settings = hello_.selection.settings;
  std::string_view holder;
  if (refusal == Refusal::domain_connections) holder = settings.max_connections.holder;
  if (refusal == Refusal::domain_handshakes) holder = settings.max_handshakes.holder;
  worker_.admission().refused({refusal, source_.to_string(), hello_.listener->name, hello_.name.view(), holder},
                              worker_.reactor().now());
  ERR_clear_error();
  if (ssl_) {
    end_after_alert(client_.get());
  } else {
    reset_when_closed(client_.get());
  }
  worker_.reactor().retire(*this);
}

void Handshake::fail(tls::HandshakeFailure failure) {
  if (over_) return;
  over_ = true;
  leave_queue();
  if (state_ == State::waiting) worker_.stop_waiting(*this);
  worker_.metrics().handshake_failures[failure].add();
  count_sni();
  Facts facts;
  fill_facts(facts);
  log_failed_handshake(worker_.logger(), facts, to_string(failure), net::Clock::now());
  if (failure == tls::HandshakeFailure::waited_too_long) {
    reset_when_closed(client_.get());
  } else if (failure != tls::HandshakeFailure::closed_early) {
    end_after_alert(client_.get());
  }
  worker_.reactor().retire(*this);
}

}  // namespace arbortls::session
