"""The daemon's clock is weeks ahead of the CA's, or half a day behind. Where what comes is of no
use by it, that is told with the reason and tried again later, what was served stays served, and
with a clock that is right a certificate comes without anybody's doing more than a start."""

import shutil
import subprocess
import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
# Only the time of day: timers of the kernel, which faketime bends too, must stay as they are.
SHIFT = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec* at) {
  long failed = syscall(SYS_clock_gettime, id, at);
  const char* hours = getenv("SHIFT_HOURS");
  if (!failed && id == CLOCK_REALTIME && hours) at->tv_sec += atol(hours) * 3600;
  return (int)failed;
}
time_t time(time_t* out) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  if (out) *out = at.tv_sec;
  return at.tv_sec;
}
int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  struct timespec at;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &at);
  out->tv_sec = at.tv_sec;
  out->tv_usec = at.tv_nsec / 1000;
  return 0;
}
"""


class Clocks(AcmeCase):
    def setUp(self):
        super().setUp()
        if not shutil.which("gcc") or binary_is_sanitized():
            self.skipTest("needs a C compiler, and a daemon without a sanitizer")
        self.library = self.directory / "shift.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-xc", "-", "-o", self.library], input=SHIFT,
                       text=True, check=True)

    def with_clock(self, hours, **ca):
        self.make_ca(**ca).start()
        self.other_clock = {"LD_PRELOAD": str(self.library), "SHIFT_HOURS": str(hours)}
        return self.start(self.acme_config({NAME: {"acme_enabled": True}}),
                          environment=self.other_clock)

    def test_ahead(self):
        self.check_told_then_set_right(self.with_clock(480, validity=3600))

    def test_behind(self):
        self.check_told_then_set_right(self.with_clock(-12))

    def check_told_then_set_right(self, daemon):
        row = eventually(lambda: self.row(daemon, NAME).get("problem") and self.row(daemon, NAME),
                         40, "a failure")
        self.assertRegex(row["problem"], "clock")
        self.assertEqual(row["certificate"], "none")
        self.assertFalse(self.pem_of(NAME).exists())
        orders = self.ca.log.count("Added order")
        self.assert_works(daemon.address("tls"), NAME)
        daemon.stop()
        self.other_clock.clear()
        daemon.start()
        self.await_issued(daemon, NAME, timeout=60)
        self.assertLessEqual(self.ca.log.count("Added order"), orders + 1)


if __name__ == "__main__":
    unittest.main()
