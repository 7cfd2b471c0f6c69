#include "tls/terminator.hpp"

#include "base/unique_fd.hpp"
#include "tls/failure.hpp"
#include "unit/tls/minted.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>
#include <optional>

using namespace arbortls;
using namespace arbortls::tls;
using test::ClientWish;
using test::Key;
using test::SessionPtr;

namespace {

TicketKey ticket_key() {
  TicketKey key;
  key.name.fill(1);
  key.aes.fill(2);
  key.hmac.fill(3);
  return key;
}

struct Outcome {
  bool client_done = false;
  bool server_done = false;
  std::string subject;  // the served certificate's first name
  int key_type = 0;
  bool resumed = false;
  std::string alpn;
  int version = 0;
  std::vector<SessionPtr> sessions;  // tickets the client got
  std::optional<HandshakeFailure> failure;
};

// A site of two tenants and a master, served by one Terminator with a clock that the test moves.
struct Bench {
  Bench() {
    auto made = Terminator::make(1 << 20, [this] { return now; }, [this](std::string_view name) {
      return name == "validated.example" ? proof : nullptr;
    });
    REQUIRE(made.has_value());
    terminator = std::move(*made);
    terminator->set_ticket_keys(std::make_shared<const TicketKeys>(std::vector{ticket_key()}));
    test::SiteMaker maker("m.example");
    maker.add("m.example", real("m.example"))
        .add("a.example", real("a.example"))
        .add("b.example", real("b.example"))
        .add("plain-a.example")
        .add("plain-b.example")
        .add("both.example", test::real("both.example", {Key::p256, Key::rsa2048}))
        .add("rsa.example", test::real("rsa.example", {Key::rsa2048}))
        .add("strict.example", real("strict.example"), "", strict());
    tree = maker;
    publish(real("certdir.example"));
  }

  static cert::CertificatePtr real(const std::string& name) { return test::real(name); }
  static config::Inherited strict() {
    config::Inherited inherited;
    inherited.tls_min_version = test::located(config::TlsVersion::tls1_3);
    return inherited;
  }

  void publish(const cert::CertificatePtr& certdir) {
    auto made = std::make_shared<Site>(tree.site(certdir, nullptr));
    made->listeners.push_back({"sips", config::Role::sg, certdir, {}});
    site = made;
  }

  Outcome shake(const ClientWish& wish, std::size_t listener = 0);
  Outcome raw(const std::string& bytes, bool close = false);
  // Steps the server once; false when its handshake has failed.
  static bool step(SSL* server, Outcome& outcome);

  std::int64_t now = test::test_now;
  cert::CertificatePtr proof;  // that validated.example is ours
  std::unique_ptr<Terminator> terminator;
  test::SiteMaker tree{"m.example"};
  std::shared_ptr<const Site> site;
  Hello hello;
};

bool Bench::step(SSL* server, Outcome& outcome) {
  if (outcome.server_done) return true;
  const int done = SSL_do_handshake(server);
  outcome.server_done = done == 1;
  const int problem = SSL_get_error(server, done);
  if (done == 1 || problem == SSL_ERROR_WANT_READ || problem == SSL_ERROR_WANT_WRITE) return true;
  outcome.failure = classify(problem);
  return false;
}

Outcome Bench::shake(const ClientWish& wish, std::size_t listener) {
  const auto [a, b] = test::socket_pair();
  const UniqueFd server_end(a);
  const UniqueFd client_end(b);
  Outcome outcome;
  const openssl::SslPtr client = test::make_client(wish, b);
  SSL_set_app_data(client.get(), &outcome.sessions);
  hello = {};
  hello.site = site;
  hello.listener = &site->listeners[listener];
  const openssl::SslPtr server = terminator->accept_on(a, hello);
  REQUIRE(server);
  for (int i = 0; i < 8; ++i) {
    if (!outcome.client_done) outcome.client_done = SSL_do_handshake(client.get()) == 1;
    if (!step(server.get(), outcome)) break;
  }
  Terminator::release(server.get());
  ERR_clear_error();
  if (!outcome.server_done) return outcome;
  char byte = 0;
  CHECK(SSL_write(server.get(), "!", 1) == 1);
  CHECK(SSL_read(client.get(), &byte, 1) == 1);  // takes in the ticket of TLS 1.3 too
  const openssl::X509Ptr leaf(SSL_get1_peer_certificate(client.get()));
  char text[100] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(leaf.get()), NID_commonName, text, sizeof text);
  outcome.subject = text;
  outcome.key_type = EVP_PKEY_get_base_id(X509_get0_pubkey(leaf.get()));
  outcome.resumed = SSL_session_reused(server.get()) == 1;
  outcome.version = SSL_version(server.get());
  const unsigned char* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.get(), &alpn, &size);
  outcome.alpn.assign(reinterpret_cast<const char*>(alpn), size);
  SSL_shutdown(client.get());
  return outcome;
}

Outcome Bench::raw(const std::string& bytes, bool close) {
  const auto [a, b] = test::socket_pair();
  const UniqueFd server_end(a);
  UniqueFd client_end(b);
  hello = {};
  hello.site = site;
  hello.listener = &site->listeners[0];
  const openssl::SslPtr server = terminator->accept_on(a, hello);
  REQUIRE(::write(b, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  if (close) client_end.reset();
  Outcome outcome;
  for (int i = 0; i < 3 && step(server.get(), outcome); ++i) {
  }
  return outcome;
}

const auto versions = {TLS1_2_VERSION, TLS1_3_VERSION};

}  // namespace

TEST_CASE("the certificate is that of the name the client asks for", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    for (const auto& [sni, subject] : std::vector<std::pair<std::string, std::string>>{
             {"a.example", "a.example"},
             {"B.EXAMPLE", "b.example"},
             {"deep.down.b.example", "b.example"},
             {"plain-a.example", "m.example"},
             {"nobody.test", "m.example"},
             {"", "certdir.example"},
             {"192.0.2.1", "certdir.example"},
             {"under score!.example", "certdir.example"}}) {
      CAPTURE(version, sni);
      const Outcome outcome = bench.shake({sni, version});
      CHECK(outcome.client_done);
      CHECK(outcome.subject == subject);
      CHECK(outcome.version == version);
      CHECK(bench.hello.selected);
    }
  }
}

TEST_CASE("contexts are made at first use and kept", "[tls]") {
  Bench bench;
  CHECK(bench.terminator->contexts().size() == 0);
  bench.shake({"a.example"});
  bench.shake({"x.a.example"});
  CHECK(bench.terminator->contexts().size() == 1);
}

TEST_CASE("a session is resumed under the same name, with one ticket each time", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    for (const char* name : {"a.example", "x.a.example", "", "10.0.0.1"}) {
      CAPTURE(name);
      const Outcome full = bench.shake({name, version});
      CHECK_FALSE(full.resumed);
      REQUIRE(full.sessions.size() == 1);
      const Outcome again = bench.shake({name, version, full.sessions[0].get()});
      CHECK(again.resumed);
      CHECK(again.client_done);
      // A ticket of TLS 1.3 is used once only (RFC 8446, C.4): without a new one every second visit would be full.
      CHECK(again.sessions.size() == (version == TLS1_3_VERSION ? 1 : 0));
    }
  }
}

TEST_CASE("no session is resumed under another name, listener, certificate or policy", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    const auto refused = [&](const char* from, const char* to, std::size_t listener = 0) {
      CAPTURE(from, to);
      const Outcome full = bench.shake({from, version});
      REQUIRE(full.sessions.size() == 1);
      const Outcome other = bench.shake({to, version, full.sessions[0].get()}, listener);
      CHECK(other.server_done);
      CHECK_FALSE(other.resumed);
    };
    refused("a.example", "b.example");
    refused("a.example", "");
    refused("", "a.example");
    refused("a.example", "x.a.example");
    refused("a.example", "a.example", 1);
    refused("plain-a.example", "plain-b.example");      // the master's certificate for both
    refused("x.plain-a.example", "x.plain-b.example");  // and under names that are not in the tree
    refused("nobody.test", "m.example");
  }
}

TEST_CASE("no session outlives its certificate or a stricter policy", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    const Outcome full = bench.shake({"a.example", version});
    REQUIRE(full.sessions.size() == 1);
    bench.tree.add("a.example", Bench::real("a.example"));
    bench.publish(nullptr);
    CHECK_FALSE(bench.shake({"a.example", version, full.sessions[0].get()}).resumed);
  }
  const Outcome full = bench.shake({"b.example", TLS1_3_VERSION});
  const auto certificate = bench.hello.selection.certificate;
  bench.tree.add("b.example", certificate, "", Bench::strict());
  bench.publish(nullptr);
  CHECK_FALSE(bench.shake({"b.example", TLS1_3_VERSION, full.sessions[0].get()}).resumed);
}

TEST_CASE("a chain of resumptions ends a day after its full handshake", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    const std::int64_t begun = bench.now;
    Outcome last = bench.shake({"a.example", version});
    for (int hours = 1; hours <= 24; hours += 5) {
      bench.now = begun + hours * 3600;
      REQUIRE(last.sessions.size() == 1);
      SessionPtr session = std::move(last.sessions[0]);
      last = bench.shake({"a.example", version, session.get()});
      CHECK(last.resumed);
      if (last.sessions.empty()) last.sessions.push_back(std::move(session));  // TLS 1.2 keeps its ticket
    }
    bench.now = begun + 24 * 3600 + 1;
    CHECK_FALSE(bench.shake({"a.example", version, last.sessions[0].get()}).resumed);
    bench.now = begun - 3 * 3600;
    CHECK_FALSE(bench.shake({"a.example", version, last.sessions[0].get()}).resumed);
    bench.now = begun;
  }
}

TEST_CASE("without ticket keys nothing is resumed and nothing fails", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    const Outcome full = bench.shake({"a.example", version});
    REQUIRE(full.sessions.size() == 1);
    auto fresh = Terminator::make(1 << 20, [&] { return bench.now; });
    std::swap(bench.terminator, *fresh);
    const Outcome other = bench.shake({"a.example", version, full.sessions[0].get()});
    CHECK(other.server_done);
    CHECK_FALSE(other.resumed);
    std::swap(bench.terminator, *fresh);
  }
}

TEST_CASE("ALPN is answered by the listener's role and never refused", "[tls]") {
  Bench bench;
  using Offer = std::vector<std::string>;
  for (const int version : versions) {
    CHECK(bench.shake({"a.example", version, nullptr, Offer{"h2", "http/1.1"}}).alpn == "http/1.1");
    CHECK(bench.shake({"a.example", version, nullptr, Offer{"h2"}}).alpn.empty());
    CHECK(bench.shake({"a.example", version, nullptr, Offer{"h2"}}).client_done);
    CHECK(bench.shake({"a.example", version}).alpn.empty());
    CHECK(bench.shake({"a.example", version, nullptr, Offer{"http/1.1", "sip/2"}}, 1).alpn == "sip/2");
  }
}

TEST_CASE("a CA that validates a name gets the proof, and a session that leads nowhere", "[tls]") {
  Bench bench;
  bench.proof = Bench::real("proof.example");
  for (const int version : versions) {
    CAPTURE(version);
    const ClientWish ca{"validated.example", version, nullptr, {"acme-tls/1"}};
    const Outcome outcome = bench.shake(ca);
    CHECK(outcome.client_done);
    CHECK(outcome.alpn == "acme-tls/1");
    CHECK(outcome.subject == "proof.example");
    CHECK(bench.hello.validation);
    CHECK_FALSE(bench.hello.selected);
    for (const SessionPtr& session : outcome.sessions) {
      ClientWish again = ca;
      again.session = session.get();
      CHECK_FALSE(bench.shake(again).resumed);
      CHECK_FALSE(bench.shake({"a.example", version, session.get()}).resumed);
    }
    const Outcome full = bench.shake({"a.example", version});
    ClientWish with_ticket = ca;
    with_ticket.session = full.sessions.at(0).get();
    CHECK_FALSE(bench.shake(with_ticket).resumed);
  }
}

TEST_CASE("a validation that nobody waits for is refused before anything is signed", "[tls]") {
  Bench bench;
  for (const char* name : {"validated.example", "a.example", "", "192.0.2.1"}) {
    CAPTURE(name);
    const Outcome outcome = bench.shake({name, 0, nullptr, {"acme-tls/1"}});
    CHECK_FALSE(outcome.client_done);
    CHECK(bench.hello.failure == HandshakeFailure::unknown_validation);
    CHECK_FALSE(bench.hello.validation);
  }
}

TEST_CASE("who offers the validation protocol among others is a client like any other", "[tls]") {
  Bench bench;
  bench.proof = Bench::real("proof.example");
  const Outcome outcome =
      bench.shake({"validated.example", 0, nullptr, {"acme-tls/1", "http/1.1"}});
  CHECK(outcome.subject == "m.example");
  CHECK(outcome.alpn == "http/1.1");
  CHECK_FALSE(bench.hello.validation);
}

TEST_CASE("the key type is the one the client can use", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    CAPTURE(version);
    const auto type = [&](const char* name, const char* sigalgs) {
      return bench.shake({name, version, nullptr, {}, sigalgs}).key_type;
    };
    CHECK(type("both.example", "") == EVP_PKEY_EC);
    CHECK(type("both.example", "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256") == EVP_PKEY_EC);
    CHECK(type("both.example", "RSA-PSS+SHA256:RSA+SHA256") == EVP_PKEY_RSA);
    CHECK(type("both.example", "RSA-PSS+SHA256") == EVP_PKEY_RSA);
    CHECK(type("rsa.example", "") == EVP_PKEY_RSA);
    // The place is chosen before the key type: no other domain's RSA certificate stands in.
    const Outcome none = bench.shake({"a.example", version, nullptr, {}, "RSA-PSS+SHA256:RSA+SHA256"});
    CHECK_FALSE(none.server_done);
    CHECK(none.failure == HandshakeFailure::no_shared_cipher);
  }
}

TEST_CASE("the client gets the leaf and its intermediates", "[tls]") {
  Bench bench;
  bench.shake({"a.example"});
  const auto context = bench.hello.selection.certificate;
  CHECK(context->pairs[0].chain.size() == 1);
}

TEST_CASE("TLS 1.1 is refused, and TLS 1.2 where 1.3 is asked for", "[tls]") {
  Bench bench;
  ClientWish old{"a.example", TLS1_1_VERSION};
  old.ciphers = "ALL:@SECLEVEL=0";
  CHECK(bench.shake(old).failure == HandshakeFailure::no_shared_version);
  CHECK(bench.shake({"strict.example", TLS1_2_VERSION}).failure == HandshakeFailure::no_shared_version);
  CHECK(bench.shake({"x.strict.example", TLS1_2_VERSION}).failure == HandshakeFailure::no_shared_version);
  CHECK(bench.shake({"strict.example", TLS1_3_VERSION}).server_done);
}

TEST_CASE("a client without a cipher or group in common is told from others", "[tls]") {
  Bench bench;
  ClientWish cbc{"rsa.example", TLS1_2_VERSION};
  cbc.ciphers = "AES128-SHA";
  CHECK(bench.shake(cbc).failure == HandshakeFailure::no_shared_cipher);
  ClientWish group{"a.example", TLS1_3_VERSION};
  group.groups = "P-521";
  CHECK(bench.shake(group).failure == HandshakeFailure::no_shared_cipher);
}

TEST_CASE("what is not TLS is told from what is malformed and who left", "[tls]") {
  Bench bench;
  using F = HandshakeFailure;
  CHECK(bench.raw("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").failure == F::not_tls);
  CHECK(bench.raw("CONNECT a.example:443 HTTP/1.1\r\n\r\n").failure == F::not_tls);
  CHECK(bench.raw("\x01\x02garbage, garbage, garbage, garbage").failure == F::not_tls);
  CHECK(bench.raw("REGISTER sip:a.example SIP/2.0\r\n\r\n").failure == F::not_tls);
  CHECK(bench.raw(std::string("\x16\x03\x01\x00\x08\x01\x00\x00\x04oops", 13)).failure == F::malformed);
  CHECK(bench.raw("", true).failure == F::closed_early);
  CHECK(bench.raw("\x16\x03\x01", true).failure == F::closed_early);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("a client that rejects the certificate is told by its alert", "[tls]") {
  Bench bench;
  for (const int version : versions) {
    ClientWish wish{"a.example", version};
    wish.verify = true;
    CHECK(bench.shake(wish).failure == HandshakeFailure::peer_alert);
  }
}

TEST_CASE("with nothing to serve the client gets an alert, not silence", "[tls]") {
  Bench bench;
  bench.tree = test::SiteMaker("m.example");
  bench.publish(nullptr);
  const Outcome outcome = bench.shake({"a.example"});
  CHECK(outcome.failure.has_value());
  CHECK(bench.hello.selected);
  CHECK_FALSE(bench.hello.selection.certificate);
  CHECK(bench.hello.failure == HandshakeFailure::no_certificate);
}

TEST_CASE("a client that asks to renegotiate is refused and the session goes on", "[tls]") {
  Bench bench;
  const auto [a, b] = test::socket_pair();
  const UniqueFd server_end(a);
  const UniqueFd client_end(b);
  std::vector<SessionPtr> sessions;
  const openssl::SslPtr client = test::make_client({"a.example", TLS1_2_VERSION}, b);
  SSL_set_app_data(client.get(), &sessions);
  Hello hello;
  hello.site = bench.site;
  hello.listener = &bench.site->listeners[0];
  const openssl::SslPtr server = bench.terminator->accept_on(a, hello);
  for (int i = 0; i < 6; ++i) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  REQUIRE(SSL_is_init_finished(server.get()) == 1);
  Terminator::release(server.get());
  REQUIRE(SSL_renegotiate(client.get()) == 1);
  SSL_do_handshake(client.get());
  char byte = 0;
  CHECK(SSL_read(server.get(), &byte, 1) <= 0);
  CHECK(SSL_is_init_finished(server.get()) == 1);
  CHECK(SSL_do_handshake(client.get()) != 1);
  CHECK(ERR_GET_REASON(ERR_peek_error()) == SSL_R_NO_RENEGOTIATION);
  ERR_clear_error();
}
