"""Keepalive probes are armed on the client's and on the backend's socket of every connection, to
begin within 30 seconds of silence."""

import re
import shutil
import subprocess
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.wait import eventually


@unittest.skipUnless(shutil.which("ss"), "needs ss")
class Keepalive(PromiseCase):
    def timers(self):
        """Seconds to the next probe of each of the daemon's connections."""
        shown = subprocess.run(["ss", "-Htnop", "state", "established"], capture_output=True,
                               text=True, check=True).stdout
        own = [line for line in shown.splitlines() if f"pid={self.daemon.pid}," in line]
        return [re.search(r"timer:\(keepalive,(?:(\d+)sec|\d+ms|\d+min)", line) for line in own]

    def test_both_sides(self):
        self.daemon = self.start(self.config([self.backend()]))
        with TlsClient(self.daemon.address(), MASTER) as client:
            client.talk(b"hello")
            # Until what was sent is acknowledged another timer may be shown.
            eventually(lambda: len(self.timers()) == 2 and all(self.timers()), what="two timers")
            for timer in self.timers():
                self.assertLessEqual(int(timer[1] or 99), 30)


if __name__ == "__main__":
    unittest.main()
