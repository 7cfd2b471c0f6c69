"""After thousands of connections, resets at every stage, failed handshakes and dead backends,
descriptors are back where they were, memory does not grow from round to round, and no connection
is still counted."""

import random
import threading
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, client_hello, connect, make_context
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.wait import eventually


class Storm(PromiseCase):
    def setUp(self):
        super().setUp()
        config = self.config([self.backend()], domains=[{"name": "dead.example",
                                                         "backend": "dead"}])
        config["backends"].append({"name": "dead", "servers": ["127.0.0.1:1"]})
        self.daemon = self.start(config)
        self.address = self.daemon.address()

    def one(self, chance):
        kind = chance.randrange(8)
        if kind == 0:  # a reset in the middle of the handshake
            sock = connect(self.address)
            sock.sendall(client_hello(MASTER)[:chance.randrange(1, 200)])
            sock.close()
            return
        if kind == 1:
            sock = connect(self.address)
            sock.sendall(chance.randbytes(100))
            sock.close()
            return
        name = "dead.example" if kind == 2 else MASTER
        with TlsClient(self.address, name, version=chance.choice(("1.2", "1.3"))) as client:
            if kind == 3:
                return client.reset()
            if kind == 4:
                client.send(b"and gone")
                return client.reset()
            if kind == 2:
                client.send(b"hello")
                self.assertEqual(client.receive(), b"")
            else:
                data = chance.randbytes(chance.randint(1, 20_000))
                self.assertEqual(client.talk(data), data)
            client.close()

    def round(self, seed, count):
        failures = []

        def run(own):
            chance = random.Random(own)
            for _ in range(count):
                try:
                    self.one(chance)
                except (OSError, AssertionError) as error:
                    failures.append(repr(error))

        threads = [threading.Thread(target=run, args=(seed * 10 + index,)) for index in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        eventually(lambda: self.daemon.status()["connections"] == 0, 5, "the end of all")

    def test_rounds(self):
        self.round(1, 100)
        eventually(lambda: self.daemon.status()["connections"] == 0)
        descriptors, resident = self.daemon.descriptors(), None
        for seed in (2, 3):
            self.round(seed, 250)
            eventually(lambda: self.daemon.descriptors() <= descriptors, 5, "descriptors")
            if resident and not binary_is_sanitized():
                self.assertLess(self.daemon.resident() - resident, 1_500_000)
            resident = self.daemon.resident()

    def test_a_reset_storm(self):
        descriptors = self.daemon.descriptors()
        context = make_context("1.3")
        clients = [TlsClient(self.address, MASTER, context=context) for _ in range(200)]
        for client in clients:
            client.send(b"x" * 5000)
        for client in clients:
            client.reset()
        eventually(lambda: self.daemon.descriptors() <= descriptors, 5, "descriptors")
        self.assert_works(self.address)


if __name__ == "__main__":
    unittest.main()
