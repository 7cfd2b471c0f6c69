#include "unit/admin/support.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <vector>

using namespace admin_test;

namespace {

// The client may see the end a moment before the server has forgotten it.
void until_nobody_is_connected(Running& server) {
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (server.connections() > 0 && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  CHECK(server.connections() == 0);
}

}  // namespace

TEST_CASE("a request arrives with its method, decoded path, query and body", "[admin]") {
  std::optional<admin::Request> seen;
  Running server([&](admin::Request request, admin::Reply reply) {
    seen = std::move(request);
    reply({200, "application/json", R"({"ok":true})"});
  });
  const auto answer = server.ask("POST", "/a%20b?name=x%2Ey&listener=w+s&flag", "the body");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->content_type == "application/json");
  CHECK(answer->body == R"({"ok":true})");
  server.stop();
  REQUIRE(seen);
  CHECK(seen->method == "POST");
  CHECK(seen->path == "/a b");
  CHECK(seen->query ==
        std::map<std::string, std::string>{{"name", "x.y"}, {"listener", "w s"}, {"flag", ""}});
  CHECK(seen->body == "the body");
}

TEST_CASE("the handler's status and an answer of 20 MB come through", "[admin]") {
  const std::string large(20u << 20, 'x');
  Running server([&](const admin::Request& request, const admin::Reply& reply) {
    reply(
        {request.path == "/no" ? 409u : 200u, "text/plain", request.path == "/no" ? "no" : large});
  });
  CHECK(server.ask("POST", "/no")->status == 409);
  CHECK(server.ask("GET", "/large")->body == large);
}

TEST_CASE("a reply may come later, and other clients are served meanwhile", "[admin]") {
  admin::Reply kept;
  std::promise<void> arrived;
  Running server([&](const admin::Request& request, const admin::Reply& reply) {
    if (request.path != "/slow") return reply({200, "text/plain", "quick"});
    kept = reply;
    arrived.set_value();
  });
  auto slow = std::async(std::launch::async, [&] { return server.ask("POST", "/slow")->body; });
  arrived.get_future().wait();
  CHECK(server.ask("GET", "/quick")->body == "quick");
  server.on_thread([&] {
    kept({200, "text/plain", "at last"});
    kept({200, "text/plain", "twice"});
    kept = nullptr;
  });
  CHECK(slow.get() == "at last");
}

TEST_CASE("a reply that nobody gives, and a handler that throws, become a 500", "[admin]") {
  Running server([](const admin::Request& request, const admin::Reply&) {
    if (request.path == "/throw") throw std::runtime_error("secret detail");
  });
  CHECK(server.ask("GET", "/dropped")->status == 500);
  const auto thrown = server.ask("GET", "/throw");
  CHECK(thrown->status == 500);
  CHECK(thrown->body.find("secret") == std::string::npos);
}

TEST_CASE("one connection carries many requests, pipelined ones too", "[admin]") {
  Running server([](const admin::Request& request, const admin::Reply& reply) {
    reply({200, "text/plain", request.path});
  });
  RawClient client(server.socket);
  for (const std::string path : {"/one", "/two"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_until(path).find("200 OK") != std::string::npos);
  }
  client.send(
      "GET /3 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  const auto rest = client.read_until();
  CHECK(rest.find("/3") < rest.find("/4"));
  CHECK(rest.find("/4") != std::string::npos);
}

TEST_CASE("HEAD is a GET whose answer has a length but no body", "[admin]") {
  std::string method;
  Running server([&](const admin::Request& request, const admin::Reply& reply) {
    method = request.method;
    reply({200, "text/plain", "twelve bytes"});
  });
  RawClient client(server.socket);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto text = client.read_until();
  CHECK(text.find("Content-Length: 12") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n"));
  CHECK(method == "GET");
}

TEST_CASE("bad requests get their own status and cost only their connection", "[admin]") {
  const auto [bytes, status] = GENERATE(table<std::string, std::string>({
      {"\x16\x03\x01\x02\x00 garbage\r\n\r\n", "400"},
      {"GET /\r\n\r\n", "400"},
      {"GET relative HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nLong: " + std::string(9000, 'a') + "\r\n\r\n", "431"},
      {"POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", "413"},
  }));
  bool handled = false;
  Running server([&](const admin::Request& request, const admin::Reply& reply) {
    if (request.path != "/fine") handled = true;
    say_ok(request, reply);
  });
  RawClient client(server.socket);
  client.send(bytes);
  const auto text = client.read_until();
  CAPTURE(bytes, text);
  CHECK(text.starts_with("HTTP/1.1 " + status));
  CHECK(server.ask("GET", "/fine")->body == "ok");
  server.stop();
  CHECK_FALSE(handled);
}

TEST_CASE("a body of 64 kB is taken", "[admin]") {
  std::size_t size = 0;
  Running server([&](const admin::Request& request, const admin::Reply& reply) {
    size = request.body.size();
    say_ok(request, reply);
  });
  CHECK(server.ask("POST", "/", std::string(64 * 1024, 'b'))->status == 200);
  CHECK(size == 64 * 1024);
}

TEST_CASE("a silent client and one that stops in the middle are closed after the time limit",
          "[admin]") {
  const std::string bytes =
      GENERATE("", "GET / HT", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  Running server(say_ok, {50ms, 64});
  RawClient client(server.socket);
  client.send(bytes);
  CHECK(client.read_until().find("(silence)") == std::string::npos);
  until_nobody_is_connected(server);
}

TEST_CASE("a client that leaves in the middle is forgotten", "[admin]") {
  Running server(say_ok);
  {
    RawClient client(server.socket);
    client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
    client.finish();
    CHECK(client.read_until().empty());
  }
  until_nobody_is_connected(server);
}

TEST_CASE("when all places are taken the connection silent for longest makes room", "[admin]") {
  Running server(say_ok, {30s, 3});
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<RawClient>(server.socket));
    while (server.connections() < idle.size()) std::this_thread::yield();
  }
  CHECK(server.ask("GET", "/")->body == "ok");
  CHECK(idle[0]->read_until().empty());
  idle[2]->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(idle[2]->read_until("ok").find("200 OK") != std::string::npos);
}

TEST_CASE("when all are waiting for an answer a further client is told so", "[admin]") {
  std::vector<admin::Reply> kept;
  Running server([&](const admin::Request&, const admin::Reply& reply) { kept.push_back(reply); },
                 {30s, 2});
  RawClient first(server.socket);
  RawClient second(server.socket);
  for (auto* client : {&first, &second}) client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (server.on_thread([&] { return kept.size(); }) < 2) std::this_thread::yield();
  CHECK(server.ask("GET", "/")->status == 503);
  server.on_thread([&] {
    for (const auto& reply : kept) reply({200, "text/plain", "done"});
    kept.clear();
  });
  CHECK(first.read_until("done").find("200 OK") != std::string::npos);
}

TEST_CASE("an answer given just before the server goes still arrives", "[admin]") {
  Running* whole = nullptr;
  std::promise<void> gone;
  Running server([&](const admin::Request&, const admin::Reply& reply) {
    reply({200, "text/plain", "drained"});
    boost::asio::post(whole->io, [&] {
      whole->destroy_server();
      gone.set_value();
    });
  });
  whole = &server;
  CHECK(server.ask("POST", "/drain")->body == "drained");
  gone.get_future().wait();
}

TEST_CASE("a reply after the server has gone does nothing", "[admin]") {
  admin::Reply kept;
  std::promise<void> arrived;
  Running server([&](const admin::Request&, const admin::Reply& reply) {
    kept = reply;
    arrived.set_value();
  });
  RawClient client(server.socket);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  arrived.get_future().wait();
  server.on_thread([&] { server.destroy_server(); });
  server.on_thread([&] { kept({200, "text/plain", "late"}); });
  CHECK(client.read_until().empty());
}
