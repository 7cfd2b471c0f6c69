#include "server/daemon.hpp"

#include "acme/challenges.hpp"
#include "admin/control_server.hpp"
#include "base/wall_clock.hpp"
#include "issuance/issuer.hpp"
#include "server/expiry_list.hpp"
#include "server/expiry_watch.hpp"
#include "server/explain.hpp"
#include "server/http_doors.hpp"
#include "server/issuing.hpp"
#include "server/limits.hpp"
#include "server/lists.hpp"
#include "server/process.hpp"
#include "server/sockets.hpp"
#include "server/workers.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <charconv>
#include <csignal>
#include <new>
#include <optional>
#include <utility>

namespace arbortls::server {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr auto drain_check = std::chrono::milliseconds(20);
constexpr int background_niceness = 10;
constexpr auto longest_goodbye = std::chrono::seconds(3);  // for the last closes after a cut

admin::Response json_response(unsigned status, const json::value& body) {
  return {status, "application/json", json::serialize(body) + "\n"};
}

admin::Response failure(unsigned status, std::string_view message) {
  return json_response(status, json::object{{"ok", false}, {"error", message}});
}

class Daemon {
 public:
  Daemon(std::string config_file, std::shared_ptr<Store> store, log::Logger& logger)
      : config_file_(std::move(config_file)), store_(std::move(store)), logger_(logger) {}

  int run(std::unique_ptr<Book> book, std::int64_t max_connections);

 private:
  bool start(std::unique_ptr<Book> book, std::int64_t max_connections);
  void await_signal();
  void on_signal(int signal);
  void feed_watchdog();
  void take(ViewPtr view);
  void feed_expiry_watch();
  void reload(std::function<void(ReloadResult)> done);
  void begin_drain();
  void check_drain();
  void cut();
  std::string status_line() const;

  void answer(admin::Request request, admin::Reply reply);
  admin::Response explain(const admin::Request& request) const;
  void list_expiring(const admin::Request& request, admin::Reply reply);
  std::string authority_directory() const { return store_->directory() + "/ca"; }
  json::object status(const issuance::Report& report) const;
  void with_report(std::function<void(const issuance::Report&)> told);
  void rehearse_issuance(admin::Reply reply);
  using IssuerTask = void (issuance::Issuer::*)(std::string, issuance::Issuer::Told);
  void ask_issuer(const admin::Request& request, IssuerTask task, admin::Reply reply);

  std::string config_file_;
  std::shared_ptr<Store> store_;
  log::Logger& logger_;
  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGHUP, SIGTERM, SIGINT};
  asio::steady_timer timer_{io_};
  asio::steady_timer watchdog_{io_};
  session::Metrics metrics_;
  Sockets sockets_;
  std::unique_ptr<Workers> workers_;
  std::shared_ptr<acme::Challenges> challenges_ = std::make_shared<acme::Challenges>();
  HttpDoors doors_{[challenges = challenges_](std::string_view token) { return challenges->key_authorization(token); },
                   TrustDoor(authority_directory(), wall_clock)};
  ExpiryWatch expiry_watch_{{store_->directory(), logger_, wall_clock, [this] { feed_expiry_watch(); },
                             [] { lower_priority(background_niceness); }}};
  std::unique_ptr<issuance::Issuer> issuer_;  // once some domain wants a certificate made
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<admin::ControlServer> control_;
  ViewPtr view_;
  ProcessFacts process_{ARBORTLS_VERSION, wall_clock(), false};
  std::chrono::steady_clock::time_point drain_until_;
  std::shared_ptr<std::atomic<std::size_t>> cut_ = std::make_shared<std::atomic<std::size_t>>(0);
  bool cutting_ = false;
  bool ended_ = false;
  bool stopped_ = false;
  std::vector<admin::Reply> drain_replies_;
};

std::string Daemon::status_line() const {
  std::string line = "serving " + std::to_string(view_ ? view_->domains : 0) + " domains";
  if (view_ && !view_->last_reload.ok) {
    line += "; last reload refused: " + (view_->last_reload.problems.empty()
                                             ? std::string("see the log")
                                             : to_string(view_->last_reload.problems.front()));
  } else if (view_ && !view_->problems.empty()) {
    line += "; " + std::to_string(view_->problems.size()) + " problems, see arbortls status";
  }
  return line;
}

bool Daemon::start(std::unique_ptr<Book> book, std::int64_t max_connections) {
  const config::Settings settings = book->settings();
  const std::size_t domains = book->records().size();
  auto workers = Workers::start(
      settings, metrics_, logger_, max_connections,
      [challenges = challenges_](std::string_view name) { return challenges->certificate(name); });
  if (!workers) {
    logger_.error("cannot start", {{"problem", std::string_view(workers.error().message)}});
    return false;
  }
  workers_ = std::move(*workers);
  auto publish = [this](ViewPtr view) {
    asio::post(io_, [this, view = std::move(view)] { take(view); });
  };
  auto [keeper, problems] = Keeper::start({config_file_, std::move(book), store_, sockets_, *workers_, logger_,
                                           wall_clock, std::move(publish), &doors_});
  for (const Problem& problem : problems) {
    logger_.error("cannot start", {{"problem", std::string_view(to_string(problem))}});
  }
  if (!keeper) return false;
  keeper_ = std::move(keeper);
  auto control = admin::ControlServer::start(
      io_, settings.control_socket,
      [this](admin::Request request, admin::Reply reply) { answer(std::move(request), std::move(reply)); });
  if (!control) {
    logger_.error("cannot start", {{"problem", std::string_view(control.error().message)}});
    return false;
  }
  control_ = std::move(*control);
  logger_.info("started", {{"version", process_.version},
                           {"domains", domains},
                           {"max_connections", max_connections}});
  return true;
}

int Daemon::run(std::unique_ptr<Book> book, std::int64_t max_connections) {
  if (!start(std::move(book), max_connections)) {
    if (keeper_) keeper_->stop();
    return 1;
  }
  io_.poll();  // takes the first view
  io_.restart();
  for (std::size_t i = 0; i < view_->addresses.size(); ++i) {
    logger_.info("listening", {{"listener", std::string_view(view_->snapshot->site.listeners[i].name)},
                               {"address", std::string_view(view_->addresses[i])}});
  }
  for (const DoorView& door : view_->doors) {
    logger_.info("listening", {{"listener", std::string_view(door.name)}, {"address", std::string_view(door.address)}});
  }
  await_signal();
  feed_watchdog();
  notify_ready(status_line());
  for (;;) {
    try {
      io_.run();
      return 0;
    } catch (const std::bad_alloc&) {
      logger_.error("memory ran out on the control side", {});  // a request or a status line is lost
    }
  }
}

void Daemon::take(ViewPtr view) {
  const bool other = view_ == nullptr || view_->snapshot != view->snapshot;
  view_ = std::move(view);
  expiry_watch_.follow(view_);
  if (!other || process_.draining || (!issuer_ && !view_->snapshot->site.automatic)) return;
  if (!issuer_) {
    issuer_ = std::make_unique<issuance::Issuer>(issuance::Issuer::Setting{
        store_->directory(), challenges_, logger_, wall_clock, [] { lower_priority(background_niceness); }});
  }
  issuer_->follow({view_->snapshot, &view_->snapshot->site}, view_->issuing);
}

// Called on the watch's thread.
void Daemon::feed_expiry_watch() {
  asio::post(io_, [this] {
    with_report([this](const issuance::Report& report) { expiry_watch_.take(report); });
  });
}

void Daemon::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& failed, int signal) {
    if (failed) return;
    on_signal(signal);
    if (!stopped_) await_signal();
  });
}

void Daemon::on_signal(int signal) {
  if (signal == SIGHUP) {
    if (!process_.draining) reload([](const ReloadResult&) {});
  } else if (process_.draining) {
    cut();
  } else {
    begin_drain();
  }
}

void Daemon::feed_watchdog() {
  const std::uint64_t interval = watchdog_interval();
  if (interval == 0) return;
  // Only a daemon whose workers answer is alive; one that hangs shall be restarted.
  if (workers_->alive()) notify_watchdog();
  watchdog_.expires_after(std::chrono::microseconds(interval / 3));
  watchdog_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed) feed_watchdog();
  });
}

void Daemon::reload(std::function<void(ReloadResult)> done) {
  notify_reloading();
  keeper_->reload([this, done = std::move(done)](const ReloadResult& result) {
    asio::post(io_, [this, done, result] {
      notify_ready(status_line());
      done(result);
    });
  });
}

void Daemon::begin_drain() {
  process_.draining = true;
  notify_stopping();
  logger_.info("draining", {{"connections", metrics_.active.value()}});
  // Not joined here: the keeper may hang on a file system.
  keeper_->ask_to_stop();
  workers_->stop_accepting();
  doors_.stop_accepting();
  sockets_.close_all();
  drain_until_ = std::chrono::steady_clock::now() + view_->drain_timeout;
  check_drain();
}

void Daemon::check_drain() {
  const auto now = std::chrono::steady_clock::now();
  if (metrics_.active.value() == 0 || (cutting_ && now >= drain_until_)) {
    logger_.info("stopped", {{"cut", cut_->load()}});
    for (const admin::Reply& reply : drain_replies_) {
      reply(json_response(200, json::object{{"ok", true}, {"cut", cut_->load()}}));
    }
    stopped_ = true;
    ended_ = true;
    keeper_->stop();
    if (issuer_) issuer_->stop();
    expiry_watch_.stop();
    workers_->stop();
    doors_.stop();
    control_.reset();
    signals_.cancel();
    watchdog_.cancel();
    return;
  }
  if (!cutting_ && now >= drain_until_) cut();
  timer_.expires_after(drain_check);
  timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed) check_drain();
  });
}

void Daemon::cut() {
  if (std::exchange(cutting_, true)) return;
  drain_until_ = std::chrono::steady_clock::now() + longest_goodbye;
  workers_->cut_all(cut_);
}

void Daemon::answer(admin::Request request, admin::Reply reply) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && request.path == "/status") {
    return with_report([this, reply = std::move(reply)](const issuance::Report& report) {
      reply(json_response(200, status(report)));
    });
  }
  if (get && request.path == "/explain") return reply(explain(request));
  if (get && request.path == "/expiring") return list_expiring(request, std::move(reply));
  if (get && request.path == "/tree") return reply(json_response(200, tree_json(*view_)));
  if (get && request.path == "/certs") return reply(json_response(200, certificates_json(*view_, wall_clock())));
  if (get && request.path == "/acme") {
    return with_report([reply = std::move(reply)](const issuance::Report& report) {
      reply(json_response(200, report_json(report, wall_clock())));
    });
  }
  if (get && request.path == "/acme/dry-run") return rehearse_issuance(std::move(reply));
  if (post && request.path == "/acme/renew") return ask_issuer(request, &issuance::Issuer::renew, std::move(reply));
  if (post && request.path == "/acme/revoke") return ask_issuer(request, &issuance::Issuer::revoke, std::move(reply));
  if (get && request.path == "/metrics") {
    return reply({200, "text/plain; version=0.0.4",
                  metrics_text(*view_, metrics_) + doors_text(doors_.counts()) +
                      expiry_metrics(expiry_watch_.summary(), wall_clock())});
  }
  if (post && request.path == "/reload") {
    if (process_.draining) return reply(failure(409, "the daemon is draining"));
    return reload([reply = std::move(reply)](const ReloadResult& result) {
      reply(json_response(result.ok ? 200 : 409,
                          json::object{{"ok", result.ok}, {"problems", problems_json(result.problems)}}));
    });
  }
  if (post && request.path == "/drain") {
    drain_replies_.push_back(std::move(reply));
    if (!process_.draining) begin_drain();
    return;
  }
  reply(failure(404, "no such resource: " + request.method + " " + request.path));
}

admin::Response Daemon::explain(const admin::Request& request) const {
  const auto get = [&](const char* key) -> std::optional<std::string> {
    const auto found = request.query.find(key);
    return found != request.query.end() ? std::optional(found->second) : std::nullopt;
  };
  const auto name = get("name");
  if (!name && !get("no_sni")) return failure(400, "name or no_sni is needed");
  const auto explained = explain_json(*view_->snapshot, get("listener").value_or(""), name, view_->problems,
                                      wall_clock());
  return explained ? json_response(200, *explained) : failure(404, explained.error().message);
}

void Daemon::list_expiring(const admin::Request& request, admin::Reply reply) {
  std::int64_t within = 14 * 86400;
  if (const auto found = request.query.find("within"); found != request.query.end()) {
    const std::string& text = found->second;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), within);
    if (failed != std::errc() || end != text.data() + text.size())
      return reply(failure(400, "within: seconds are needed"));
  }
  with_report([this, within, reply = std::move(reply)](const issuance::Report& report) {
    reply(json_response(200, expiring_json(*view_, report, authority_directory(), wall_clock(), within)));
  });
}

json::object Daemon::status(const issuance::Report& report) const {
  json::object status = status_json(*view_, metrics_, process_, wall_clock());
  status["http"] = doors_json(doors_.counts());
  status["expiry"] = expiry_json(expiry_watch_.summary());
  status["automatic"] = summary_json(report, wall_clock());
  status["domain_limits"] = domain_limits_json(workers_->usage());
  return status;
}

// Told on this thread, at once where no certificates are made.
void Daemon::with_report(std::function<void(const issuance::Report&)> told) {
  if (!issuer_) return told({});
  issuer_->report([this, told = std::move(told)](issuance::Report report) {
    asio::post(io_, [told, report = std::move(report)] { told(report); });
  });
}

void Daemon::rehearse_issuance(admin::Reply reply) {
  if (!issuer_) return reply(json_response(200, json::array()));
  issuer_->rehearse([this, reply = std::move(reply)](std::vector<issuance::Rehearsed> rehearsal) {
    asio::post(io_, [reply, rehearsal = std::move(rehearsal)] { reply(json_response(200, rehearsal_json(rehearsal))); });
  });
}

void Daemon::ask_issuer(const admin::Request& request, IssuerTask task, admin::Reply reply) {
  const auto name = request.query.find("name");
  if (name == request.query.end()) return reply(failure(400, "name is needed"));
  const auto domain = domain::parse_name(name->second);
  if (!domain) return reply(failure(400, domain.error().message));
  if (!issuer_) return reply(failure(409, *domain + ": no certificate is made for it; acme_enabled makes one"));
  ((*issuer_).*task)(*domain, [this, reply = std::move(reply)](const Result<std::string>& told) {
    asio::post(io_, [reply, told] {
      reply(told ? json_response(200, json::object{{"ok", true}, {"file", *told}})
                 : failure(409, told.error().message));
    });
  });
}

}  // namespace

int run_daemon(const std::string& config_file, std::unique_ptr<Book> book, std::shared_ptr<Store> store,
               log::Logger& logger, std::int64_t max_connections) {
  Daemon daemon(config_file, std::move(store), logger);
  return daemon.run(std::move(book), max_connections);
}

}  // namespace arbortls::server
