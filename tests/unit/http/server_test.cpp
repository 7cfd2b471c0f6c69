// The server: what it reads, what it refuses, and what it never does for anybody.
#include "unit/http/running.hpp"

#include <tuple>

using namespace arbortls::http;
using arbortls::http::test::RawClient;
using arbortls::http::test::Running;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

Answer echo(const Request& request) {
  return Response{200, "text/plain", {{"X-Test", "yes"}}, request.method + " " + request.target + " " + request.host + " " +
                                                              request.peer + " " + request.body + "\n."};
}

const std::string get = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

}  // namespace

TEST_CASE("a request reaches the handler, and its answer the client", "[http]") {
  const Running running(echo);
  const auto [asked, heard] = GENERATE(table<std::string, std::string>({
      {"GET /x?y HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET /x?y a.example 127.0.0.1 "},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", "POST / a 127.0.0.1 body"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "POST / a 127.0.0.1 body"},
      {"GET http://b.example:80/x HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET /x b.example:80 127.0.0.1 "},
      {"GET http://b.example HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET / b.example 127.0.0.1 "},
      {"GET / HTTP/1.0\r\n\r\n", "GET /  127.0.0.1 "},
  }));
  CAPTURE(asked);
  const RawClient client(running.address);
  client.say(asked);
  const std::string answer = client.hear("\n.");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n") && Contains("X-Test: yes\r\n") && Contains("\r\n\r\n" + heard));
}

TEST_CASE("what is no request of ours is refused and ends its connection", "[http]") {
  const Running running(echo);
  const auto [asked, status] = GENERATE(table<std::string, std::string>({
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400"},
      {"\x16\x03\x01\x02\x01\x01\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", "413"},
      {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", "431"},
  }));
  CAPTURE(asked.substr(0, 80));
  const RawClient client(running.address);
  client.say(asked + get);
  CHECK_THAT(client.hear_all(), StartsWith("HTTP/1.1 " + status) && !Contains("HTTP/1.1 200"));
  CHECK(running.counts->malformed == 1);
}

TEST_CASE("a connection is kept for further requests, up to a bound", "[http]") {
  ServerOptions options;
  options.requests_per_connection = 3;
  const Running running(echo, options);
  const RawClient client(running.address);
  client.say(get + get + get + get);
  const std::string heard = client.hear_all();
  std::size_t answers = 0;
  for (auto at = heard.find("HTTP/1.1 200"); at != heard.npos; at = heard.find("HTTP/1.1 200", at + 1)) ++answers;
  CHECK(answers == 3);
  CHECK_THAT(heard, Contains("Connection: close"));
}

TEST_CASE("HEAD is told the length and no more", "[http]") {
  const Running running([](const Request&) { return Response{200, "text/plain", {}, "hello"}; });
  const RawClient client(running.address);
  client.say("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string heard = client.hear_all();
  CHECK_THAT(heard, Contains("Content-Length: 5\r\n"));
  CHECK(heard.ends_with("\r\n\r\n"));
}

TEST_CASE("who says nothing, or too slowly, is left at the deadline", "[http]") {
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(50);
  const Running running(echo, options);
  const std::string said = GENERATE("", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n");
  const RawClient client(running.address);
  client.say(said);
  CHECK(client.hear_all().empty());
}

TEST_CASE("a handler that throws is an error of the server's, not its end", "[http]") {
  const Running running([](const Request&) -> Answer { throw std::runtime_error("secret"); });
  const RawClient client(running.address);
  const std::string heard = client.ask(get);
  CHECK_THAT(heard, StartsWith("HTTP/1.1 500") && !Contains("secret"));
  CHECK_THAT(RawClient(running.address).ask(get), StartsWith("HTTP/1.1 500"));
}

TEST_CASE("a full server lets the connection go that has idled longest", "[http]") {
  ServerOptions options;
  options.connections = 2;
  const Running running(echo, options);
  const RawClient first(running.address);
  CHECK_THAT(first.ask(get), StartsWith("HTTP/1.1 200"));
  const RawClient second(running.address);
  CHECK_THAT(second.ask(get), StartsWith("HTTP/1.1 200"));
  const RawClient third(running.address);
  CHECK_THAT(third.ask(get), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(first.hear_all(), !Contains("HTTP/1.1"));
  CHECK_THAT(second.ask(get), Contains("HTTP/1.1 200"));
}

TEST_CASE("servers share a budget of connections", "[http]") {
  const Running running(echo, {}, 1);
  {
    const RawClient held(running.address);
    CHECK_THAT(held.ask(get), StartsWith("HTTP/1.1 200"));
    CHECK(RawClient(running.address).ask(get).empty());
    CHECK(running.counts->refused == 1);
  }
  // Room has been made: the connection that idled has been let go.
  while (!running.budget->take()) std::this_thread::yield();
  running.budget->give_back();
  CHECK_THAT(RawClient(running.address).ask(get), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a request is handed on as it came, and the answer as it comes", "[http]") {
  const Running behind([](const Request& request) {
    return Response{202, "text/x", {{"X-Behind", "yes"}},
                    request.method + " " + request.target + " " + request.host + " " +
                        std::string(find_header(request.headers, "x-forwarded-for")) + " " +
                        std::string(find_header(request.headers, "X-Own")) + " " + request.body + "\n."};
  });
  const Running front([&](const Request&) { return Forward{behind.address.to_string()}; });
  const RawClient client(front.address);
  client.say("POST /x HTTP/1.1\r\nHost: a.example\r\nX-Own: kept\r\nContent-Length: 4\r\n\r\nbody");
  CHECK_THAT(client.hear("\n."), StartsWith("HTTP/1.1 202") && Contains("X-Behind: yes\r\n") &&
                                     Contains("POST /x a.example 127.0.0.1 kept body"));
}

TEST_CASE("a server behind that is dead, mute or boundless is a bad gateway", "[http]") {
  ServerOptions options;
  options.forward_timeout = std::chrono::milliseconds(100);
  auto mute = arbortls::net::listen_on("127.0.0.1:0", 1);
  REQUIRE(mute.has_value());
  const Running boundless([](const Request&) { return Response{200, "text/plain", {}, std::string(100'000, 'x')}; });
  for (const std::string& address : {std::string("127.0.0.1:1"), std::string("unix:/nowhere/at/all"),
                                     arbortls::net::local_address(mute->get()).to_string(),
                                     boundless.address.to_string()}) {
    const Running front([&](const Request&) { return Forward{address}; }, options);
    CAPTURE(address);
    CHECK_THAT(RawClient(front.address).ask(get), StartsWith("HTTP/1.1 502"));
    CHECK(front.counts->forward_failures == 1);
  }
}

TEST_CASE("who stops accepting lets idle connections go and nobody in", "[http]") {
  Running running(echo);
  const RawClient idle(running.address);
  CHECK_THAT(idle.ask(get), StartsWith("HTTP/1.1 200"));
  running.thread.run([&] { running.server->stop_accepting(); });
  CHECK_THAT(idle.hear_all(), !Contains("HTTP/1.1"));
}
