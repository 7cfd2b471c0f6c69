"""Back-pressure: forty clients stop reading a download of a gigabyte each, and backends stop
reading uploads; the daemon grows by at most 256 kB a connection, others talk on without delay,
and what was held back arrives whole."""

import socket
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.wait import eventually

BLOCK = bytes(range(256)) * 256
GIBIBYTE = 1 << 30
DOWNLOADS, UPLOADS = 40, 15


class Stalled(PromiseCase):
    def serve(self, serve):
        self.behind = self.backend(serve, receive_buffer=65536)
        self.echo = self.backend()
        config = self.config([self.behind], domains=[{"name": "echo.example", "backend": "echo"}])
        config["backends"].append({"name": "echo", "servers": [self.echo.address]})
        self.daemon = self.start(config)
        self.address = self.daemon.address()

    def settled(self, amount):
        """Waits until `amount()` has stood still for a while."""
        last = [amount(), time.monotonic()]

        def still():
            now = amount()
            if now != last[0]:
                last[:] = now, time.monotonic()
            return time.monotonic() - last[1] > 0.4

        eventually(still, 15, "an end of the growth")

    def assert_bounded(self, before, count):
        if not binary_is_sanitized():
            growth = self.daemon.resident() - before
            self.assertLessEqual(growth / count, 256 * 1024, f"{growth} bytes in all")
        start = time.monotonic()
        self.assert_works(self.address, "echo.example")
        self.assertLess(time.monotonic() - start, 0.5)
        used = self.daemon.cpu_seconds()
        time.sleep(0.5)  # what is measured is that nothing happens meanwhile
        self.assertLess(self.daemon.cpu_seconds() - used, 0.1, "busy while all stand still")

    def test_clients_that_stop_reading(self):
        sent = {}

        def pour(peer):
            peer.read()
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            sent[peer] = 0
            while sent[peer] < GIBIBYTE:
                peer.sock.sendall(BLOCK)
                sent[peer] += len(BLOCK)

        self.serve(pour)
        self.assert_works(self.address, "echo.example")
        before = self.daemon.resident()
        clients = [TlsClient(self.address, MASTER, receive_buffer=65536) for _ in range(DOWNLOADS)]
        for client in clients:
            client.send(b"GET")
        eventually(lambda: len(sent) == DOWNLOADS, what="all the downloads")
        self.settled(lambda: sum(sent.values()))
        self.assertLess(max(sent.values()), 64 << 20)
        self.assert_bounded(before, DOWNLOADS)
        for client in clients[:3]:
            for _ in range(100):  # beyond what buffers hold
                self.assertEqual(client.receive_exactly(len(BLOCK)), BLOCK)
        for client in clients:
            client.sock.close()
        eventually(lambda: not self.behind.open_peers(), 10, "the end of all")

    def test_backends_that_stop_reading(self):
        self.serve(lambda peer: (peer.sock.recv(3), peer.ended.wait()))
        before = self.daemon.resident()
        clients = [TlsClient(self.address, MASTER) for _ in range(UPLOADS)]
        for client in clients:
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            client.sock.setblocking(False)
        sent, rest = [0] * UPLOADS, [b""] * UPLOADS

        def push():
            """As much as is taken from each; the bytes sent in all."""
            for index, client in enumerate(clients):
                try:
                    while sent[index] < GIBIBYTE:
                        data = rest[index] or client.encrypt(BLOCK[:16384])
                        rest[index] = data
                        taken = client.sock.send(data)
                        rest[index] = data[taken:]
                        sent[index] += taken
                except BlockingIOError:
                    pass
            return sum(sent)

        self.settled(push)
        self.assertLess(max(sent), 64 << 20)
        self.assert_bounded(before, UPLOADS)
        for client in clients:
            client.sock.close()

    def test_a_slow_reader_gets_every_byte(self):
        total = 24 << 20

        def pour(peer):
            peer.read()
            for _ in range(total // len(BLOCK)):
                peer.sock.sendall(BLOCK)

        self.serve(pour)
        with TlsClient(self.address, MASTER, receive_buffer=16384) as client:
            client.send(b"GET")
            self.assertEqual(client.receive_exactly(len(BLOCK)), BLOCK)
            time.sleep(0.3)  # lets every buffer fill
            for _ in range(total // len(BLOCK) - 1):
                self.assertEqual(client.receive_exactly(len(BLOCK)), BLOCK)
            self.assertEqual(client.receive(), b"")


if __name__ == "__main__":
    unittest.main()
