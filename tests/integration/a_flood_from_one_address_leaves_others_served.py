"""While one address opens far more connections than it may, clients from other addresses are
served one after the other, calls that are up go on, and what was refused is counted and said in
the log now and then, not each time."""

import threading
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import connect
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

FLOODER = "127.0.0.66"


class Flood:
    """Connects from one address as fast as it can and keeps what stays open."""

    def __init__(self, address, threads=2):
        self.attempts = 0
        self._address = address
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        kept = []
        while not self._stop.is_set():
            try:
                kept.append(connect(self._address, 2, FLOODER))
            except OSError:
                pass
            self.attempts += 1
            if len(kept) > 200:
                kept.pop(0).close()
        for sock in kept:
            sock.close()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(5)


class Flooded(PromiseCase):
    def flood(self, limits, counter):
        daemon = self.start(self.config([self.backend()], limits=limits))
        address = daemon.address()
        calls = Calls(address, [MASTER] * 3)
        flood = Flood(address)
        try:
            eventually(lambda: daemon.counter(counter) >= 200, 30, "a flood that is refused")
            for number in range(2, 22):
                self.assert_works(address, source=f"127.0.0.{number}")
        finally:
            flood.stop()
        calls.finish()
        lines = [line for line in daemon.lines if "connection refused" in line]
        self.assertTrue(lines)
        self.assertIn(f"client={FLOODER}", lines[0])
        self.assertLess(len(lines), 10, "one line in ten seconds is enough")
        return daemon

    def test_handshakes_that_say_nothing(self):
        daemon = self.flood({"handshakes_per_address": 20}, "refused.handshakes_per_address")
        self.assertIn("reason=handshakes_per_address", daemon.log)

    def test_connections_too_fast(self):
        daemon = self.flood({"connections_per_second_per_address": 5,
                             "connection_burst_per_address": 10}, "refused.connection_rate")
        eventually(lambda: self.assert_works(daemon.address(), source=FLOODER), 10,
                   "service for the flooder when he has calmed down")

    def test_the_refused_are_reset_before_tls(self):
        daemon = self.start(self.config([self.backend()], limits={"handshakes_per_address": 1}))
        silent = self.hold(connect(daemon.address(), source=FLOODER))
        eventually(lambda: daemon.status()["handshakes"] == 1, what="the first one")
        with self.assertRaises(ConnectionResetError):
            self.hold(connect(daemon.address(), source=FLOODER)).recv(1)
        silent.close()
        eventually(lambda: self.assert_works(daemon.address(), source=FLOODER), 5, "a free place")


if __name__ == "__main__":
    unittest.main()
