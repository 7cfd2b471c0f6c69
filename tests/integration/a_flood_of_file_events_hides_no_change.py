"""When more file events come than the kernel's queue holds, everything is read again: a certificate
that changed meanwhile is served, a removed domain is gone, and calls never notice."""

import os
import pathlib
import signal
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.load import Calls

NAME = "acme.softphone.example"
GONE = "gone.softphone.example"
QUEUE = pathlib.Path("/proc/sys/fs/inotify/max_queued_events")


class Overflow(PromiseCase):
    def test_overflow(self):
        limit = int(QUEUE.read_text())
        if limit > 50_000:
            self.skipTest("the kernel's queue is too long to fill in a test")
        leaves = {name: self.authority.issue(name) for name in (MASTER, NAME, GONE)}
        daemon = self.start_with_domains(leaves)
        address = daemon.address()
        calls = Calls(address, [MASTER, NAME])
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            path = self.domains_dir / ".noise"
            for _ in range(limit // 3 + 1000):  # each makes three or more events
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                os.unlink(path)
            renewed = self.authority.issue(NAME)
            self.put(NAME, renewed)
            (self.domains_dir / f"{GONE}.pem").unlink()
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        self.await_served(address, NAME, renewed, timeout=3)
        self.await_served(address, GONE, leaves[MASTER], timeout=3)
        calls.finish()
        again = self.authority.issue(NAME)
        self.put(NAME, again)
        self.await_served(address, NAME, again, timeout=2)


if __name__ == "__main__":
    unittest.main()
