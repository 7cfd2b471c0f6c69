// The client: what it gets, and which failures it tells apart.
#include "http/client.hpp"

#include "http/url.hpp"
#include "unit/http/running.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "support/test_ca.hpp"

#include <filesystem>
#include <fstream>

using namespace arbortls;
using namespace arbortls::http;
using arbortls::http::test::IoThread;
using arbortls::http::test::Running;
using Catch::Matchers::Contains;

namespace {

namespace asio = boost::asio;

ClientResult ask(ClientRequest request) {
  IoThread thread;
  std::promise<ClientResult> answer;
  send(thread.io, std::move(request), [&](ClientResult result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

ClientRequest to(const std::string& url) {
  ClientRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(10);
  return request;
}

ClientError failure(ClientRequest request) {
  const ClientResult result = ask(std::move(request));
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

// One TLS connection that is answered with a fixed text.
class TlsServer {
 public:
  TlsServer(const std::string& certificate, const std::string& key) {
    context_.use_certificate_chain(asio::buffer(certificate));
    context_.use_private_key(asio::buffer(key), asio::ssl::context::pem);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() { thread_.join(); }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  std::string sni;

 private:
  void serve() {
    boost::system::error_code failed;
    asio::ssl::stream<asio::ip::tcp::socket> stream(acceptor_.accept(), context_);
    stream.handshake(asio::ssl::stream_base::server, failed);
    if (failed) return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    sni = name != nullptr ? name : "";
    std::array<char, 4096> request{};
    stream.read_some(asio::buffer(request), failed);
    asio::write(stream, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")), failed);
  }

  asio::io_context io_{1};
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  asio::ssl::context context_{asio::ssl::context::tls_server};
  std::thread thread_;
};

// A CA of today in a file, and a server's pair by it.
struct Issuer {
  explicit Issuer(std::vector<std::string> names, bool expired = false) {
    const std::int64_t now = std::time(nullptr);
    arbortls::test::Wanted root;
    root.common_name = "root";
    root.ca = true;
    root.not_before = now - arbortls::test::day;
    root.not_after = now + arbortls::test::day;
    arbortls::test::Wanted leaf = root;
    leaf.ca = false;
    leaf.common_name = "leaf";
    leaf.names = std::move(names);
    if (expired) leaf.not_after = now - 60;
    const auto issuer = arbortls::test::mint(root);
    const auto made = arbortls::test::mint(leaf, &issuer);
    certificate = arbortls::test::pem(made);
    key = arbortls::test::key_pem(made);
    ca_file = "/tmp/arbortls_http_" + std::to_string(::getpid()) + ".pem";
    std::ofstream(ca_file) << arbortls::test::pem(issuer);
  }
  ~Issuer() { std::filesystem::remove(ca_file); }

  std::string certificate, key, ca_file;
};

}  // namespace

TEST_CASE("an answer comes with status, headers and body, whatever the status", "[http]") {
  const Running server([](const Request& request) {
    return Response{418, "text/x", {{"Replay-Nonce", "n1"}},
                    request.method + std::string(find_header(request.headers, "Accept")) + request.body};
  });
  ClientRequest request = to("http://" + server.address.to_string() + "/x");
  request.method = "POST";
  request.headers = {{"Accept", "json"}};
  request.body = "body";
  const ClientResult result = ask(request);
  REQUIRE(result.has_value());
  CHECK(result->status == 418);
  CHECK(result->body == "POSTjsonbody");
  CHECK(find_header(result->headers, "replay-nonce") == "n1");
  CHECK(find_header(result->headers, "Content-Type") == "text/x");
}

TEST_CASE("what goes wrong is told apart", "[http]") {
  const auto [url, expected] = GENERATE(table<std::string, ClientFailure>({
      {"ftp://127.0.0.1/", ClientFailure::url},
      {"http://", ClientFailure::url},
      {"http://does-not-exist.invalid/", ClientFailure::resolve},
      {"http://127.0.0.1:1/", ClientFailure::connect},
  }));
  CAPTURE(url);
  CHECK(failure(to(url)).failure == expected);
}

TEST_CASE("an answer that is too large, too late or none at all is a failure of its own", "[http]") {
  const Running large([](const Request&) { return Response{200, "text/plain", {}, std::string(5000, 'x')}; });
  ClientRequest bounded = to("http://" + large.address.to_string() + "/");
  bounded.response_limit = 4999;
  CHECK(failure(bounded).failure == ClientFailure::too_large);
  bounded.response_limit = 5000;
  CHECK(ask(bounded).has_value());

  auto mute = net::listen_on("127.0.0.1:0", 1);
  ClientRequest impatient = to("http://" + net::local_address(mute->get()).to_string() + "/");
  impatient.timeout = std::chrono::milliseconds(50);
  CHECK(failure(impatient).failure == ClientFailure::timeout);

  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(20);
  const Running plain([](const Request&) { return Response{}; }, options);
  CHECK(failure(to("https://" + plain.address.to_string() + "/")).failure == ClientFailure::tls);
}

TEST_CASE("a server is believed if its certificate is by a CA that is known and for its name", "[http]") {
  struct Row {
    std::vector<std::string> names;
    std::string host;
    bool with_ca_file, expired;
    std::string refusal;  // "": believed
  };
  const Row row = GENERATE(values<Row>({
      {{"localhost"}, "localhost", true, false, ""},
      {{"127.0.0.1"}, "127.0.0.1", true, false, ""},
      {{"localhost"}, "localhost", false, false, "certificate is not trusted"},
      {{"other.example"}, "localhost", true, false, "hostname mismatch"},
      {{"localhost"}, "127.0.0.1", true, false, "IP address mismatch"},
      {{"localhost"}, "localhost", true, true, "certificate has expired"},
  }));
  CAPTURE(row.host, row.refusal);
  const Issuer trust(row.names, row.expired);
  TlsServer server(trust.certificate, trust.key);
  ClientRequest request = to("https://" + row.host + ":" + server.port() + "/");
  if (row.with_ca_file) request.ca_file = trust.ca_file;
  const ClientResult result = ask(request);
  CHECK(result.has_value() == row.refusal.empty());
  if (result) CHECK(result->body == "hello");
  if (!result) CHECK(result.error().failure == ClientFailure::tls);
  if (!result) CHECK_THAT(result.error().message, Contains(row.refusal));
}

TEST_CASE("trust that is kept is read again once its file has changed", "[http]") {
  const auto kept = std::make_shared<http::Trust>();
  const auto believes = [&kept](const Issuer& issuer) {
    TlsServer server(issuer.certificate, issuer.key);
    ClientRequest request = to("https://localhost:" + server.port() + "/");
    request.ca_file = issuer.ca_file;
    request.trust = kept;
    return ask(request).has_value();
  };
  const Issuer first({"localhost"});
  CHECK(believes(first));
  CHECK(believes(first));
  const Issuer second({"localhost"});  // in the same file
  std::filesystem::last_write_time(second.ca_file, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK(believes(second));
  CHECK_FALSE(believes(first));
}

TEST_CASE("a CA file that cannot be read is told of before anything is sent", "[http]") {
  const Issuer trust({"localhost"});
  auto listening = net::listen_on("127.0.0.1:0", 1);
  ClientRequest request = to("https://" + net::local_address(listening->get()).to_string() + "/");
  request.ca_file = "/nowhere/ca.pem";
  const ClientError error = failure(request);
  CHECK(error.failure == ClientFailure::tls);
  CHECK_THAT(error.message, Contains("/nowhere/ca.pem"));
}

TEST_CASE("addresses are taken apart, and refused where they lead nowhere", "[http]") {
  const auto [text, authority, port, target] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"https://a.example", "a.example", "443", "/"},
      {"https://a.example:8443/x?y#z", "a.example:8443", "8443", "/x?y"},
      {"http://a.example?q", "a.example", "80", "/?q"},
      {"https://[2001:db8::1]:443/", "[2001:db8::1]", "443", "/"},
      {"https://[::1]:8443/", "[::1]:8443", "8443", "/"},
  }));
  const auto url = parse_url(text);
  CAPTURE(text);
  REQUIRE(url.has_value());
  CHECK(url->authority() == authority);
  CHECK(url->port == port);
  CHECK(url->target == target);
  for (const char* wrong : {"", "a.example", "https://", "https://a b/", "https://u@a/", "https://a:0/", "https://a:x/",
                            "https://a:65536/", "https://[::1/", "https://[a]/", "https://[::1]x/", "file:///x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_url(wrong).has_value());
  }
}
