"""PROXY v1 and v2 headers from listed addresses give the client's address to log and backend;
anything malformed, cut short, late, or from elsewhere costs that connection only, and no backend
is ever dialled for it."""

import ssl
import struct
import threading
import time
import unittest

from arbortls_test import proxy_header
from arbortls_test.backend import record
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, client_hello, connect, in_segments, wait_for_end

GOOD = {
    "v1 TCP4": (proxy_header.v1(), "192.0.2.7:40000", "198.51.100.9:443"),
    "v1 TCP6": (proxy_header.v1("2001:db8::7", 41000, "2001:db8::9"), "[2001:db8::7]:41000",
                "[2001:db8::9]:443"),
    "v2 TCP4": (proxy_header.v2(), "192.0.2.7:40000", "198.51.100.9:443"),
    "v2 TCP6": (proxy_header.v2("2001:db8::7", 41000, "2001:db8::9"), "[2001:db8::7]:41000",
                "[2001:db8::9]:443"),
    "v2 with TLVs": (proxy_header.v2(tlvs=b"\x04\x00\x05hello" + b"\x02\x00\x03a\0b"),
                     "192.0.2.7:40000", "198.51.100.9:443"),
    "v2 with 500 bytes of TLVs": (
        proxy_header.v2(tlvs=b"\x04" + struct.pack("!H", 497) + b"x" * 497),
        "192.0.2.7:40000", "198.51.100.9:443"),
}
# Headers that name no address: the connection goes on with the socket's own.
NAMELESS = {
    "v1 UNKNOWN": b"PROXY UNKNOWN\r\n",
    "v1 UNKNOWN with words": b"PROXY UNKNOWN ffff:f...f ffff:f 1 2\r\n",
    "v2 LOCAL": proxy_header.v2_local(),
    "v2 LOCAL with addresses": proxy_header.v2(command=0),
    "v2 UNSPEC": proxy_header.v2_raw(0x21, 0, b""),
}
BAD = {
    "v1 no end": b"PROXY TCP4 192.0.2.7 198.51.100.9 40000 443" + b" " * 100,
    "v1 no destination": b"PROXY TCP4 192.0.2.7 40000 443\r\n",
    "v1 no address": b"PROXY TCP4 here there 40000 443\r\n",
    "v1 family mixed": b"PROXY TCP4 2001:db8::7 2001:db8::9 40000 443\r\n",
    "v1 port too high": b"PROXY TCP4 192.0.2.7 198.51.100.9 70000 443\r\n",
    "v1 port negative": b"PROXY TCP4 192.0.2.7 198.51.100.9 -1 443\r\n",
    "v1 lone newline": b"PROXY TCP4 192.0.2.7 198.51.100.9 40000 443\n",
    "v1 lower case": b"proxy tcp4 192.0.2.7 198.51.100.9 40000 443\r\n",
    "v1 NUL": b"PROXY TCP4 192.0.2.7\0 198.51.100.9 40000 443\r\n",
    "v2 length 0 with TCP4": proxy_header.v2_raw(0x21, 0x11, b""),
    "v2 TCP6 of 12 bytes": proxy_header.v2_raw(0x21, 0x21, b"x" * 12),
    "v2 version 3": proxy_header.v2_raw(0x31, 0x11, b"x" * 12),
    "v2 unknown command": proxy_header.v2_raw(0x2F, 0x11, b"x" * 12),
    "v2 length 65535": proxy_header.v2_raw(0x21, 0x11, b"x" * 12, length=65535) + b"y" * 70000,
    "v2 TLV over the end": proxy_header.v2(tlvs=b"\x04\xff\xffabc"),
    "garbage": b"\x00\x01\x02\x03" * 20,
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}


class Accepted(PromiseCase):
    def setUp(self):
        super().setUp()
        self.behind = self.backend(record)
        self.daemon = self.start(self.config(
            [self.behind], backend={"send_proxy": "v2"},
            listener={"accept_proxy": ["127.0.0.1", "127.1.0.0/16"], "proxy_header_timeout": "1s"}))
        self.address = self.daemon.address()

    def header_at_backend(self, preamble, **more):
        count = self.behind.accepted
        with TlsClient(self.address, MASTER, preamble=preamble, **more) as client:
            client.send(b"REGISTER")
            peer = self.behind.wait_for_peers(count + 1)
            data = peer.wait_for_bytes(16 + 12 + 8)
            header = proxy_header.read(data)
            self.assertEqual(data[header.size:], b"REGISTER")
            return header, client.local_address

    def test_good_headers(self):
        for what, (preamble, source, destination) in GOOD.items():
            with self.subTest(what):
                header, _ = self.header_at_backend(preamble)
                self.assertEqual((header.source, header.destination), (source, destination))

    def test_headers_without_an_address(self):
        for what, preamble in NAMELESS.items():
            with self.subTest(what):
                header, own = self.header_at_backend(preamble)
                self.assertEqual((header.source, header.destination), (own, self.address))

    def test_a_listed_network(self):
        header, _ = self.header_at_backend(proxy_header.v1(), source="127.1.2.3")
        self.assertEqual(header.source, "192.0.2.7:40000")

    def test_the_log_names_the_client(self):
        mark = self.daemon.mark()
        self.header_at_backend(proxy_header.v1())
        self.daemon.wait_for_log(r"192\.0\.2\.7", since=mark)

    def test_a_unix_listener(self):
        path = self.directory / "front.sock"
        config = self.config([self.behind], backend={"send_proxy": "v2"}, listener={
            "address": f"unix:{path}", "accept_proxy": ["unix"]})
        self.daemon.write_config(config)
        self.assertEqual(self.daemon.reload().returncode, 0)
        with TlsClient(f"unix:{path}", MASTER, preamble=proxy_header.v1()) as client:
            client.send(b"REGISTER")
            data = self.behind.wait_for_peers(1).wait_for_bytes(16 + 12 + 8)
            self.assertEqual(proxy_header.read(data).source, "192.0.2.7:40000")

    def test_header_and_hello_in_one_segment(self):
        sock = connect(self.address)
        hello = proxy_header.v2()
        with TlsClient("", MASTER, sock=sock, shape=lambda data: [hello + data]) as client:
            client.send(b"x")
            self.behind.wait_for_peers(1)

    def test_bad_headers_cost_their_connection_and_no_backend_is_dialled(self):
        with TlsClient(self.address, MASTER, preamble=proxy_header.v1()) as live:
            live.send(b"x")
            self.behind.wait_for_peers(1).wait_for_bytes(1)
            before = self.daemon.counter("handshake_failures.bad_proxy_header")
            for what, preamble in BAD.items():
                with self.subTest(what):
                    self.assert_dropped(preamble)
            after = self.daemon.counter("handshake_failures.bad_proxy_header")
            self.assertEqual(after - before, len(BAD))
            self.assertEqual(self.behind.accepted, 1)
            live.send(b"y")
            self.behind.peers[0].wait_for_bytes(2)

    def assert_dropped(self, preamble):
        sock = connect(self.address)
        try:
            sock.sendall(preamble + client_hello(MASTER))
        except ConnectionError:
            pass
        answer, _ = wait_for_end(sock, 3)
        sock.close()
        self.assertNotIn(b"\x16\x03\x03", answer[:3], "a ServerHello came")

    def test_no_header_at_all(self):
        self.assert_dropped(b"")
        self.assertEqual(self.behind.accepted, 0)

    def test_a_header_byte_by_byte_costs_the_connection(self):
        sock = connect(self.address)
        pace = threading.Event()
        try:
            for piece in in_segments(1)(proxy_header.v1()):
                sock.sendall(piece)
                pace.wait(0.005)
            sock.sendall(client_hello(MASTER))
        except ConnectionError:
            pass
        answer, _ = wait_for_end(sock, 3)
        self.assertEqual(answer, b"")
        self.assertEqual(self.behind.accepted, 0)

    def test_a_header_that_never_comes(self):
        sock = connect(self.address)
        start = time.monotonic()
        answer, _ = wait_for_end(sock, 5)
        self.assertEqual(answer, b"")
        self.assertLess(0.7, time.monotonic() - start)
        self.assertLess(time.monotonic() - start, 2.5)

    def test_an_unlisted_address_speaks_TLS_and_its_header_is_no_TLS(self):
        with self.assertRaises((ssl.SSLError, OSError)):
            TlsClient(self.address, MASTER, preamble=proxy_header.v1(), source="127.0.0.9")
        self.assertEqual(self.behind.accepted, 0)
        header, own = self.header_at_backend(b"", source="127.0.0.9")
        self.assertEqual(header.source, own)


if __name__ == "__main__":
    unittest.main()
