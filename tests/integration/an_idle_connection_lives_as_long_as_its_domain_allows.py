"""The idle limit: inherited from domain, listener or built in; traffic in either direction counts;
at the limit the client gets close_notify and the end is counted; and an open connection without
the limit reached stays."""

import time
import unittest

from arbortls_test.backend import record
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.wait import eventually


class Idle(PromiseCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.config(
            [self.backend()], listener={"idle_timeout": "1500ms"}, domains=[
                {"name": MASTER},
                {"name": "short.example", "idle_timeout": "1s"},
                {"name": "long.example", "idle_timeout": "1h"}]))
        self.address = self.daemon.address()

    def life(self, name, speak=True):
        with TlsClient(self.address, name) as client:
            if speak:
                client.talk(b"hello")
            start = time.monotonic()
            self.assertEqual(client.receive(), b"")
            return time.monotonic() - start

    def test_a_listener_s_limit(self):
        self.assertTrue(1.4 < self.life(MASTER) < 2.5)
        eventually(lambda: self.daemon.counter("ended.idle_timeout") == 1, what="the count")

    def test_a_domain_s_limit(self):
        self.assertTrue(0.9 < self.life("sub.short.example") < 1.45)

    def test_a_client_that_never_speaks(self):
        self.assertTrue(0.9 < self.life("short.example", speak=False) < 1.45)

    def test_traffic_keeps_it_alive(self):
        with TlsClient(self.address, "short.example") as client:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                client.talk(b"\r\n\r\n")
                time.sleep(0.3)  # the keep-alive's pace is what is tried
            client.talk(b"still here")

    def test_a_long_limit(self):
        with TlsClient(self.address, "long.example") as client:
            client.talk(b"hello")
            time.sleep(2)  # longer than both other limits
            client.talk(b"still here")

    def test_traffic_from_the_backend_alone_keeps_it_alive(self):
        def tick(peer):
            peer.read()
            for _ in range(6):
                peer.sock.sendall(b"tick")
                time.sleep(0.3)

        config = self.config([self.backend(tick)], listener={"idle_timeout": "1s"})
        self.daemon.write_config(config)
        self.assertEqual(self.daemon.reload().returncode, 0)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"go")
            self.assertEqual(client.receive_all(), b"tick" * 6)

    def test_traffic_towards_the_backend_alone_keeps_it_alive(self):
        self.daemon.write_config(self.config([self.backend(record)],
                                             listener={"idle_timeout": "1s"}))
        self.assertEqual(self.daemon.reload().returncode, 0)
        with TlsClient(self.address, MASTER) as client:
            for _ in range(6):
                client.send(b"tick")
                time.sleep(0.3)
            start = time.monotonic()
            self.assertEqual(client.receive(), b"")
            self.assertGreater(time.monotonic() - start, 0.4)


if __name__ == "__main__":
    unittest.main()
