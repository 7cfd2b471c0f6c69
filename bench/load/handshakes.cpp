#include "load/handshakes.hpp"

#include "load/client.hpp"
#include "load/latencies.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace arbortls::bench {
namespace {

// What both sides agreed on, so that equal terms can be told from unequal ones.
std::string negotiated(const SSL& tls) {
  auto* ssl = const_cast<SSL*>(&tls);  // OpenSSL's getters take no const
  EVP_PKEY* key = nullptr;
  int signature = NID_undef;
  SSL_get_peer_tmp_key(ssl, &key);
  const openssl::EvpPkeyPtr owned(key);
  SSL_get_peer_signature_nid(ssl, &signature);
  return std::string(SSL_get_version(ssl)) + ' ' + SSL_get_cipher_name(ssl) + ' ' +
         (key != nullptr ? OBJ_nid2sn(EVP_PKEY_get_base_id(key)) : "-") + ' ' +
         OBJ_nid2sn(signature);
}

class Handshakes final : public ClientEvents {
 public:
  Handshakes(EventLoop& loop, Target& target, const HandshakeOptions& options)
      : loop_(loop), target_(target), options_(options), latencies_(options.count) {
    if (options.message > 0) message_ = "E" + std::string(options.message - 1, 'x');
  }

  // A connection of its own that ends with a ticket in hand.
  Result<void> take_ticket(TimePoint deadline) {
    target_.keep_first_session(session_);
    run(1, 1, deadline);
    if (failed_ > 0) return error("no first connection to resume: " + why_);
    if (!session_) return error("the server gave no ticket");
    ended_ = early_ = reset_ = resumed_ = 0;
    latencies_ = Latencies(options_.count);
    return {};
  }

  bool run(std::size_t count, std::size_t parallel, TimePoint deadline) {
    begun_ = 0;
    count_ = count;
    clients_.clear();
    for (std::size_t i = 0; i < std::min(parallel, count); ++i) {
      clients_.push_back(std::make_unique<Client>(loop_, target_, *this, i));
      got_.assign(clients_.size(), 0);
      begin(*clients_.back());
    }
    return loop_.run(deadline, [this] { return ended_ == count_; });
  }

  // As many as go in that time; those under way then are ended too.
  bool run_for(Clock::duration time, std::size_t parallel, TimePoint deadline) {
    const auto until = Clock::now() + time;
    run(static_cast<std::size_t>(-1), parallel, until);
    count_ = begun_;
    return loop_.run(deadline, [this] { return ended_ == count_; });
  }

  boost::json::object figures(Clock::duration took) {
    const double seconds = std::chrono::duration<double>(took).count();
    return {{"count", ended_},
            {"failed", failed_},
            {"early", early_},
            {"reset", reset_},
            {"resumed", resumed_},
            {"negotiated", negotiated_},
            {"why", why_},
            {"seconds", seconds},
            {"per_second", static_cast<double>(ended_) / seconds},
            {"handshake", latencies_.summary()}};
  }

 private:
  void begin(Client& client) {
    ++begun_;
    got_[client.index()] = 0;
    const auto opened = client.open(session_.get());
    if (!opened) fail(client, opened.error().message);
  }

  void fail(Client& client, const std::string& why) {
    ++failed_;
    why_ = why;
    next(client);
  }

  void next(Client& client) {
    ++ended_;
    if (begun_ < count_) begin(client);
  }

  void on_open(Client& client) override {
    latencies_.add(Clock::now() - client.opened_at());
    if (negotiated_.empty()) negotiated_ = negotiated(client.tls());
    if (client.resumed()) ++resumed_;
    if (message_.empty()) return client.finish();
    client.send(message_);
  }

  void on_data(Client& client, std::string_view data) override {
    std::size_t& got = got_[client.index()];
    got += data.size();
    if (got == message_.size()) client.finish();
  }

  void on_end(Client& client, End end) override {
    if (end == End::failed) return fail(client, client.why());
    if (end == End::early) ++early_;
    if (end == End::reset) ++reset_;
    next(client);
  }

  EventLoop& loop_;
  Target& target_;
  const HandshakeOptions& options_;
  Latencies latencies_;
  SslSessionPtr session_;
  std::string message_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::size_t> got_;
  std::size_t count_ = 0, begun_ = 0, ended_ = 0;
  std::size_t failed_ = 0, early_ = 0, reset_ = 0, resumed_ = 0;
  std::string why_, negotiated_;
};

}  // namespace

Result<boost::json::object> run_handshakes(const TargetOptions& target_options,
                                           const HandshakeOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  Handshakes handshakes(*loop, *target, options);
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  if (options.resume) {
    const auto taken = handshakes.take_ticket(deadline);
    if (!taken) return taken.error();
  }
  steps.tell_and_wait("ready");
  const auto start = Clock::now();
  const bool in_time = options.duration_ms > 0
                           ? handshakes.run_for(std::chrono::milliseconds(options.duration_ms),
                                                options.parallel, deadline)
                           : handshakes.run(options.count, options.parallel, deadline);
  if (!in_time) return error("not all handshakes ended in time");
  return handshakes.figures(Clock::now() - start);
}

}  // namespace arbortls::bench
