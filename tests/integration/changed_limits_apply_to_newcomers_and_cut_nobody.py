"""A reload with other limits ends no connection: what is there goes on and stays counted, and the
next newcomer meets the new limits."""

import ssl
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, connect
from arbortls_test.wait import eventually


class Changed(PromiseCase):
    def setUp(self):
        super().setUp()
        self.echo = self.backend()

    def made(self, limits, at_most):
        return self.config([self.echo], limits=limits,
                           domains=[{"name": MASTER, "max_connections": at_most}])

    def reload(self, limits, at_most):
        self.daemon.write_config(self.made(limits, at_most))
        self.assertEqual(self.daemon.reload().returncode, 0)

    def test_down_and_up_again(self):
        self.daemon = self.start(self.made({}, 5))
        address = self.daemon.address()
        calls = [TlsClient(address, MASTER) for _ in range(4)]
        silent = [self.hold(connect(address)) for _ in range(3)]
        eventually(lambda: self.daemon.status()["handshakes"] == 3, what="silent ones")
        self.reload({"handshakes": 2}, 2)
        with self.assertRaises(ConnectionResetError):
            self.hold(connect(address)).recv(1)
        self.assertEqual(self.daemon.counter("refused.handshakes"), 1)
        for sock in silent:
            sock.close()
        eventually(lambda: self.daemon.status()["handshakes"] == 0, what="their end")
        with self.assertRaises(ssl.SSLError):
            TlsClient(address, MASTER)
        self.reload({}, 5)
        calls.append(TlsClient(address, MASTER))
        with self.assertRaises(ssl.SSLError):
            TlsClient(address, MASTER)
        self.reload({}, "none")
        calls.extend(TlsClient(address, MASTER) for _ in range(3))
        for call in calls:
            self.assertEqual(call.talk(b"still here"), b"still here")
            call.sock.close()


if __name__ == "__main__":
    unittest.main()
