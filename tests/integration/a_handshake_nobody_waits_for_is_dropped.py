"""When more clients wait than can be served at once, those that have waited longer than
`handshake_patience`, and those that have gone, are dropped before anything is computed for them;
who comes now is served, calls go on, and a lane that keeps up drops nobody."""

import pathlib
import threading
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, client_hello, connect
from arbortls_test.wait import eventually

CROWD = 100  # more than are accepted in a row


class Storm(PromiseCase):
    def run_daemon(self, patience):
        self.daemon = self.start(self.config([self.backend()],
                                             listener={"handshake_patience": patience}))
        self.address = self.daemon.address()

    def after_a_stop(self, count, seconds):
        """`count` clients say hello to the stopped daemon and wait so long; then it goes on."""
        self.daemon.pause()
        crowd = []
        for _ in range(count):
            crowd.append(self.hold(connect(self.address)))
            crowd[-1].sendall(client_hello(MASTER))
        threading.Event().wait(seconds)
        return crowd

    def heard_of_ends(self):
        """Connections of which the kernel knows that their client has ended its side."""
        port = f":{int(self.address.rpartition(':')[2]):04X}"
        rows = [row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        return sum(row[1].endswith(port) and row[3] == "08" for row in rows)  # CLOSE_WAIT

    def failures(self, reason):
        return self.daemon.counter(f"handshake_failures.{reason}")

    def names_read(self):
        return self.daemon.counter("sni.known") + self.daemon.counter("sni.unknown")

    def test_who_has_waited_too_long(self):
        self.run_daemon("200ms")
        call = TlsClient(self.address, MASTER)
        self.assertEqual(call.talk(b"hello"), b"hello")
        read = self.names_read()
        crowd = self.after_a_stop(CROWD, 0.5)
        self.daemon.resume()
        eventually(lambda: self.failures("waited_too_long") == CROWD, what="all to be dropped")
        self.assertEqual(self.names_read(), read)
        for sock in crowd:
            with self.assertRaises(ConnectionResetError):
                sock.recv(1)
        self.assertEqual(call.talk(b"still here"), b"still here")
        self.assert_works(self.address)

    def test_who_has_gone(self):
        self.run_daemon("60s")
        read = self.names_read()
        for sock in self.after_a_stop(CROWD, 0):
            sock.close()
        eventually(lambda: self.heard_of_ends() == CROWD, what="the ends to arrive")
        self.daemon.resume()
        eventually(lambda: self.failures("closed_early") == CROWD, what="all to be dropped")
        self.assertEqual(self.names_read(), read)
        self.assert_works(self.address)

    def test_few_who_have_waited_are_served(self):
        self.run_daemon("200ms")
        crowd = self.after_a_stop(3, 0.5)
        self.daemon.resume()
        for sock in crowd:
            self.assertEqual(sock.recv(1), b"\x16")
        self.assertEqual(self.failures("waited_too_long"), 0)

    def test_patience_without_end(self):
        self.run_daemon("0")
        crowd = self.after_a_stop(CROWD, 0.5)
        self.daemon.resume()
        for sock in crowd:
            self.assertEqual(sock.recv(1), b"\x16")
        self.assertEqual(self.failures("waited_too_long"), 0)


if __name__ == "__main__":
    unittest.main()
