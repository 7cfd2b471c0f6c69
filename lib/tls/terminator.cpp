#include "tls/terminator.hpp"

#include "tls/context.hpp"

#include <openssl/sha.h>

#include <array>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace arbortls::tls {
namespace {

// Sessions last as long as OpenSSL's default; a chain of resumptions ends a day after its full handshake.
constexpr long session_lifetime = 2 * 3600;
constexpr std::int64_t chain_lifetime = 24 * 3600;

// The name out of a server_name extension (RFC 6066 section 3): one entry of type host_name.
std::string_view server_name(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1 || size < 5) return {};
  const auto number = [&](std::size_t at) -> std::size_t {
    return static_cast<std::size_t>(data[at]) << 8 | data[at + 1];
  };
  if (number(0) + 2 != size || data[2] != TLSEXT_NAMETYPE_host_name || number(3) + 5 > size) return {};
  return {reinterpret_cast<const char*>(data + 5), number(3)};
}

constexpr std::string_view validation_protocol = "acme-tls/1";  // RFC 8737 section 6.2

// Whether it offers this one application protocol and no other (RFC 7301 section 3.1).
bool offers_only(SSL* ssl, std::string_view protocol) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  constexpr unsigned extension = TLSEXT_TYPE_application_layer_protocol_negotiation;
  if (SSL_client_hello_get0_ext(ssl, extension, &data, &size) != 1) return false;
  constexpr std::size_t lengths = 3;  // of the list, and of its one name
  return size == lengths + protocol.size() && data[lengths - 1] == protocol.size() &&
         std::memcmp(data + lengths, protocol.data(), protocol.size()) == 0;
}

// Two connections share tickets only if this is equal: same place in the tree, listener, policy and certificate.
void bind_sessions(SSL* ssl, const Hello& hello) {
  const Selection& s = hello.selection;
  std::string text;
  text.reserve(320);
  text += hello.listener->name;
  text += '\0';
  text += s.place != nullptr ? std::string_view(s.place->name) : "";
  text += '\0';
  text += s.in_tree ? 'd' : 'o';
  text += static_cast<char>('0' + static_cast<int>(s.settings.tls_min_version));
  text.append(reinterpret_cast<const char*>(s.certificate->identity.data()), s.certificate->identity.size());
  std::array<unsigned char, SHA256_DIGEST_LENGTH> id{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), id.data());
  SSL_set_session_id_context(ssl, id.data(), id.size());
}

// What the backends behind each role speak; a client that offers only something else goes on without ALPN.
std::string_view protocol_of(config::Role role) {
  return role == config::Role::ws ? "http/1.1" : "sip/2";
}

}  // namespace

struct Terminator::Callbacks {
  static Hello* hello_of(SSL* ssl) { return static_cast<Hello*>(SSL_get_app_data(ssl)); }

  static int alert_of(const Hello* hello) {
    const bool unknown = hello != nullptr && hello->failure == HandshakeFailure::unknown_validation;
    return unknown ? SSL_AD_NO_APPLICATION_PROTOCOL : SSL_AD_INTERNAL_ERROR;
  }

  static int client_hello(SSL* ssl, int* alert, void*) {
    Hello* hello = hello_of(ssl);
    try {
      const Choice choice = hello != nullptr ? hello->terminator->choose(ssl, *hello) : Choice::failed;
      if (choice == Choice::made) return SSL_CLIENT_HELLO_SUCCESS;
      if (choice == Choice::waits) return SSL_CLIENT_HELLO_RETRY;
    } catch (const std::bad_alloc&) {  // not through OpenSSL's frames
      hello->failure = HandshakeFailure::internal;
    }
    *alert = alert_of(hello);
    return SSL_CLIENT_HELLO_ERROR;
  }

  static int server_name_ok(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

  static int alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* in, unsigned in_size, void*) {
    const Hello* hello = hello_of(ssl);
    if (hello == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const std::string_view wanted =
        hello->validation ? validation_protocol : protocol_of(hello->listener->role);
    for (unsigned at = 0; at < in_size; at += in[at] + 1u) {
      const unsigned size = in[at];
      if (at + 1 + size > in_size) break;
      if (std::string_view(reinterpret_cast<const char*>(in + at + 1), size) == wanted) {
        *out = in + at + 1;
        *out_size = in[at];
        return SSL_TLSEXT_ERR_OK;
      }
    }
    return SSL_TLSEXT_ERR_NOACK;
  }

  static int ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                    EVP_MAC_CTX* mac, int encrypt) {
    const Hello* hello = hello_of(ssl);
    if (hello == nullptr || !hello->terminator->ticket_keys_) return 0;
    return ticket_key_callback(ssl, name, iv, cipher, mac, encrypt, *hello->terminator->ticket_keys_);
  }

  // A ticket carries the time of its full handshake, else each resumption would start a new life.
  static int write_ticket(SSL* ssl, void*) {
    Hello* hello = hello_of(ssl);
    SSL_SESSION* session = SSL_get_session(ssl);
    if (hello == nullptr || session == nullptr) return 0;
    void* data = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket_appdata(session, &data, &size);
    if (SSL_session_reused(ssl) == 1 && size == sizeof(std::int64_t)) return 1;
    const std::int64_t now = hello->terminator->wall_clock_();
    return SSL_SESSION_set1_ticket_appdata(session, &now, sizeof now);
  }

  static SSL_TICKET_RETURN read_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char*,
                                       std::size_t, SSL_TICKET_STATUS status, void*) {
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
      return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    const Hello* hello = hello_of(ssl);
    void* data = nullptr;
    std::size_t size = 0;
    std::int64_t begun = 0;
    if (hello == nullptr || SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 ||
        size != sizeof begun) {
      return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    std::memcpy(&begun, data, sizeof begun);
    const std::int64_t age = hello->terminator->wall_clock_() - begun;
    if (age > chain_lifetime || age < -session_lifetime) return SSL_TICKET_RETURN_IGNORE_RENEW;
    // Clients use a ticket of TLS 1.3 once (RFC 8446, appendix C.4): each resumption has to bring the next.
    const bool renew = status == SSL_TICKET_SUCCESS_RENEW || SSL_version(ssl) == TLS1_3_VERSION;
    return renew ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
  }

  static void set(SSL_CTX* ctx) {
    SSL_CTX_set_client_hello_cb(ctx, client_hello, nullptr);
    // What the macro SSL_CTX_set_tlsext_servername_callback does, without its C cast.
    SSL_CTX_callback_ctrl(ctx, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(&server_name_ok));
    SSL_CTX_set_alpn_select_cb(ctx, alpn, nullptr);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket);
    SSL_CTX_set_session_ticket_cb(ctx, write_ticket, read_ticket, nullptr);
    SSL_CTX_set_timeout(ctx, session_lifetime);
  }

  static Result<openssl::SslCtxPtr> context_for(const cert::Certificate& certificate) {
    auto made = make_context(certificate);
    if (made) set(made->get());
    return made;
  }
};

Terminator::Terminator(std::size_t cache_bytes, WallClock wall_clock,
                       ValidationCertificates validations)
    : wall_clock_(std::move(wall_clock)),
      validations_(std::move(validations)),
      contexts_(cache_bytes, Callbacks::context_for) {}

Result<std::unique_ptr<Terminator>> Terminator::make(std::size_t cache_bytes, WallClock wall_clock,
                                                     ValidationCertificates validations) {
  auto base = make_base_context();
  if (!base) return base.error();
  std::unique_ptr<Terminator> terminator(
      new Terminator(cache_bytes, std::move(wall_clock), std::move(validations)));
  terminator->base_ = std::move(*base);
  Callbacks::set(terminator->base_.get());
  return terminator;
}

openssl::SslPtr Terminator::accept_on(int fd, Hello& hello) {
  openssl::SslPtr ssl(SSL_new(base_.get()));
  if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
  hello.terminator = this;
  SSL_set_app_data(ssl.get(), &hello);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

void Terminator::release(SSL* ssl) { SSL_set_app_data(ssl, nullptr); }

Terminator::Choice Terminator::choose(SSL* ssl, Hello& hello) {
  hello.name = domain::ServerName(server_name(ssl));
  if (offers_only(ssl, validation_protocol)) return validate(ssl, hello);
  hello.selection = select(*hello.site, *hello.listener, hello.name, wall_clock_());
  if (hello.selection.awaited != nullptr) return Choice::waits;
  hello.selected = true;
  const Selection& selection = hello.selection;
  if (!selection.certificate) {
    hello.failure = HandshakeFailure::no_certificate;
    return Choice::failed;
  }
  // To be over a limit is answered with internal_error, as of any failure: of the alerts, it is the one that is
  // "unrelated to the peer or the correctness of the protocol"; access_denied means that a certificate or PSK was
  // looked at (RFC 8446 section 6.2).
  hello.refused = hello.admits && !hello.admits(selection);
  if (hello.refused) return Choice::failed;
  if (const Choice used = use(ssl, hello, selection.certificate); used != Choice::made) return used;
  if (selection.settings.tls_min_version == config::TlsVersion::tls1_3) {
    SSL_set_min_proto_version(ssl, TLS1_3_VERSION);
  }
  bind_sessions(ssl, hello);
  return Choice::made;
}

// Whoever speaks only the validation protocol wants nothing of a backend: the name's own settings do not apply, and a
// name that is not being validated is refused. No ticket, so that no session begun here leads anywhere.
Terminator::Choice Terminator::validate(SSL* ssl, Hello& hello) {
  cert::CertificatePtr certificate;
  if (validations_ && hello.name.kind() == domain::NameKind::legal)
    certificate = validations_(hello.name.view());
  if (!certificate) {
    hello.failure = HandshakeFailure::unknown_validation;
    return Choice::failed;
  }
  hello.validation = true;
  SSL_set_options(ssl, SSL_OP_NO_TICKET);
  SSL_set_num_tickets(ssl, 0);
  return use(ssl, hello, certificate);
}

Terminator::Choice Terminator::use(SSL* ssl, Hello& hello, const cert::CertificatePtr& certificate) {
  const auto context = contexts_.get(certificate);
  if (context && SSL_set_SSL_CTX(ssl, *context) != nullptr) return Choice::made;
  hello.failure = HandshakeFailure::internal;
  return Choice::failed;
}

}  // namespace arbortls::tls
