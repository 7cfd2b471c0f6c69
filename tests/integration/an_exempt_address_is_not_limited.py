"""Addresses and networks of `limits.exempt` may connect as often as they like; the limits go on
holding for everybody else."""

import unittest

from arbortls_test.case import PromiseCase
from arbortls_test.client import connect
from arbortls_test.wait import eventually


class Exempt(PromiseCase):
    def test_a_call_centre(self):
        daemon = self.start(self.config([self.backend()], limits={
            "handshakes_per_address": 1, "connections_per_second_per_address": 1,
            "connection_burst_per_address": 1, "exempt": ["127.0.0.2", "127.0.1.0/24"]}))
        address = daemon.address()
        silent = [self.hold(connect(address, source=source))
                  for source in ("127.0.0.2", "127.0.1.7", "127.0.1.7") for _ in range(10)]
        eventually(lambda: daemon.status()["handshakes"] == len(silent), what="all of them")
        for source in ("127.0.0.2", "127.0.1.7"):
            for _ in range(5):
                self.assert_works(address, source=source)
        self.assertEqual(daemon.counter("refused.handshakes_per_address"), 0)
        self.assertEqual(daemon.counter("refused.connection_rate"), 0)
        self.assert_works(address, source="127.0.0.3")
        with self.assertRaises(OSError):
            self.assert_works(address, source="127.0.0.3")
        self.assertEqual(daemon.counter("refused.connection_rate"), 1)


if __name__ == "__main__":
    unittest.main()
