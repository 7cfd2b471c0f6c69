#include "base/wake_up.hpp"

#include <catch2/catch.hpp>

#include <poll.h>

#include <thread>

using arbortls::WakeUp;

namespace {

bool readable(const WakeUp& wake_up, int milliseconds = 0) {
  pollfd source{wake_up.descriptor(), POLLIN, 0};
  return ::poll(&source, 1, milliseconds) == 1;
}

}  // namespace

TEST_CASE("a rung wake-up is readable until it is hushed, however often it was rung") {
  const WakeUp wake_up;
  CHECK_FALSE(readable(wake_up));
  wake_up.ring();
  wake_up.ring();
  CHECK(readable(wake_up));
  wake_up.hush();
  CHECK_FALSE(readable(wake_up));
  wake_up.hush();
  CHECK_FALSE(readable(wake_up));
}

TEST_CASE("another thread's ring ends a poll") {
  const WakeUp wake_up;
  std::thread other([&] { wake_up.ring(); });
  CHECK(readable(wake_up, 10'000));
  other.join();
}
