"""Bytes arrive exactly as sent: sizes from 1 to 300,000 each way, 64 MiB in both directions at
once, TLS 1.2 and 1.3, many connections side by side, over TCP and UNIX backends, through key
updates and renegotiation-free long talks."""

import hashlib
import os
import random
import threading
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient

SIZES = [1, 2, 3, 7, 63, 64, 65, 399, 400, 1399, 1400, 1401, 2500, 4095, 4096, 4097, 7000, 8192,
         16383, 16384, 16385, 16400, 32767, 32768, 40000, 65535, 65536, 65537, 131072, 299999,
         300000]
BLOCK = random.Random(1).randbytes(1 << 20)


def digest_of(blocks):
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


class Exact(PromiseCase):
    def test_every_size_on_one_connection(self):
        address = self.start(self.config([self.backend()])).address()
        for version in ("1.2", "1.3"):
            with TlsClient(address, MASTER, version=version) as client:
                for size in SIZES:
                    data = os.urandom(size)
                    self.assertEqual(client.talk(data), data, f"{size} bytes, TLS {version}")

    def test_every_size_on_a_connection_of_its_own(self):
        address = self.start(self.config([self.backend()])).address()
        for size in SIZES:
            data = os.urandom(size)
            with TlsClient(address, MASTER) as client:
                client.send(data)
                client.close_notify()
                self.assertEqual(client.receive_all(), data, f"{size} bytes")

    def test_a_unix_backend(self):
        behind = self.backend(path=self.directory / "echo.sock")
        self.assert_works(self.start(self.config([behind])).address(), data=BLOCK[:300_000])

    def full_duplex(self, version, mebibytes):
        def serve(peer):
            """Sends its own stream while it takes the client's."""
            def send():
                for _ in range(mebibytes):
                    peer.sock.sendall(BLOCK)
                peer.sock.shutdown(1)

            first = peer.sock.recv(65536)
            sender = threading.Thread(target=send)
            sender.start()
            digest = hashlib.sha256(first)
            while chunk := peer.sock.recv(262144):
                digest.update(chunk)
            sender.join()
            digests.append(digest.hexdigest())

        digests = []
        behind = self.backend(serve)
        daemon = self.start(self.config([behind]))
        with TlsClient(daemon.address(), MASTER, version=version, timeout=60) as client:
            got = hashlib.sha256()
            count = 0
            # In turns, with what the buffers hold in flight both ways.
            for _ in range(mebibytes):
                for at in range(0, len(BLOCK), 65536):
                    client.send(BLOCK[at:at + 65536])
                    chunk = client.receive(65536)
                    got.update(chunk)
                    count += len(chunk)
            client.close_notify()
            while chunk := client.receive():
                got.update(chunk)
                count += len(chunk)
        expected = digest_of([BLOCK] * mebibytes)
        self.assertEqual(count, mebibytes << 20)
        self.assertEqual(got.hexdigest(), expected)
        behind.peers[0].ended.wait(10)
        self.assertEqual(digests, [expected])
        daemon.stop()

    def test_64_mebibytes_each_way_at_once(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.full_duplex(version, 32)

    def test_many_connections_with_random_sizes(self):
        address = self.start(self.config([self.backend()])).address()
        wrong = []

        def talk(seed):
            chance = random.Random(seed)
            try:
                with TlsClient(address, MASTER, timeout=20) as client:
                    for _ in range(20):
                        size = chance.choice((chance.randint(1, 600), chance.randint(1, 60_000)))
                        data = chance.randbytes(size)
                        if client.talk(data) != data:
                            wrong.append(f"{seed}: {size} bytes differ")
            except (OSError, AssertionError) as error:
                wrong.append(f"{seed}: {error!r}")

        threads = [threading.Thread(target=talk, args=(seed,)) for seed in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
