#include "load/in_memory.hpp"

#include "load/target.hpp"

#include "openssl/handles.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

namespace arbortls::bench {
namespace {

constexpr std::size_t message_size = 400;
constexpr std::size_t record_size = 16 * 1024;
constexpr std::size_t batch = 64;  // records between two looks at the clock

std::int64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// Both ends of one connection; each writes straight into the memory the other reads from.
class Pair {
 public:
  Pair(SSL_CTX* server, const Target& target, SSL_SESSION* session)
      : client_(std::move(*target.tls(session))) {
    const auto start = cpu_ns();
    server_.reset(SSL_new(server));
    BIO* to_server = BIO_new(BIO_s_mem());
    BIO* to_client = BIO_new(BIO_s_mem());
    BIO_up_ref(to_server);
    BIO_up_ref(to_client);
    SSL_set_bio(server_.get(), to_server, to_client);
    SSL_set_bio(client_.get(), to_client, to_server);
    SSL_set_accept_state(server_.get());
    server_ns_ += cpu_ns() - start;
  }

  SSL* client() const noexcept { return client_.get(); }

  bool shake_hands() {
    for (int flight = 0; flight < 4; ++flight) {
      SSL_do_handshake(client_.get());
      const auto start = cpu_ns();
      const bool done = SSL_do_handshake(server_.get()) == 1;
      server_ns_ += cpu_ns() - start;
      if (done) return take_ticket();
    }
    return false;
  }

  // `count` records from one end to the other, in batches, at most as large as one record.
  bool carry(bool up, std::size_t count, std::size_t size) {
    SSL* const from = up ? client_.get() : server_.get();
    SSL* const to = up ? server_.get() : client_.get();
    const std::string text(size, 'x');
    std::string place(size, '\0');
    const auto length = static_cast<int>(size);
    const auto start = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) {
      if (SSL_write(from, text.data(), length) != length) return false;
    }
    const auto written = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) {
      if (SSL_read(to, place.data(), length) != length) return false;
    }
    server_ns_ += up ? cpu_ns() - written : written - start;
    return true;
  }

  void end() {
    const auto start = cpu_ns();
    SSL_shutdown(server_.get());
    server_.reset();
    server_ns_ += cpu_ns() - start;
    SSL_shutdown(client_.get());  // else its session could not be resumed again
  }

  // What the server's end has cost since the last time this was asked.
  std::int64_t take_server_ns() { return std::exchange(server_ns_, 0); }

 private:
  // Also brings the client of TLS 1.2 to the end of its handshake.
  bool take_ticket() {
    char none = 0;
    SSL_read(client_.get(), &none, 1);
    return SSL_is_init_finished(client_.get()) == 1;
  }

  openssl::SslPtr server_;
  openssl::SslPtr client_;
  std::int64_t server_ns_ = 0;
};

// As the terminators are set up: tickets, released buffers, server's preference.
Result<openssl::SslCtxPtr> server_context(const std::string& pem) {
  openssl::SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  const bool made =
      context && SSL_CTX_use_certificate_chain_file(context.get(), pem.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context.get(), pem.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_set1_groups_list(context.get(), "X25519:P-256:P-384") == 1;
  if (!made) return error(pem + ": " + openssl::drain_errors());
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

class Limit {
 public:
  Limit(const InMemoryOptions& options, SSL_CTX* server, const Target& target)
      : options_(options), server_(server), target_(target) {}

  Result<boost::json::object> measure() {
    const double full = handshakes_us(nullptr);
    Pair pair(server_, target_, nullptr);
    bool well = pair.shake_hands();
    pair.take_server_ns();
    const SslSessionPtr session(SSL_get1_session(pair.client()));
    const double resumed = handshakes_us(session.get());
    const double message = carry_ns(pair, options_.messages, message_size, true, true) / 1e3;
    const std::size_t records = std::max<std::size_t>(options_.bytes / record_size, 1);
    const double down = carry_ns(pair, records, record_size, false, true) / record_size;
    const double up = carry_ns(pair, records, record_size, true, false) / record_size;
    if (!well_ || !well) return error("in memory: " + openssl::drain_errors());
    return boost::json::object{{"handshake_us", full},
                               {"resumed_us", resumed},
                               {"message_us", message},
                               {"download_s_per_gb", down},
                               {"upload_s_per_gb", up}};
  }

 private:
  double handshakes_us(SSL_SESSION* session) {
    std::int64_t spent = 0;
    for (std::size_t i = 0; i < options_.handshakes; ++i) {
      Pair pair(server_, target_, session);
      well_ = pair.shake_hands() && well_;
      well_ = well_ && (session == nullptr || SSL_session_reused(pair.client()) == 1);
      pair.end();
      spent += pair.take_server_ns();
    }
    return static_cast<double>(spent) / 1e3 / static_cast<double>(options_.handshakes);
  }

  // Nanoseconds a record, on the way up, down, or both.
  double carry_ns(Pair& pair, std::size_t records, std::size_t size, bool up, bool down) {
    for (std::size_t left = records; left > 0;) {
      const std::size_t count = std::min(left, batch);
      if (up) well_ = pair.carry(true, count, size) && well_;
      if (down) well_ = pair.carry(false, count, size) && well_;
      left -= count;
    }
    return static_cast<double>(pair.take_server_ns()) / static_cast<double>(records);
  }

  const InMemoryOptions& options_;
  SSL_CTX* server_;
  const Target& target_;
  bool well_ = true;
};

}  // namespace

Result<boost::json::object> run_in_memory(const InMemoryOptions& options) {
  const auto server = server_context(options.pem);
  if (!server) return server.error();
  TargetOptions client;
  client.tls = options.tls;
  const auto target = Target::make(client);
  if (!target) return target.error();
  return Limit(options, server->get(), *target).measure();
}

}  // namespace arbortls::bench
