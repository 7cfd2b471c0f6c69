"""A message that comes in one TLS record leaves in one segment towards the backend, and what the
backend writes at once arrives as whole records: SIP servers that count chunks depend on it."""

import os
import unittest

from arbortls_test.backend import record
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient

SIZES = [1, 400, 590, 1400, 2500, 7000, 9000, 16000, 16384]


class OneWrite(PromiseCase):
    def test_towards_the_backend(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                behind = self.backend(record)
                daemon = self.start(self.config([behind]))
                with TlsClient(daemon.address(), MASTER, version=version) as client:
                    sent = []
                    for size in SIZES:
                        sent.append(os.urandom(size))
                        client.send(sent[-1])
                        peer = behind.wait_for_peers(1)
                        peer.wait_for_bytes(sum(map(len, sent)))  # one by one, so that none merge
                    self.assertEqual(peer.chunks, sent)
                    self.assertEqual(peer.data_segments(), len(SIZES))
                daemon.stop()

    def test_a_record_that_arrives_in_pieces_leaves_whole(self):
        behind = self.backend(record)
        daemon = self.start(self.config([behind]))
        with TlsClient(daemon.address(), MASTER) as client:
            client.send(b"first")
            peer = behind.wait_for_peers(1)
            peer.wait_for_bytes(5)
            data = os.urandom(2300)
            wire = client.encrypt(data)
            client.sock.sendall(wire[:700])
            client.sock.sendall(wire[700:1900])
            self.assertEqual(peer.received, b"first")
            client.sock.sendall(wire[1900:])
            peer.wait_for_bytes(5 + len(data))
            self.assertEqual(peer.chunks, [b"first", data])

    def test_towards_the_client(self):
        answers = [os.urandom(size) for size in SIZES]

        def serve(peer):
            for answer in answers:
                if not peer.read():
                    return
                peer.sock.sendall(answer)

        daemon = self.start(self.config([self.backend(serve)]))
        with TlsClient(daemon.address(), MASTER) as client:
            for answer in answers:
                client.send(b"next")
                self.assertEqual(client.receive(), answer)  # receive returns at most one record


if __name__ == "__main__":
    unittest.main()
