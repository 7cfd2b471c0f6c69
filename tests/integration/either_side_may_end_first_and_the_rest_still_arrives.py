"""Half-close, each way it can happen: the end of one direction is carried over, the other direction
goes on to its last byte, close_notify always stands before FIN, and a stream cut without it is
handed on as FIN and counted."""

import threading
import time
import unittest

from arbortls_test.backend import record
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, Truncated
from arbortls_test.wait import eventually

MEBIBYTE = b"0123456789abcdef" * 65536


def answer_after_the_end(peer):
    """Reads to the end of input, then sends a mebibyte."""
    while peer.read():
        pass
    peer.sock.sendall(MEBIBYTE)


def end_first(peer):
    """Sends, ends its own half at once, then reads to the end."""
    peer.read()
    peer.sock.sendall(MEBIBYTE)
    peer.sock.shutdown(1)
    while peer.read():
        pass


class HalfClose(PromiseCase):
    def serve(self, serve, **more):
        self.behind = self.backend(serve)
        self.daemon = self.start(self.config([self.behind], **more))
        self.address = self.daemon.address()

    def ended(self, reason, count=1):
        eventually(lambda: self.daemon.counter(f"ended.{reason}") >= count,
                   what=f"an end counted as {reason}; {self.daemon.status()['counters']}")

    def test_the_client_ends_by_close_notify(self):
        self.serve(answer_after_the_end)
        for version in ("1.2", "1.3"):
            with TlsClient(self.address, MASTER, version=version) as client:
                client.send(b"question")
                client.close_notify()
                self.assertEqual(client.receive_all(), MEBIBYTE, version)
                self.assertTrue(client.at_tcp_end())

    def test_the_client_ends_by_close_notify_and_fin(self):
        self.serve(answer_after_the_end)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            client.close_notify()
            client.sock.shutdown(1)
            self.assertEqual(client.receive_all(), MEBIBYTE)

    def test_the_client_ends_by_fin_alone(self):
        self.serve(answer_after_the_end)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            client.sock.shutdown(1)
            self.assertEqual(client.receive_all(), MEBIBYTE)
            self.behind.peers[0].wait_for_end_of_input()
        eventually(lambda: self.daemon.counter("truncated_by_client") == 1, what="the count")

    def test_the_end_comes_with_the_last_bytes_in_one_segment(self):
        self.serve(answer_after_the_end)
        with TlsClient(self.address, MASTER) as client:
            client.sock.sendall(client.encrypt(b"question") + client.encrypt_close_notify())
            client.sock.shutdown(1)
            self.assertEqual(client.receive_all(), MEBIBYTE)
            self.assertEqual(self.behind.peers[0].received, b"question")

    def test_the_client_ends_while_the_answer_is_under_way(self):
        def answer(peer):
            peer.read()
            for _ in range(8):
                peer.sock.sendall(MEBIBYTE)
            peer.wait_for_bytes(1)
            while peer.read():
                pass
            peer.sock.sendall(b"the end")

        self.serve(answer)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            client.receive_exactly(1000)
            client.close_notify()
            rest = client.receive_all()
            self.assertEqual(len(rest), 8 * len(MEBIBYTE) - 1000 + len(b"the end"))
            self.assertTrue(rest.endswith(b"the end"))

    def test_the_backend_ends_first_and_still_gets_everything(self):
        self.serve(end_first)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            self.assertEqual(client.receive_all(), MEBIBYTE)
            for _ in range(16):
                client.send(MEBIBYTE[:65536])
            client.close_notify()
            peer = self.behind.peers[0]
            peer.wait_for_end_of_input()
            self.assertEqual(len(peer.received), len(b"question") + 16 * 65536)

    def test_both_end_at_once(self):
        barrier = threading.Barrier(2)

        def serve(peer):
            peer.read()
            barrier.wait()
            peer.sock.shutdown(1)
            while peer.read():
                pass

        self.serve(serve)
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            barrier.wait()
            client.close_notify()
            self.assertEqual(client.receive_all(), b"")
            self.assertTrue(client.at_tcp_end())
        self.behind.peers[0].wait_for_end_of_input()

    def test_a_client_that_ends_without_a_word(self):
        self.serve(record)
        with TlsClient(self.address, MASTER) as client:
            client.close_notify()
            self.assertEqual(client.receive_all(), b"")
            self.assertTrue(client.at_tcp_end())
        self.ended("client_closed")
        self.assertEqual(self.behind.accepted, 0)

    def test_a_half_that_stays_silent_is_ended(self):
        self.serve(record, listener={"half_close_timeout": "1s"})
        self.behind._serve = lambda peer: peer.ended.wait()  # never answers, never ends
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            client.close_notify()
            start = time.monotonic()
            self.assertEqual(client.receive_all(), b"")
            self.assertTrue(0.9 < time.monotonic() - start < 3)
        self.ended("half_close_timeout")

    def test_a_client_reset_reaches_the_backend(self):
        self.serve(record)
        client = TlsClient(self.address, MASTER)
        client.send(b"question")
        peer = self.behind.wait_for_peers(1)
        peer.wait_for_bytes(8)
        client.reset()
        self.assertTrue(peer.ended.wait(3))
        self.ended("client_reset")

    def test_a_backend_reset_reaches_the_client(self):
        self.serve(lambda peer: (peer.read(), peer.reset()))
        with TlsClient(self.address, MASTER) as client:
            client.send(b"question")
            with self.assertRaises((Truncated, ConnectionResetError, AssertionError)):
                self.assertNotEqual(client.receive(), b"")
        self.ended("backend_reset")


if __name__ == "__main__":
    unittest.main()
