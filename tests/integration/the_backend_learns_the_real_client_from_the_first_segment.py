"""PROXY v1 and v2 towards the backend: header and the client's first bytes in one segment, the
client's address, the address it used as destination, at most 232 bytes, over TCP and UNIX, IPv4
and IPv6; none means none."""

import unittest

from arbortls_test import proxy_header
from arbortls_test.backend import record
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient

REGISTER = b"REGISTER sip:softphone.example SIP/2.0\r\n" + b"x" * 550


class ProxyOut(PromiseCase):
    def first_bytes(self, behind, address="127.0.0.1:0", send_proxy="v1", source=None):
        """The header and what came with it, the client's own address, the listener's."""
        daemon = self.start(self.config([behind], listener={"address": address},
                                        backend={"send_proxy": send_proxy}))
        try:
            with TlsClient(daemon.address(), MASTER, source=source) as client:
                client.send(REGISTER)
                peer = behind.wait_for_peers(1)
                peer.wait_for_bytes(len(REGISTER))
                return peer, client.local_address, daemon.address()
        finally:
            daemon.stop()

    def check(self, peer, source, destination, version):
        first = peer.chunks[0]
        header = proxy_header.read(first)
        self.assertEqual(header.version, version)
        self.assertEqual((header.source, header.destination), (source, destination))
        self.assertLessEqual(header.size, 232)
        self.assertEqual(first[header.size:], REGISTER)

    def test_both_versions_over_ipv4(self):
        for version in (1, 2):
            with self.subTest(version=version):
                behind = self.backend(record)
                peer, source, destination = self.first_bytes(behind, send_proxy=f"v{version}")
                self.check(peer, source, destination, version)

    def test_one_segment(self):
        segments = []

        def count(peer):
            while peer.read():
                segments.append(peer.data_segments())

        self.first_bytes(self.backend(count))
        self.assertEqual(segments[0], 1)

    def test_both_versions_over_ipv6(self):
        for version in (1, 2):
            with self.subTest(version=version):
                behind = self.backend(record, host="::1")
                peer, source, destination = self.first_bytes(behind, "[::1]:0", f"v{version}")
                self.check(peer, source, destination, version)

    def test_an_ipv4_client_of_a_dual_stack_listener_is_ipv4(self):
        for version in (1, 2):
            with self.subTest(version=version):
                behind = self.backend(record)
                daemon = self.start(self.config([behind], listener={"address": "[::]:0"},
                                                backend={"send_proxy": f"v{version}"}))
                port = daemon.address().rpartition(":")[2]
                with TlsClient(f"127.0.0.1:{port}", MASTER) as client:
                    client.send(REGISTER)
                    peer = behind.wait_for_peers(1)
                    peer.wait_for_bytes(len(REGISTER))
                    self.check(peer, client.local_address, f"127.0.0.1:{port}", version)
                daemon.stop()

    def test_a_unix_backend(self):
        behind = self.backend(record, path=self.directory / "b.sock")
        peer, source, destination = self.first_bytes(behind, send_proxy="v2", source="127.0.0.5")
        self.assertTrue(source.startswith("127.0.0.5:"))
        self.check(peer, source, destination, 2)

    def test_a_client_over_a_unix_socket_has_no_address(self):
        for version in (1, 2):
            with self.subTest(version=version):
                behind = self.backend(record)
                path = self.directory / f"front{version}.sock"
                daemon = self.start(self.config([behind], listener={"address": f"unix:{path}"},
                                                backend={"send_proxy": f"v{version}"}))
                with TlsClient(f"unix:{path}", MASTER) as client:
                    client.send(REGISTER)
                    peer = behind.wait_for_peers(1)
                    peer.wait_for_bytes(len(REGISTER))
                    header = proxy_header.read(peer.chunks[0])
                    self.assertIn(header.command, ("UNKNOWN", "LOCAL"))
                    self.assertEqual(peer.chunks[0][header.size:], REGISTER)
                daemon.stop()

    def test_none(self):
        peer, *_ = self.first_bytes(self.backend(record), send_proxy="none")
        self.assertEqual(peer.chunks[0], REGISTER)


if __name__ == "__main__":
    unittest.main()
