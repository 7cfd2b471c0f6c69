"""The ClientHello in TLS records of 1, 7, 64 and 200 bytes, in TCP segments of 1 and 3 bytes,
padded to browser size, over both versions: always the certificate and the backend of the name
inside."""

import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, in_records, in_segments, make_context

NAME = "acme.softphone.example"
SHAPES = {
    "whole": None,
    "records of 1": in_records(1),
    "records of 7": in_records(7),
    "records of 64": in_records(64),
    "records of 200": in_records(200),
    "segments of 1": in_segments(1),
    "segments of 3": in_segments(3),
}


def both(records, segments):
    """Small records and small segments together."""
    return lambda data: [piece for part in in_records(records)(data)
                         for piece in in_segments(segments)(part)]


class AnyPieces(PromiseCase):
    def test_every_shape_and_version(self):
        leaves = {name: self.authority.issue(name) for name in (MASTER, NAME)}
        daemon = self.start_with_domains(leaves)
        shapes = {**SHAPES, "records of 7 in segments of 3": both(7, 3)}
        # Many protocols make a hello of browser size.
        alpn = [f"protocol-{index:03}" for index in range(120)]
        large = {version: make_context(version, alpn=alpn) for version in ("1.2", "1.3")}
        runs = 0
        for what, shape in shapes.items():
            for version in ("1.2", "1.3"):
                for context in (None, large[version]):
                    with self.subTest(what, version=version, large=bool(context)):
                        client = TlsClient(daemon.address(), NAME, version=version,
                                           context=context, shape=shape)
                        with client:
                            self.assertEqual(client.sha256, leaves[NAME].sha256)
                            self.assertEqual(client.talk(b"hello"), b"hello")
                        runs += 1
        self.assertGreaterEqual(runs, 28)
        self.assertEqual(daemon.counter("sni.known"), runs)


if __name__ == "__main__":
    unittest.main()
