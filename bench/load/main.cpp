#include "load/backend.hpp"
#include "load/bulk.hpp"
#include "load/domains.hpp"
#include "load/handshakes.hpp"
#include "load/idle.hpp"
#include "load/in_memory.hpp"
#include "load/messages.hpp"
#include "load/storm.hpp"

#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <functional>
#include <iostream>

namespace {

namespace bench = arbortls::bench;
using Figures = arbortls::Result<boost::json::object>;

struct Options {
  bool step = false;
  std::uint16_t backend_port = 0;
  bench::TargetOptions target;
  bench::HandshakeOptions handshakes;
  bench::MessageOptions messages;
  bench::BulkOptions bulk;
  bench::IdleOptions idle;
  bench::StormOptions storm;
  bench::DomainOptions domains;
  bench::InMemoryOptions in_memory;
};

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

CLI::App* add_mode(CLI::App& app, Options& o, const char* name, const char* what, int& deadline_s) {
  CLI::App* mode = app.add_subcommand(name, what);
  mode->add_option("--port", o.target.port, "the terminator's port on 127.0.0.1")->required();
  mode->add_option("--sources", o.target.source_addresses,
                   "addresses 127.0.1.x to come from in turn");
  mode->add_option("--sni", o.target.server_name, "server name to ask for");
  mode->add_option("--tls", o.target.tls, "the one version to offer: 1.2 or 1.3");
  mode->add_option("--ciphersuites", o.target.ciphersuites, "TLS 1.3 suites");
  mode->add_option("--ciphers", o.target.ciphers, "TLS 1.2 suites");
  mode->add_option("--groups", o.target.groups, "key exchange groups");
  mode->add_option("--deadline", deadline_s, "seconds after which the run is given up");
  return mode;
}

void add_handshakes(CLI::App& app, Options& o) {
  auto* mode = add_mode(app, o, "handshakes", "connect, shake hands, end", o.handshakes.deadline_s);
  mode->add_option("--count", o.handshakes.count, "connections in all");
  mode->add_option("--duration", o.handshakes.duration_ms, "ms to go on, instead of a count");
  mode->add_option("--parallel", o.handshakes.parallel, "connections at a time");
  mode->add_option("--message", o.handshakes.message, "bytes to send and get back on each");
  mode->add_flag("--resume", o.handshakes.resume, "resume the session of a first connection");
}

void add_messages(CLI::App& app, Options& o, const char* name, const char* what) {
  auto* mode = add_mode(app, o, name, what, o.messages.deadline_s);
  const auto positive = CLI::Range(std::size_t{1}, std::size_t{1} << 24);
  mode->add_option("--connections", o.messages.connections, "connections")->check(positive);
  mode->add_option("--size", o.messages.size, "bytes a message")->check(positive);
  if (std::string_view(name) == "ping-pong") {
    mode->add_option("--count", o.messages.count, "messages in all");
  } else {
    mode->add_option("--interval", o.messages.interval_ms, "ms between messages of a connection");
    mode->add_option("--duration", o.messages.duration_s, "seconds of sending");
  }
}

void add_bulk(CLI::App& app, Options& o, const char* name, const char* what) {
  auto* mode = add_mode(app, o, name, what, o.bulk.deadline_s);
  mode->add_option("--connections", o.bulk.connections, "connections")->check(CLI::PositiveNumber);
  mode->add_option("--bytes", o.bulk.bytes, "bytes on all connections together");
}

void add_idle(CLI::App& app, Options& o) {
  auto* mode = add_mode(app, o, "idle", "hold connections that say nothing", o.idle.deadline_s);
  mode->add_option("--connections", o.idle.connections, "connections")->check(CLI::PositiveNumber);
  mode->add_option("--hold", o.idle.hold_s, "seconds to hold them");
}

void add_storm(CLI::App& app, Options& o) {
  auto* mode =
      add_mode(app, o, "storm", "clients are cut at once and come back", o.storm.deadline_s);
  mode->add_option("--clients", o.storm.clients, "clients")->check(CLI::PositiveNumber);
  mode->add_option("--interval", o.storm.interval_ms,
                   "ms between messages of a client that stands");
  mode->add_option("--hold", o.storm.hold_ms, "ms they stand before the cut");
  mode->add_option("--back", o.storm.back_ms, "ms to the next attempt");
  mode->add_option("--give-up", o.storm.give_up_ms, "ms an attempt may take");
  mode->add_flag("--resume", o.storm.resume, "each client offers its own ticket");
}

void add_domains(CLI::App& app, Options& o) {
  auto* mode = app.add_subcommand("domains", "a key and certificate for each of many domains");
  mode->add_option("--directory", o.domains.directory, "where NAME.pem go")->required();
  mode->add_option("--issuer", o.domains.issuer, "the CA's key and certificate")->required();
  mode->add_option("--suffix", o.domains.suffix, "names are dNNNNNN.SUFFIX");
  mode->add_option("--first", o.domains.first, "the first number");
  mode->add_option("--count", o.domains.count, "how many");
}

void add_in_memory(CLI::App& app, Options& o) {
  auto* mode =
      app.add_subcommand("in-memory", "the server's part in OpenSSL alone, without sockets");
  mode->add_option("--pem", o.in_memory.pem, "the server's key and chain")->required();
  mode->add_option("--tls", o.in_memory.tls, "1.2 or 1.3");
  mode->add_option("--handshakes", o.in_memory.handshakes, "full ones, and as many resumed")
      ->check(CLI::PositiveNumber);
  mode->add_option("--messages", o.in_memory.messages, "of 400 bytes")->check(CLI::PositiveNumber);
  mode->add_option("--bytes", o.in_memory.bytes, "in each direction");
}

void add_options(CLI::App& app, Options& o) {
  app.require_subcommand(1);
  app.add_flag("--step", o.step, "wait for a line on standard input at each step");
  add_handshakes(app, o);
  add_messages(app, o, "ping-pong", "messages there and back, the next when the last is back");
  add_messages(app, o, "paced", "messages there and back at set moments");
  add_bulk(app, o, "download", "bytes from the backend");
  add_bulk(app, o, "upload", "bytes to the backend");
  add_idle(app, o);
  add_storm(app, o);
  add_domains(app, o);
  add_in_memory(app, o);
  auto* backend = app.add_subcommand("backend", "the plain TCP server behind the terminator");
  backend->add_option("--port", o.backend_port, "port on 127.0.0.1; 0 = any");
}

Figures run(const std::string& mode, Options& o) {
  const bench::Steps steps(o.step);
  o.bulk.upload = mode == "upload";
  if (mode == "handshakes") return bench::run_handshakes(o.target, o.handshakes, steps);
  if (mode == "ping-pong") return bench::run_ping_pong(o.target, o.messages, steps);
  if (mode == "paced") return bench::run_paced(o.target, o.messages, steps);
  if (mode == "idle") return bench::run_idle(o.target, o.idle, steps);
  if (mode == "storm") return bench::run_storm(o.target, o.storm, steps);
  if (mode == "domains") return bench::make_domains(o.domains);
  if (mode == "in-memory") return bench::run_in_memory(o.in_memory);
  if (mode == "backend") return bench::run_backend(o.backend_port, steps).error();
  return bench::run_bulk(o.target, o.bulk, steps);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  Options options;
  CLI::App app("TLS load for benchmarks on this machine");
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto figures = run(app.get_subcommands().front()->get_name(), options);
  if (!figures) {
    std::cerr << "arbortls_bench: " << figures.error().message << '\n';
    return 1;
  }
  bench::Steps(false).tell("done", *figures);
  return 0;
}
