"""Backends that refuse, swallow, stay silent or reset: another server takes over before the first
byte was sent, with none left the client gets an orderly TLS close within a second, all is
counted, and a server that comes back is used."""

import time
import unittest

from arbortls_test.backend import Backend, BlackHole, Refusing, reset_at_once, silent
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, Truncated
from arbortls_test.wait import eventually


class Failing(PromiseCase):
    def serve(self, servers, **backend):
        self.daemon = self.start(self.config(servers, backend=backend))
        self.address = self.daemon.address()

    def orderly_close(self, limit=1.0):
        with TlsClient(self.address, MASTER) as client:
            start = time.monotonic()
            client.send(b"REGISTER")
            self.assertEqual(client.receive(), b"")
            self.assertTrue(client.at_tcp_end())
            self.assertLess(time.monotonic() - start, limit)

    def test_another_server_takes_over(self):
        for balance in ("least_conn", "round_robin", "source_hash"):
            with self.subTest(balance):
                dead = self.hold(Refusing())
                self.serve([dead, self.backend()], balance=balance)
                for _ in range(10):
                    self.assert_works(self.address)
                self.daemon.stop()

    def test_a_black_hole_is_left_after_the_connect_timeout(self):
        self.serve([self.hold(BlackHole()), self.backend()], balance="round_robin",
                   connect_timeout="300ms")
        for _ in range(4):
            start = time.monotonic()
            self.assert_works(self.address)
            self.assertLess(time.monotonic() - start, 1.5)
        self.assertGreaterEqual(self.daemon.counter("backend_connect_failures"), 1)

    def test_all_down_is_an_orderly_close_and_counted(self):
        self.serve([self.hold(Refusing()), self.hold(Refusing())])
        for _ in range(3):
            self.orderly_close()
        eventually(lambda: self.daemon.counter("ended.backend_unavailable") == 3,
                   what="three counted ends")
        self.assertGreaterEqual(self.daemon.counter("backend_connect_failures"), 2)
        self.assertEqual(self.daemon.counter("all_backends_down"), 3)

    def test_no_server_path(self):
        self.serve([f"unix:{self.directory}/nobody.sock"])
        self.orderly_close()

    def test_a_server_that_comes_back_is_used(self):
        dead = Refusing()
        address = dead.address
        self.serve([address])
        self.orderly_close()
        dead.close()
        host, port = address.split(":")
        self.hold(Backend(host=host, port=int(port)))
        self.assert_works(self.address)

    def test_a_silent_backend_holds_only_its_own_connection(self):
        behind = self.backend(silent)
        self.serve([behind])
        with TlsClient(self.address, MASTER, timeout=0.5) as client:
            client.send(b"REGISTER")
            behind.wait_for_peers(1)
            with self.assertRaises(TimeoutError):
                client.receive()
            self.daemon.write_config(self.config([self.backend()]))
            self.assertEqual(self.daemon.reload().returncode, 0)
            self.assert_works(self.address)
            self.assertTrue(self.daemon.alive())

    def test_a_backend_that_resets_at_once(self):
        self.serve([self.backend(reset_at_once)])
        descriptors = self.daemon.descriptors()
        for _ in range(50):
            with TlsClient(self.address, MASTER) as client:
                client.send(b"REGISTER")
                try:
                    client.receive()
                except (Truncated, ConnectionResetError):
                    pass
        eventually(lambda: self.daemon.descriptors() <= descriptors, what="descriptors")
        self.assertGreaterEqual(self.daemon.counter("ended.backend_reset"), 1)

    def test_a_server_that_dies_while_calls_go_on(self):
        first, second = self.backend(), self.backend()
        self.serve([first, second], balance="round_robin")
        clients = [TlsClient(self.address, MASTER) for _ in range(8)]
        for client in clients:
            client.talk(b"hello")
        first.close()
        lost = 0
        for client in clients:
            try:
                client.talk(b"hello")
            except (OSError, AssertionError):
                lost += 1
        self.assertEqual(lost, 4)
        for _ in range(10):
            self.assert_works(self.address)

    def test_no_backend_configured(self):
        config = self.config([self.backend()])
        del config["listeners"][0]["backend"]
        self.daemon = self.start(config)
        self.address = self.daemon.address()
        self.orderly_close()
        eventually(lambda: self.daemon.counter("ended.no_backend") == 1, what="the count")


if __name__ == "__main__":
    unittest.main()
