#pragma once
// Listening and connecting with plain POSIX sockets, nonblocking and close-on-exec. No Asio. Any thread.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/address.hpp"
#include "net/network.hpp"

#include <string_view>

namespace arbortls::net {

// A listener on host:port, [v6]:port or unix:/path, with SO_REUSEADDR; [::]:port takes IPv4 too. A name that has
// several addresses listens on the first. The file of a UNIX socket on which nobody listens any more is replaced;
// its mode follows the umask. Errors tell the endpoint and the reason.
Result<UniqueFd> listen_on(std::string_view endpoint, int backlog);

// Address() if the socket has none.
Address local_address(int fd) noexcept;
Address peer_address(int fd) noexcept;

// TCP_NODELAY; SO_KEEPALIVE after 30 s of silence, every 10 s, 3 times; TCP_USER_TIMEOUT 60 s. Nothing on UNIX sockets.
// On a listener it holds for whatever is accepted from it: listen_on() has done it.
void set_tcp_options(int fd) noexcept;

// A connect that was begun. `fd` is good when `error` is 0 (connected) or EINPROGRESS (writable when decided, then
// SO_ERROR tells). EADDRNOTAVAIL: `from` has no port left for this server. UNIX: EAGAIN when its backlog is full.
struct ConnectStart {
  UniqueFd fd;
  int error = 0;
};

// Its TCP options are set. `from` (its port counts too, 0 for any) may be nullptr; it is not used for UNIX
// servers.
ConnectStart start_connect(const Address& to, const Address* from) noexcept;

}  // namespace arbortls::net
