#include "server/view.hpp"

#include "config/describe.hpp"

#include <boost/json/array.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace arbortls::server {
namespace {

// f(name, value) for every counter, with the names that status shows.
template <class F>
void for_each_counter(const session::Metrics& m, F f) {
  f("connections_accepted", m.connections_accepted.value());
  f("accept_pauses", m.accept_pauses.value());
  f("addresses_uncounted", m.addresses_uncounted.value());
  f("handshakes_ok", m.handshakes_ok.value());
  f("handshakes_resumed", m.handshakes_resumed.value());
  f("validations", m.validations.value());
  f("tls1_2", m.tls1_2.value());
  f("tls1_3", m.tls1_3.value());
  f("backend_connect_failures", m.backend_connect_failures.value());
  f("truncated_by_client", m.truncated_by_client.value());
  f("bytes_from_clients", m.bytes_from_clients.value());
  f("bytes_to_clients", m.bytes_to_clients.value());
  f("all_backends_down", m.ended[session::EndReason::backend_unavailable].value());
}

// f(family, name, value) for every counter of a family.
template <class F>
void for_each_family(const session::Metrics& m, F f) {
  const auto all = [&f](const char* family, const auto& counters, auto first) {
    using Enum = decltype(first);
    for (std::size_t i = 0; i < static_cast<std::size_t>(Enum::count_); ++i) {
      f(family, std::string(to_string(static_cast<Enum>(i))), counters[static_cast<Enum>(i)].value());
    }
  };
  all("handshake_failures", m.handshake_failures, tls::HandshakeFailure{});
  all("refused", m.refused, session::Refusal{});
  all("sni", m.sni, session::SniKind{});
  all("ended", m.ended, session::EndReason{});
}

boost::json::array listeners_json(const View& view) {
  boost::json::array listeners;
  const auto& known = view.snapshot->site.listeners;
  for (std::size_t i = 0; i < known.size(); ++i) {
    listeners.push_back(
        {{"name", known[i].name},
         {"kind", config::to_text(config::ListenerKind::tls)},
         {"role", config::to_text(known[i].role)},
         {"address", i < view.addresses.size() ? view.addresses[i] : std::string()}});
  }
  for (const DoorView& door : view.doors) {
    listeners.push_back({{"name", door.name}, {"kind", config::to_text(door.kind)}, {"address", door.address}});
  }
  return listeners;
}

boost::json::array backends_json(const View& view) {
  const auto now = backend::Clock::now();
  boost::json::array backends;
  for (const auto& [name, pool] : view.snapshot->backends) {
    boost::json::array servers;
    for (const backend::ServerPtr& server : pool->servers()) {
      servers.push_back({{"address", server->name()},
                         {"up", !server->down(now)},
                         {"active", server->active.value()},
                         {"connected", server->connected.value()},
                         {"failures", server->failures.value()}});
    }
    backends.push_back({{"name", name}, {"servers", std::move(servers)}});
  }
  return backends;
}

}  // namespace

std::string iso_time(std::int64_t unix_time) {
  const std::time_t time = unix_time;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

boost::json::object problem_json(const Problem& problem) {
  return {{"severity", problem.severity == Severity::error ? "error" : "warning"},
          {"place", {{"file", problem.place.file}, {"line", problem.place.line}, {"column", problem.place.column}}},
          {"key", problem.key},
          {"message", problem.message},
          {"text", to_string(problem)}};
}

boost::json::array problems_json(const Problems& problems) {
  boost::json::array all;
  for (const Problem& problem : problems) all.push_back(problem_json(problem));
  return all;
}

boost::json::object status_json(const View& view, const session::Metrics& metrics,
                                const ProcessFacts& process, std::int64_t now) {
  boost::json::object counters;
  for_each_counter(metrics, [&](const char* name, std::uint64_t value) { counters[name] = value; });
  for_each_family(metrics, [&](const char* family, const std::string& name, std::uint64_t value) {
    counters[std::string(family) + "." + name] = value;
  });
  boost::json::object last{{"ok", view.last_reload.ok},
                           {"problems", problems_json(view.last_reload.problems)}};
  if (view.last_reload.time != 0) {
    last["time"] = iso_time(view.last_reload.time);
  } else {
    last["time"] = nullptr;
  }
  boost::json::object status{{"version", process.version},
                             {"pid", ::getpid()},
                             {"uptime_seconds", now - process.started},
                             {"state", process.draining ? "draining" : "serving"},
                             {"connections", metrics.active.value()},
                             {"handshakes", metrics.handshakes.value()},
                             {"listeners", listeners_json(view)},
                             {"backends", backends_json(view)},
                             {"domains", view.domains},
                             {"certificates",
                              {{"served", view.certificates},
                               {"pending", view.pending},
                               {"unsaved", view.unsaved}}},
                             {"problems", problems_json(view.problems.all())},
                             {"last_reload", std::move(last)},
                             {"counters", std::move(counters)}};
  if (!view.watch_degraded.empty()) status["watch"] = view.watch_degraded;
  return status;
}

std::string metrics_text(const View& view, const session::Metrics& metrics) {
  std::string text;
  for_each_counter(metrics, [&](const std::string& name, std::uint64_t value) {
    text += "# TYPE arbortls_" + name + "_total counter\narbortls_" + name + "_total " +
            std::to_string(value) + "\n";
  });
  std::string last;
  for_each_family(metrics, [&](const std::string& family, const std::string& name, std::uint64_t value) {
    if (family != last) text += "# TYPE arbortls_" + family + "_total counter\n";
    last = family;
    text += "arbortls_" + family + "_total{" + (family == "sni" ? "kind" : "reason") + "=\"" + name + "\"} " +
            std::to_string(value) + "\n";
  });
  const auto gauge = [&](const char* name, std::int64_t value) {
    text += std::string("# TYPE arbortls_") + name + " gauge\narbortls_" + name + " " + std::to_string(value) + "\n";
  };
  gauge("connections", metrics.active.value());
  gauge("handshakes_in_progress", metrics.handshakes.value());
  gauge("domains", static_cast<std::int64_t>(view.domains));
  gauge("certificates_served", static_cast<std::int64_t>(view.certificates));
  gauge("certificates_pending", static_cast<std::int64_t>(view.pending));
  gauge("certificates_unsaved", static_cast<std::int64_t>(view.unsaved));
  gauge("problems", static_cast<std::int64_t>(view.problems.size()));
  return text;
}

}  // namespace arbortls::server
