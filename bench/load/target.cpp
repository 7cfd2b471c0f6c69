#include "load/target.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace arbortls::bench {
namespace {

int keep_if_first(SSL* ssl, SSL_SESSION* session) {
  SSL_CTX* context = SSL_get_SSL_CTX(ssl);
  auto* place = static_cast<SslSessionPtr*>(SSL_CTX_get_app_data(context));
  if (*place) return 0;
  place->reset(session);
  // A client with a cache never offers a TLS 1.3 session twice; the load offers this one over and
  // over.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return 1;
}

// The server's certificate is not verified: the load should cost the other core as little as may
// be.
Result<openssl::SslCtxPtr> make_context(const TargetOptions& options) {
  if (options.tls != "1.2" && options.tls != "1.3") return error("--tls must be 1.2 or 1.3");
  const int version = options.tls == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  openssl::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  const bool made = context && SSL_CTX_set_min_proto_version(context.get(), version) == 1 &&
                    SSL_CTX_set_max_proto_version(context.get(), version) == 1 &&
                    SSL_CTX_set_ciphersuites(context.get(), options.ciphersuites.c_str()) == 1 &&
                    SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) == 1 &&
                    SSL_CTX_set1_groups_list(context.get(), options.groups.c_str()) == 1;
  if (!made) return error("the TLS client's settings: " + openssl::drain_errors());
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

// SSL_set_tlsext_host_name without its C-style cast; the name is copied.
void ask_for(SSL* ssl, std::string name) {
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

sockaddr_in on_loopback(std::uint32_t address, std::uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(address);
  place.sin_port = htons(port);
  return place;
}

// The port is left to connect(), which may share it among destinations.
bool come_from(int fd, std::uint32_t address) {
  const int on = 1;
  const sockaddr_in source = on_loopback(address, 0);
  return ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0 &&
         ::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) == 0;
}

}  // namespace

Result<Target> Target::make(const TargetOptions& options) {
  auto context = make_context(options);
  if (!context) return context.error();
  return Target(options, std::move(*context));
}

Result<UniqueFd> Target::connect(std::size_t turn) const {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return error(std::string("socket: ") + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  constexpr std::uint32_t first_source = INADDR_LOOPBACK + 0x100;
  if (options_.source_addresses > 0 &&
      !come_from(fd.get(),
                 first_source + static_cast<std::uint32_t>(turn % options_.source_addresses))) {
    return error(std::string("bind: ") + std::strerror(errno));
  }
  const sockaddr_in address = on_loopback(INADDR_LOOPBACK, options_.port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), generic, sizeof address) == 0 || errno == EINPROGRESS) return fd;
  return error(std::string("connect: ") + std::strerror(errno));
}

Result<openssl::SslPtr> Target::tls(SSL_SESSION* session) const {
  openssl::SslPtr ssl(SSL_new(context_.get()));
  if (!ssl) return error("SSL_new: " + openssl::drain_errors());
  if (!options_.server_name.empty()) ask_for(ssl.get(), options_.server_name);
  if (session != nullptr) SSL_set_session(ssl.get(), session);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

void Target::keep_first_session(SslSessionPtr& place) {
  SSL_CTX_set_app_data(context_.get(), &place);
  SSL_CTX_set_session_cache_mode(context_.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_.get(), keep_if_first);
}

}  // namespace arbortls::bench
