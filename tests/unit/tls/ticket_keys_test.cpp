#include "tls/ticket_keys.hpp"

#include "base/file.hpp"
#include "openssl/handles.hpp"
#include "support/test_ca.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

using namespace arbortls;
using namespace arbortls::tls;

namespace {

constexpr std::int64_t now = test::test_now;
constexpr std::int64_t lifetime = 12 * 3600;

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/ticket_keys_XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file() const { return path_ + "/ticket.keys"; }

 private:
  std::string path_;
};

std::string content_of(const std::string& path) {
  auto content = read_file(path, 4096);
  REQUIRE(content.has_value());
  return *content;
}

void put(const std::string& path, const std::string& content, mode_t mode = 0600) {
  REQUIRE(write_file_atomically(path, content, mode).has_value());
}

TicketKeysPtr loaded(TicketKeyFile& file, std::int64_t at, std::string* warning = nullptr) {
  auto keys = file.load(at, lifetime, warning);
  REQUIRE(keys.has_value());
  REQUIRE(*keys);
  return *keys;
}

bool same(const TicketKey& a, const TicketKey& b) {
  return a.name == b.name && a.aes == b.aes && a.hmac == b.hmac && a.made == b.made;
}

// A connection of a client that offers `session` to a server with `keys`; whether it was resumed,
// and the ticket.
struct Handshake {
  bool resumed = false;
  openssl::Handle<SSL_SESSION, SSL_SESSION_free> session;
};

const TicketKeys* serving = nullptr;

int callback(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
             EVP_MAC_CTX* mac, int encrypt) {
  return ticket_key_callback(ssl, name, iv, cipher, mac, encrypt, *serving);
}

Handshake shake(const TicketKeys& keys, int version, SSL_SESSION* offered) {
  serving = &keys;
  const test::Identity identity = test::mint({"t.example", {"t.example"}, test::Key::p256, 0});
  const openssl::SslCtxPtr server_ctx(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(server_ctx.get(), identity.x509.get());
  SSL_CTX_use_PrivateKey(server_ctx.get(), identity.key.get());
  SSL_CTX_set_session_cache_mode(server_ctx.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(server_ctx.get(), callback);
  const openssl::SslCtxPtr client_ctx(SSL_CTX_new(TLS_client_method()));
  const openssl::SslPtr server(SSL_new(server_ctx.get()));
  const openssl::SslPtr client(SSL_new(client_ctx.get()));
  SSL_set_min_proto_version(client.get(), version);
  SSL_set_max_proto_version(client.get(), version);
  BIO* a = nullptr;
  BIO* b = nullptr;
  REQUIRE(BIO_new_bio_pair(&a, 0, &b, 0) == 1);
  SSL_set_bio(server.get(), a, a);
  SSL_set_bio(client.get(), b, b);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  if (offered != nullptr) REQUIRE(SSL_set_session(client.get(), offered) == 1);
  char byte = 0;
  for (int i = 0; i < 10; ++i) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  REQUIRE(SSL_is_init_finished(client.get()) == 1);
  REQUIRE(SSL_is_init_finished(server.get()) == 1);
  SSL_read(client.get(), &byte, 1);  // takes the TLS 1.3 ticket in
  // OpenSSL takes a session for bad whose connection was freed without a close.
  SSL_shutdown(client.get());
  Handshake done;
  done.resumed = SSL_session_reused(server.get()) == 1;
  done.session.reset(SSL_get1_session(client.get()));
  return done;
}

TicketKey key(unsigned char fill, std::int64_t made) {
  TicketKey made_key;
  made_key.name.fill(fill);
  made_key.aes.fill(static_cast<unsigned char>(fill + 1));
  made_key.hmac.fill(static_cast<unsigned char>(fill + 2));
  made_key.made = made;
  return made_key;
}

}  // namespace

TEST_CASE("a missing file is made, with one generation, for its owner alone", "[tls]") {
  const Directory directory;
  TicketKeyFile file(directory.file());
  std::string warning = "old";
  const auto keys = loaded(file, now, &warning);
  CHECK(warning.empty());
  CHECK(keys->generations().size() == 1);
  CHECK(keys->current().made == now);
  struct stat info {};
  REQUIRE(::stat(directory.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("keys survive a restart", "[tls]") {
  const Directory directory;
  TicketKeyFile before(directory.file());
  const auto first = loaded(before, now);
  const std::string content = content_of(directory.file());
  TicketKeyFile after(directory.file());
  std::string warning;
  const auto second = loaded(after, now + lifetime - 1, &warning);
  CHECK(warning.empty());
  REQUIRE(second->generations().size() == 1);
  CHECK(same(first->current(), second->current()));
  CHECK(content_of(directory.file()) == content);
}

TEST_CASE("a generation issues tickets for one lifetime and opens them for three", "[tls]") {
  const Directory directory;
  TicketKeyFile file(directory.file());
  const auto first = loaded(file, now);
  const auto second = loaded(file, now + lifetime);
  REQUIRE(second->generations().size() == 2);
  CHECK(second->current().made == now + lifetime);
  CHECK(same(second->generations()[1], first->current()));
  const auto third = loaded(file, now + 2 * lifetime);
  CHECK(third->generations().size() == 3);
  const auto fourth = loaded(file, now + 3 * lifetime);
  CHECK(fourth->generations().size() == 3);
  CHECK(fourth->find(first->current().name.data()).key == nullptr);
  CHECK(fourth->find(second->current().name.data()).key != nullptr);
}

TEST_CASE("generations end with time even where none was made meanwhile", "[tls]") {
  const auto [after, left] = GENERATE(table<std::int64_t, std::size_t>({
      {lifetime - 1, 1},
      {lifetime, 2},
      {3 * lifetime - 1, 2},
      {3 * lifetime, 1},
      {300 * lifetime, 1},
  }));
  const Directory directory;
  TicketKeyFile file(directory.file());
  loaded(file, now);
  CHECK(loaded(file, now + after)->generations().size() == left);
}

TEST_CASE("rotation makes a new generation and never keeps more than three", "[tls]") {
  const Directory directory;
  TicketKeyFile file(directory.file());
  std::vector<TicketKey> made;
  for (int i = 0; i < 5; ++i) {
    std::string warning;
    const auto keys = file.rotate(now + i, lifetime, &warning);
    REQUIRE(keys.has_value());
    CHECK(warning.empty());
    made.push_back((*keys)->current());
    CHECK((*keys)->generations().size() == std::min<std::size_t>(made.size(), 3));
  }
  TicketKeyFile again(directory.file());
  const auto kept = loaded(again, now + 5);
  REQUIRE(kept->generations().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(same(kept->generations()[i], made[4 - i]));
}

TEST_CASE("a file that others may touch is replaced, and said so", "[tls]") {
  const auto mode = GENERATE(as<mode_t>{}, 0640, 0604, 0620, 0602, 0666);
  const Directory directory;
  TicketKeyFile first(directory.file());
  const auto old = loaded(first, now);
  std::filesystem::permissions(directory.file(), static_cast<std::filesystem::perms>(mode));
  TicketKeyFile file(directory.file());
  std::string warning;
  const auto keys = loaded(file, now, &warning);
  CHECK_FALSE(same(keys->current(), old->current()));
  CHECK(warning.find("0600") != std::string::npos);
  struct stat info {};
  REQUIRE(::stat(directory.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("a symbolic link is not followed", "[tls]") {
  const Directory directory;
  const std::string target = directory.file() + ".target";
  TicketKeyFile first(target);
  const auto old = loaded(first, now);
  std::filesystem::create_symlink(target, directory.file());
  TicketKeyFile file(directory.file());
  std::string warning;
  CHECK_FALSE(same(loaded(file, now, &warning)->current(), old->current()));
  CHECK_FALSE(warning.empty());
}

TEST_CASE("a damaged file is replaced, whatever byte is wrong", "[tls]") {
  const Directory directory;
  TicketKeyFile first(directory.file());
  const auto old = loaded(first, now);
  const std::string good = content_of(directory.file());
  REQUIRE(parse_ticket_keys(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(parse_ticket_keys(bad));
    CHECK_FALSE(parse_ticket_keys(good.substr(0, i)));
  }
  CHECK_FALSE(parse_ticket_keys(good + "x"));
  put(directory.file(), good.substr(0, 50));
  TicketKeyFile file(directory.file());
  std::string warning;
  CHECK_FALSE(same(loaded(file, now, &warning)->current(), old->current()));
  CHECK(warning.find("does not hold ticket keys") != std::string::npos);
  CHECK(parse_ticket_keys(content_of(directory.file())));
}

TEST_CASE("a file of generations that contradict each other is not believed", "[tls]") {
  CHECK(parse_ticket_keys(format_ticket_keys(TicketKeys({key(1, now), key(9, now - 5)}))));
  CHECK_FALSE(parse_ticket_keys(format_ticket_keys(TicketKeys({key(1, now), key(1, now - 5)}))));
  CHECK_FALSE(parse_ticket_keys(format_ticket_keys(TicketKeys({key(1, now - 5), key(9, now)}))));
  CHECK_FALSE(parse_ticket_keys(format_ticket_keys(TicketKeys({key(1, -1)}))));
}

TEST_CASE("generations from the future are dropped", "[tls]") {
  const Directory directory;
  put(directory.file(), format_ticket_keys(TicketKeys({key(1, now + 10), key(9, now - 10)})));
  TicketKeyFile file(directory.file());
  const auto keys = loaded(file, now);
  REQUIRE(keys->generations().size() == 1);
  CHECK(same(keys->current(), key(9, now - 10)));
}

TEST_CASE("where nothing can be written the keys live in memory, rotate there and are saved later",
          "[tls]") {
  const Directory directory;
  const std::string parent = directory.file() + ".d";
  TicketKeyFile file(parent + "/ticket.keys");
  std::string warning;
  const auto first = loaded(file, now, &warning);
  CHECK(warning.find("in memory only") != std::string::npos);
  const auto second = file.rotate(now + 1, lifetime, &warning);
  REQUIRE(second.has_value());
  CHECK(warning.find("in memory only") != std::string::npos);
  CHECK((*second)->find(first->current().name.data()).key != nullptr);
  std::filesystem::create_directory(parent);
  const auto third = loaded(file, now + 2, &warning);
  CHECK(warning.empty());
  CHECK(same(third->current(), (*second)->current()));
  TicketKeyFile after_restart(parent + "/ticket.keys");
  CHECK(loaded(after_restart, now + 3)->generations().size() == 2);
}

TEST_CASE("a directory or a huge file in the place of the keys costs only a warning", "[tls]") {
  const Directory directory;
  const bool is_directory = GENERATE(true, false);
  if (is_directory) {
    std::filesystem::create_directory(directory.file());
  } else {
    put(directory.file(), std::string(1 << 20, 'x'));
  }
  TicketKeyFile file(directory.file());
  std::string warning;
  const auto keys = loaded(file, now, &warning);
  CHECK(keys->generations().size() == 1);
  CHECK_FALSE(warning.empty());
}

TEST_CASE("no warning shows a key", "[tls]") {
  const Directory directory;
  put(directory.file(), "SECRETSECRETSECRET");
  TicketKeyFile file(directory.file());
  std::string warning;
  loaded(file, now, &warning);
  CHECK(warning.find("SECRET") == std::string::npos);
}

TEST_CASE("tickets are opened by the generation that made them", "[tls]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const TicketKeys first({key(1, now)});
  const TicketKeys rotated({key(40, now + 1), key(1, now)});
  const TicketKeys foreign({key(80, now)});
  const auto full = shake(first, version, nullptr);
  CHECK_FALSE(full.resumed);
  CHECK(shake(first, version, full.session.get()).resumed);
  CHECK_FALSE(shake(foreign, version, full.session.get()).resumed);
  const auto renewed = shake(rotated, version, full.session.get());
  CHECK(renewed.resumed);
  // The renewed ticket was made by the new generation: it opens without the old one.
  const TicketKeys only_new({key(40, now + 1)});
  CHECK(shake(only_new, version, renewed.session.get()).resumed);
  CHECK_FALSE(shake(only_new, version, full.session.get()).resumed);
}

TEST_CASE("the same name with other secrets opens nothing", "[tls]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TicketKey imposter = key(1, now);
  imposter.hmac.fill(77);
  const auto full = shake(TicketKeys({key(1, now)}), version, nullptr);
  CHECK_FALSE(shake(TicketKeys({imposter}), version, full.session.get()).resumed);
}

TEST_CASE("only an older generation asks for renewal", "[tls]") {
  const TicketKeys keys({key(40, now + 1), key(1, now)});
  CHECK_FALSE(keys.find(key(40, 0).name.data()).renew);
  CHECK(keys.find(key(1, 0).name.data()).renew);
  CHECK(keys.find(key(2, 0).name.data()).key == nullptr);
  CHECK(TicketKeys({key(1, 4), key(2, 3), key(3, 2), key(4, 1)}).generations().size() == 3);
}
