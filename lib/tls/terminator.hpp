#pragma once
// Terminator: everything one handshake thread needs to speak TLS. It makes the SSL object, answers the ClientHello
// by selection (before resumption is decided, so no ticket can pass a policy), and keeps ready contexts. It knows no
// backend, no reactor. Used by one thread.

#include "base/result.hpp"
#include "domain/name.hpp"
#include "openssl/handles.hpp"
#include "tls/context_cache.hpp"
#include "tls/failure.hpp"
#include "tls/select.hpp"
#include "tls/site.hpp"
#include "tls/ticket_keys.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace arbortls::tls {

class Terminator;

// The certificate that proves control of a name to an ACME CA (tls-alpn-01, RFC 8737), or null. Any thread.
using ValidationCertificates = std::function<cert::CertificatePtr(std::string_view name)>;

// One handshake's state; the SSL object refers to it until release().
struct Hello {
  Terminator* terminator = nullptr;
  std::shared_ptr<const Site> site;  // what this connection chooses from, whatever is published meanwhile
  const ListenerView* listener = nullptr;  // in *site
  domain::ServerName name;
  Selection selection;
  bool selected = false;
  std::optional<HandshakeFailure> failure;  // where it is not the peer's or OpenSSL's word
  // Asked when a certificate has been selected, before anything costly, and again after a HelloRetryRequest; false
  // refuses the client. Empty: nobody is refused.
  std::function<bool(const Selection&)> admits;
  bool refused = false;
  // The client is a CA that validates the name: nothing is selected, and there is nobody to relay to.
  bool validation = false;
};

class Terminator {
 public:
  using WallClock = std::function<std::int64_t()>;  // Unix seconds
  // Without `validations` no name is ever validated.
  static Result<std::unique_ptr<Terminator>> make(std::size_t cache_bytes, WallClock wall_clock,
                                                  ValidationCertificates validations = {});

  void set_ticket_keys(std::shared_ptr<const TicketKeys> keys) { ticket_keys_ = std::move(keys); }

  // A server session on `fd`, which it does not own. `hello` must live until release(); null when memory is out.
  // Where hello.selection.awaited is set, SSL_do_handshake() ends with SSL_ERROR_WANT_CLIENT_HELLO_CB; it goes on
  // when it is called with a later `hello.site`.
  openssl::SslPtr accept_on(int fd, Hello& hello);
  // Ends the session's ties to its Hello, when the handshake is over.
  static void release(SSL* ssl);

  // Lets go of contexts whose certificate has been replaced.
  void drop_unused_contexts() { contexts_.drop_unused(); }
  const ContextCache& contexts() const noexcept { return contexts_; }

 private:
  struct Callbacks;
  Terminator(std::size_t cache_bytes, WallClock wall_clock, ValidationCertificates validations);
  enum class Choice { made, waits, failed };
  Choice choose(SSL* ssl, Hello& hello);
  Choice validate(SSL* ssl, Hello& hello);
  Choice use(SSL* ssl, Hello& hello, const cert::CertificatePtr& certificate);

  WallClock wall_clock_;
  ValidationCertificates validations_;
  openssl::SslCtxPtr base_;
  ContextCache contexts_;
  std::shared_ptr<const TicketKeys> ticket_keys_;
};

}  // namespace arbortls::tls
