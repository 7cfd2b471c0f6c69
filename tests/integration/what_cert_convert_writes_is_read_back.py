"""`cert convert` writes any readable file anew as PEM, DER or PKCS#12; what it writes is read by
arbortls and by openssl as the same key and chain, has mode 0600, is never overwritten unasked, and
no key reaches a terminal."""

import json
import os
import pty
import subprocess
import unittest

from arbortls_test.ca import Authority
from arbortls_test.case import PromiseCase
from arbortls_test.daemon import BINARY, run

NAME = "acme.softphone.example"


class Convert(PromiseCase):
    def setUp(self):
        super().setUp()
        self.leaf = Authority(intermediate=True).issue(NAME)
        self.source = self.directory / "all.pem"
        self.source.write_text(self.leaf.pem)
        self.lock = self.directory / "lock"
        self.lock.write_text("open sesame\n")

    def convert(self, source, to, out, *more):
        done = run("cert", "convert", source, "--to", to, "--out", self.directory / out, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        made = self.directory / out
        self.assertEqual(made.stat().st_mode & 0o777, 0o600)
        return made

    def test_there_and_back(self):
        for to in ("p12", "pem"):
            for lock in ([], ["--out-passphrase-file", self.lock]):
                with self.subTest(to=to, locked=bool(lock)):
                    opening = ["--passphrase-file", self.lock] if lock else []
                    name = f"{to}-{len(lock)}"
                    made = self.convert(self.source, to, name, *lock)
                    back = self.convert(made, "pem", f"{name}.pem", *opening)
                    self.assertEqual(back.read_text(), self.leaf.pem)
                    look = run("cert", "inspect", "--json", made, *opening)
                    self.assertTrue(json.loads(look.stdout)["usable"], look.stdout)

    def test_openssl_reads_the_pkcs12(self):
        made = self.convert(self.source, "p12", "all.p12", "--out-passphrase-file", self.lock)
        read = subprocess.run(["openssl", "pkcs12", "-in", made, "-nodes", "-passin",
                               f"file:{self.lock}"], capture_output=True, text=True, check=True)
        back = self.directory / "openssl.pem"
        back.write_text(read.stdout)
        bundled = run("cert", "bundle", back)
        self.assertEqual(bundled.stdout, self.leaf.pem)

    def test_der_holds_one_thing(self):
        refused = run("cert", "convert", self.source, "--to", "der", "--out",
                      self.directory / "all.der")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("--part certificate", refused.stderr)
        made = self.convert(self.source, "der", "leaf.der", "--part", "certificate")
        self.assertEqual(made.read_bytes(), self.leaf.der)
        key = self.convert(self.source, "der", "key.der", "--part", "key")
        self.assertEqual(self.convert(key, "pem", "key.pem").read_text(), self.leaf.key_pem)

    def test_nothing_is_overwritten_unasked(self):
        kept = self.directory / "kept"
        kept.write_text("precious")
        refused = run("cert", "convert", self.source, "--to", "pem", "--out", kept)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(kept.read_text(), "precious")
        self.convert(self.source, "pem", "kept", "--force")
        self.assertEqual(kept.read_text(), self.leaf.pem)

    def test_no_key_reaches_a_terminal(self):
        reader, terminal = pty.openpty()
        done = subprocess.run([BINARY, "cert", "bundle", str(self.source)], stdout=terminal,
                              stderr=subprocess.PIPE, text=True, timeout=20)
        os.close(terminal)
        try:
            shown = os.read(reader, 65536)
        except OSError:
            shown = b""
        os.close(reader)
        self.assertEqual(done.returncode, 1)
        self.assertIn("terminal", done.stderr)
        self.assertNotIn(b"PRIVATE KEY", shown)

    def test_usage(self):
        self.assertEqual(run("cert", "convert", self.source, "--to", "jks", "--out", "x").returncode, 2)
        self.assertEqual(run("cert", "convert", self.source, "--to", "pem").returncode, 2)


if __name__ == "__main__":
    unittest.main()
