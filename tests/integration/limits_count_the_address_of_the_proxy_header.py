"""Behind a load balancer whose PROXY header is believed, limits count the client that the header
names, never the balancer; a source that is not believed counts itself, whatever it claims."""

import unittest

from arbortls_test import proxy_header
from arbortls_test.case import PromiseCase
from arbortls_test.client import connect
from arbortls_test.wait import eventually

BALANCER = "127.0.0.1"


class Counted(PromiseCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.config(
            [self.backend()], listener={"accept_proxy": [BALANCER], "proxy_header_timeout": "60s",
                                        "handshake_timeout": "60s"},
            limits={"handshakes_per_address": 2}))
        self.address = self.daemon.address()

    def silent(self, header, source=BALANCER):
        sock = self.hold(connect(self.address, source=source))
        sock.sendall(header)
        return sock

    def in_progress(self, count):
        eventually(lambda: self.daemon.status()["handshakes"] == count, what=f"{count} at once")

    def refused(self):
        return self.daemon.counter("refused.handshakes_per_address")

    def test_each_client_of_the_balancer(self):
        for client in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
            for _ in range(2):
                self.silent(proxy_header.v2(client, destination="2001:db8::9")
                            if ":" in client else proxy_header.v1(client))
        self.in_progress(6)
        self.assertEqual(self.refused(), 0)
        with self.assertRaises(ConnectionResetError):
            self.silent(proxy_header.v1("192.0.2.1")).recv(1)
        with self.assertRaises(ConnectionResetError):  # of the same /64
            self.silent(proxy_header.v1("2001:db8::ffff", destination="2001:db8::9")).recv(1)
        self.assertEqual(self.refused(), 2)
        self.daemon.wait_for_log(r"connection refused client=192\.0\.2\.1:40000")
        self.assert_works(self.address, preamble=proxy_header.v1("192.0.2.3"))

    def test_the_balancer_itself_is_not_limited(self):
        for _ in range(5):
            self.silent(b"")
            self.silent(b"PROXY UNKNOWN\r\n")
        self.in_progress(10)
        self.assert_works(self.address, preamble=proxy_header.v2_local())
        self.assertEqual(self.refused(), 0)

    def test_who_is_not_believed_counts_himself(self):
        for _ in range(2):
            self.silent(b"", source="127.0.0.9")
        self.in_progress(2)
        with self.assertRaises(ConnectionResetError):
            connect(self.address, source="127.0.0.9").recv(1)
        self.assertEqual(self.refused(), 1)
        self.assert_works(self.address, preamble=proxy_header.v1("192.0.2.9"))


if __name__ == "__main__":
    unittest.main()
