#pragma once
// The plain TCP server behind the terminators: echoes, sends or swallows, as the client wishes (see
// wire.hpp).

#include "load/steps.hpp"

#include "base/result.hpp"

#include <cstdint>

namespace arbortls::bench {

// Listens on 127.0.0.1 (`port` 0: any free one), tells {"event": "listening", "port": N} and serves
// until killed, or until whoever started it is gone. Returns only on an error.
Result<void> run_backend(std::uint16_t port, const Steps& steps);

}  // namespace arbortls::bench
