"""Plain HTTP, garbage, half a ClientHello, a drip of one byte a second, thousands that say nothing,
TLS 1.0 and 1.1: each ends by itself in time, is counted by its reason, and a good client beside
it notices nothing."""

import random
import socket
import ssl
import threading
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import (TlsClient, client_hello, connect, in_segments, make_context,
                                  wait_for_end)
from arbortls_test.load import Arrivals, Calls
from arbortls_test.wait import eventually


class BadClients(PromiseCase):
    def setUp(self):
        super().setUp()
        self.behind = self.backend()
        self.daemon = self.start(self.config([self.behind],
                                             listener={"handshake_timeout": "2s"}))
        self.address = self.daemon.address()

    def failures(self, reason):
        return self.daemon.counter(f"handshake_failures.{reason}")

    def say(self, data, timeout=3):
        """Sends bytes, ends the sending half; what came back, and how it ended."""
        sock = connect(self.address)
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            return wait_for_end(sock, timeout)
        finally:
            sock.close()

    def test_plain_http(self):
        answer, _ = self.say(b"GET / HTTP/1.1\r\nHost: softphone.example\r\n\r\n")
        self.assertNotIn(b"200", answer)
        eventually(lambda: self.failures("not_tls") == 1, what="the count")
        self.assert_works(self.address)
        self.assertEqual(self.behind.accepted, 1)

    def test_garbage(self):
        chance = random.Random(7)
        descriptors = self.daemon.descriptors()
        calls = Calls(self.address, [MASTER])
        for index in range(300):
            data = chance.randbytes(chance.randint(1, 600))
            if index % 3 == 0:  # looks like a handshake record
                data = b"\x16\x03\x01" + len(data).to_bytes(2, "big") + data
            self.say(data)
        hello = bytearray(client_hello(MASTER))
        for _ in range(200):
            broken = bytearray(hello)
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            self.say(bytes(broken))
        calls.finish()
        eventually(lambda: self.daemon.descriptors() <= descriptors + 2, what="descriptors")
        counters = self.daemon.status()["counters"]
        failed = sum(count for name, count in counters.items()
                     if name.startswith("handshake_failures."))
        self.assertGreater(failed, 300, counters)

    def test_half_a_hello_and_an_end(self):
        hello = client_hello(MASTER)
        for size in (1, 5, 50, len(hello) - 1):
            self.say(hello[:size])
        eventually(lambda: self.failures("closed_early") >= 4, what="four counted")

    def test_a_reset_in_the_handshake(self):
        for _ in range(20):
            sock = connect(self.address)
            sock.sendall(client_hello(MASTER))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.close()
        self.assert_works(self.address)

    def test_one_byte_at_a_time_fast(self):
        with TlsClient(self.address, MASTER, shape=in_segments(1)) as client:
            self.assertEqual(client.talk(b"hello"), b"hello")

    def test_one_byte_a_second_ends_at_the_deadline(self):
        sock = connect(self.address)
        start = time.monotonic()
        stop = threading.Event()

        def drip():
            try:
                for piece in in_segments(1)(client_hello(MASTER)):
                    sock.sendall(piece)
                    if stop.wait(1):
                        return
            except OSError:
                pass

        thread = threading.Thread(target=drip)
        thread.start()
        wait_for_end(sock, 8)
        took = time.monotonic() - start
        stop.set()
        thread.join()
        sock.close()
        self.assertTrue(1.5 < took < 3.2, took)  # counted from accept, not from the last byte
        eventually(lambda: self.failures("timeout") == 1, what="the count")

    def test_old_versions_are_refused(self):
        for version in ("1.0", "1.1"):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                TlsClient(self.address, MASTER, version=version)
        eventually(lambda: self.failures("no_shared_version") == 2, what="two counted")

    def test_no_shared_cipher(self):
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            TlsClient(self.address, MASTER, context=make_context("1.2", "AES128-SHA:@SECLEVEL=0"))
        eventually(lambda: self.failures("no_shared_cipher") == 1, what="the count")

    def test_a_client_that_refuses_the_certificate(self):
        context = ssl.create_default_context()
        with self.assertRaises(ssl.SSLError):
            TlsClient(self.address, MASTER, context=context)
        self.assert_works(self.address)


class Silent(PromiseCase):
    COUNT = 5000

    def test_five_thousand_that_say_nothing(self):
        behind = self.backend()
        daemon = self.start(self.config([behind], listener={"handshake_timeout": "4s"}))
        address = daemon.address()
        descriptors = daemon.descriptors()
        calls = Calls(address, [MASTER])
        silent = [connect(address, source=f"127.0.0.{2 + index % 8}")
                  for index in range(self.COUNT)]
        arrivals = Arrivals(address, [MASTER], threads=1, pause=0.02)
        eventually(lambda: daemon.counter("handshake_failures.timeout") == self.COUNT, 15,
                   "the end of all")
        arrivals.finish()
        calls.finish()
        self.assertLess(arrivals.slowest, 1.0)
        for sock in silent:
            sock.close()
        eventually(lambda: daemon.descriptors() <= descriptors + 2, 5, "descriptors")
        self.assertEqual(behind.accepted, 1 + arrivals.done)


class Dripping(PromiseCase):
    def test_two_hundred_at_once_all_end_in_time_and_good_clients_do_not_wait(self):
        daemon = self.start(self.config([self.backend()], listener={"handshake_timeout": "2s"}))
        address = daemon.address()
        hello = client_hello(MASTER)
        socks = [connect(address) for _ in range(200)]
        start = time.monotonic()
        arrivals = Arrivals(address, [MASTER], threads=1, pause=0.01)
        alive, at = list(socks), 0
        while alive and time.monotonic() - start < 6:
            left = []
            for sock in alive:
                try:
                    sock.send(hello[at:at + 1])
                    left.append(sock)
                except OSError:
                    sock.close()
            alive, at = left, at + 1
            time.sleep(0.1)  # the drip
        took = time.monotonic() - start
        arrivals.finish()
        self.assertEqual(alive, [])
        self.assertLess(took, 4)
        self.assertLess(arrivals.slowest, 0.5)


if __name__ == "__main__":
    unittest.main()
