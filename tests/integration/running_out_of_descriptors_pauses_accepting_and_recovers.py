"""With 128 descriptors and 300 clients the daemon stops accepting instead of spinning, calls that
are up go on, a certificate still changes, and as soon as descriptors are free new clients get
in."""

import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, connect
from arbortls_test.load import Calls
from arbortls_test.wait import eventually


class Exhausted(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        self.put(MASTER, self.authority.issue(MASTER))
        self.daemon = self.start(self.config([self.backend()], domains_dir=str(self.domains_dir),
                                             listener={"handshake_timeout": "60s"}), nofile=128)
        self.address = self.daemon.address()

    def test_pause_and_recovery(self):
        calls = Calls(self.address, [MASTER] * 5)
        socks = [connect(self.address) for _ in range(300)]
        eventually(lambda: self.daemon.counter("accept_pauses") >= 1, what="a pause")
        used, start = self.daemon.cpu_seconds(), time.monotonic()
        while time.monotonic() - start < 1.0:  # what is measured is that it does not spin
            time.sleep(0.05)
        calls_share = 0.3  # the five calls need some
        self.assertLess(self.daemon.cpu_seconds() - used, calls_share + 0.05)
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        for sock in socks:
            sock.close()
        start = time.monotonic()
        eventually(lambda: self.assert_works(self.address) == renewed.sha256, 3, "recovery")
        self.assertLess(time.monotonic() - start, 2)
        calls.finish()

    def test_reload_works_while_exhausted(self):
        socks = [connect(self.address) for _ in range(300)]
        eventually(lambda: self.daemon.counter("accept_pauses") >= 1, what="a pause")
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        self.daemon.hang_up()
        for sock in socks:
            sock.close()
        with TlsClient(self.address, MASTER) as client:
            self.assertEqual(client.sha256, renewed.sha256)

    def test_connections_that_lack_a_descriptor_for_their_backend_end_orderly(self):
        # Each relayed connection needs two; more clients than fit take all that there are.
        clients = []
        for _ in range(60):
            try:
                clients.append(TlsClient(self.address, MASTER, timeout=2))
            except (OSError, TimeoutError):
                break
        answered = 0
        for client in clients:
            client.sock.settimeout(2)
            try:
                client.send(b"hello")
                answered += client.receive() == b"hello"
            except OSError:
                pass
        self.assertGreater(answered, 20)
        for client in clients:
            client.sock.close()
        eventually(lambda: self.assert_works(self.address), 5, "recovery")


if __name__ == "__main__":
    unittest.main()
