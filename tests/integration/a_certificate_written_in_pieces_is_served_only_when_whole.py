"""A certificate file written in place, a few bytes at a time over a second and a half, and a
certdir whose key and certificate are written one after the other: the old pair is served until
the new one is whole and matches, the new one within a second after that, and a long call never
notices."""

import os
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, served
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"


def write_slowly(path, text, seconds, watch):
    """In place, in thirty pieces; `watch` is called between them."""
    data = text.encode()
    size = len(data) // 30 + 1
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        for at in range(0, len(data), size):
            os.write(descriptor, data[at:at + size])
            watch()
            time.sleep(seconds / 30)
    finally:
        os.close(descriptor)


class InPieces(PromiseCase):
    def test_a_certificate_pem_in_place(self):
        old, new = self.authority.issue(NAME), self.authority.issue(NAME)
        daemon = self.start_with_domains({NAME: old})
        address = daemon.address()
        calls = Calls(address, [NAME])
        seen = set()
        write_slowly(self.domains_dir / f"{NAME}.pem", new.pem, 1.5,
                     lambda: seen.add(served(address, NAME)))
        self.assertLessEqual(seen, {old.sha256, new.sha256})
        self.await_served(address, NAME, new, timeout=1.5)
        calls.finish()

    def test_key_and_certificate_of_a_certdir_apart(self):
        for order in (("server.key", "server.crt"), ("server.crt", "server.key")):
            with self.subTest(first=order[0]):
                self.key_and_certificate_apart(order)

    def key_and_certificate_apart(self, order):
        directory = self.directory / f"certdir-{order[0]}"
        old, new = self.authority.issue("sip.example"), self.authority.issue("sip.example")
        old.write_certdir(directory)
        daemon = self.start(self.config([self.backend()], listener={"certdir": str(directory)}))
        address = daemon.address()
        texts = {"server.key": new.key_pem, "server.crt": new.certificate_pem}
        calls = Calls(address, [None])
        (directory / order[0]).write_text(texts[order[0]])
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:  # half of the new pair is there: nothing may change
            self.assertEqual(served(address), old.sha256)
        (directory / order[1]).write_text(texts[order[1]])
        self.await_served(address, None, new, timeout=1.5)
        calls.finish()
        daemon.stop()

    def test_a_certdir_broken_for_good_keeps_its_pair_and_is_shown_until_mended(self):
        directory = self.directory / "certdir"
        old, new = self.authority.issue("sip.example"), self.authority.issue("sip.example")
        old.write_certdir(directory)
        daemon = self.start(self.config([self.backend()], listener={"certdir": str(directory)}))
        (directory / "server.key").unlink()
        eventually(lambda: "server.key" in daemon.problems(), what="the problem in status")
        daemon.hang_up()
        self.assertIn("server.key", daemon.problems())
        self.assertEqual(served(daemon.address()), old.sha256)
        new.write_certdir(directory)
        self.await_served(daemon.address(), None, new)
        eventually(lambda: daemon.status()["problems"] == [], what="status to be clean again")

    def test_a_connection_keeps_what_it_started_with(self):
        old, new = self.authority.issue(MASTER), self.authority.issue(MASTER)
        daemon = self.start_with_domains({MASTER: old})
        with TlsClient(daemon.address(), MASTER) as before:
            self.put(MASTER, new)
            self.await_served(daemon.address(), MASTER, new)
            self.assertEqual(before.sha256, old.sha256)
            self.assertEqual(before.talk(b"still here"), b"still here")


if __name__ == "__main__":
    unittest.main()
