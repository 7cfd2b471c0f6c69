#pragma once
// What a handshake asks of its TCP socket. Any thread.

#include <chrono>

namespace arbortls::session {

// How long ago the peer's newest bytes came (its connection, if it has sent none); zero where the kernel does not
// say, as for UNIX sockets.
std::chrono::milliseconds silence_of_peer(int fd) noexcept;

// Closing it will answer the peer with RST: it costs the kernel nothing more, and the peer knows at once.
void reset_when_closed(int fd) noexcept;

}  // namespace arbortls::session
