#include "config/keys.hpp"

namespace arbortls::config {
namespace {

void read_health_check(const Value& value, void* backend) {
  read_map(value, {{health_check_keys(), backend}});
}

std::string mapping_words() { return "a mapping"; }

}  // namespace

Keys health_check_keys() {
  static constexpr Key rows[] = {
      required(key<Duration<100, 3'600'000>, Backend, &Backend::health_check>(
          "interval", "", "time between two connect-and-close checks of a server")),
  };
  return rows;
}

Keys backend_keys() {
  static constexpr Key rows[] = {
      required(
          key<OwnName, Backend, &Backend::name>("name", "", "its name for the `backend` keys")),
      required(list_key<ServerAddress, Backend, &Backend::servers>(
          "servers", "", "the servers, at least one; they are spoken to without TLS")),
      key<OneOf<Balance>, Backend, &Backend::balance>(
          "balance", "least_conn",
          "which server gets a connection: fewest connections, in turn, or by the client's "
          "address"),
      key<OneOf<SendProxy>, Backend, &Backend::send_proxy>(
          "send_proxy", "none", "PROXY header that tells the server the client's address"),
      key<OneOf<Connect>, Backend, &Backend::connect>(
          "connect", "first_bytes",
          "when to connect: with the client's first bytes, or `early` for servers that speak "
          "first"),
      key<Duration<100, 600'000>, Backend, &Backend::connect_timeout>(
          "connect_timeout", "5s",
          "longest time one server may take to accept; then the next is tried"),
      Key{"health_check", &mapping_words, "none", "checks servers before clients meet them",
          &read_health_check, &health_check_keys},
      list_key<IpAddress, Backend, &Backend::source_addresses>(
          "source_addresses", "[]", "own addresses to connect from, in turn"),
  };
  return rows;
}

void read_backend(const Value& value, Backend& backend) {
  read_map(value, {{backend_keys(), &backend}});
}

}  // namespace arbortls::config
