#include "server/http_doors.hpp"

#include "server/process.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>

#include <algorithm>
#include <exception>
#include <map>
#include <thread>
#include <utility>

namespace arbortls::server {
namespace {

namespace asio = boost::asio;

constexpr int niceness = 5;  // a crowd at port 80 shall not delay calls
constexpr std::size_t most_connections = 1024;  // of all listeners together

// Its own, so that the server may close it at its own time.
UniqueFd duplicate(const SharedFd& socket) { return UniqueFd(::fcntl(socket->get(), F_DUPFD_CLOEXEC, 0)); }

// f(name, value)
template <class F>
void for_each_count(const DoorCounts& counts, F f) {
  f("connections", counts.connections);
  f("refused", counts.refused);
  f("requests", counts.requests);
  f("malformed", counts.malformed);
  f("forwarded", counts.forwarded);
  f("forward_failures", counts.forward_failures);
}

}  // namespace

struct HttpDoors::Impl {
  struct Door {
    SharedFd socket;  // tells whether it is still the same
    std::unique_ptr<http::Server> server;
  };

  Impl(http::TokenLookup lookup, TrustDoor page) : tokens(std::move(lookup)), trust_page(std::move(page)) {}

  http::Handler handler_of(const config::HttpListener& listener);
  void serve(std::vector<OpenDoor> wanted);
  void run();

  http::TokenLookup tokens;
  TrustDoor trust_page;
  std::shared_ptr<http::ConnectionBudget> budget = std::make_shared<http::ConnectionBudget>(most_connections);
  std::shared_ptr<http::ServerCounts> counts = std::make_shared<http::ServerCounts>();
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::map<const UniqueFd*, Door> doors;  // touched on the thread only
  std::thread thread;
};

http::Handler HttpDoors::Impl::handler_of(const config::HttpListener& listener) {
  http::DoorRules rules;
  rules.redirects = listener.kind == config::ListenerKind::http_redirect;
  if (rules.redirects) rules.tokens = tokens;
  if (listener.acme_backend) rules.acme_backend = listener.acme_backend->value;
  if (listener.trust_page) {
    rules.page = [this, mount = rules.redirects ? "/trust" : ""](const http::Request& request) {
      return trust_page.answer(request, mount);
    };
  }
  rules.redirect_to = listener.redirect_to;
  return [rules = std::move(rules)](const http::Request& request) { return http::answer(rules, request); };
}

void HttpDoors::Impl::serve(std::vector<OpenDoor> wanted) {
  std::map<const UniqueFd*, Door> next;
  for (OpenDoor& door : wanted) {
    const UniqueFd* key = door.socket.get();
    const auto known = doors.find(key);
    if (known != doors.end()) {
      known->second.server->set_handler(handler_of(door.listener));
      next.emplace(key, std::move(known->second));
      doors.erase(known);
      continue;
    }
    UniqueFd own = duplicate(door.socket);
    if (!own) continue;
    auto server = std::make_unique<http::Server>(io, std::move(own), handler_of(door.listener), http::ServerOptions(),
                                                 budget, counts);
    next.emplace(key, Door{std::move(door.socket), std::move(server)});
  }
  doors = std::move(next);
}

void HttpDoors::Impl::run() {
  lower_priority(niceness);
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::exception&) {
      // Memory ran out; what was under way is lost, the listeners are not.
    }
  }
}

HttpDoors::HttpDoors(http::TokenLookup tokens, TrustDoor trust_page)
    : impl_(std::make_unique<Impl>(std::move(tokens), std::move(trust_page))) {}

HttpDoors::~HttpDoors() { stop(); }

void HttpDoors::publish(std::vector<OpenDoor> doors) {
  if (doors.empty() && !impl_->thread.joinable()) return;
  asio::post(impl_->io, [impl = impl_.get(), doors = std::move(doors)]() mutable { impl->serve(std::move(doors)); });
  if (!impl_->thread.joinable()) impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void HttpDoors::stop_accepting() {
  asio::post(impl_->io, [impl = impl_.get()] {
    for (auto& [key, door] : impl->doors) door.server->stop_accepting();
  });
}

void HttpDoors::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->doors.clear();
}

DoorCounts HttpDoors::counts() const {
  const http::ServerCounts& c = *impl_->counts;
  return {c.connections, c.refused, c.requests, c.malformed, c.forwarded, c.forward_failures};
}

boost::json::object doors_json(const DoorCounts& counts) {
  boost::json::object json;
  for_each_count(counts, [&](const char* name, std::uint64_t value) { json[name] = value; });
  return json;
}

std::string doors_text(const DoorCounts& counts) {
  std::string text;
  for_each_count(counts, [&](const std::string& name, std::uint64_t value) {
    text += "# TYPE arbortls_http_" + name + "_total counter\narbortls_http_" + name + "_total " +
            std::to_string(value) + "\n";
  });
  return text;
}

}  // namespace arbortls::server
