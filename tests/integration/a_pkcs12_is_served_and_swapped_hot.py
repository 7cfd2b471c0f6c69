"""A PKCS#12 in a certdir (`server.p12`, else `server.pfx`) and as the `file:` of a domain is served
with its chain, by a passphrase from a file, old encryptions too; a new one renamed over it is
served at once while a call goes on; `server.key` and `server.crt` win over it, and that is said."""

import subprocess
import unittest

from arbortls_test.ca import Authority
from arbortls_test.case import PromiseCase
from arbortls_test.client import TlsClient, served
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"


class Pkcs12(PromiseCase):
    def setUp(self):
        super().setUp()
        self.chained = Authority(intermediate=True)
        (self.directory / "pass").write_text("open sesame\n")

    def put_bytes(self, path, content):
        aside = path.with_name(f".{path.name}.new")
        aside.touch(0o600)
        aside.write_bytes(content)
        aside.rename(path)

    def store(self, leaf):
        return leaf.pkcs12("open sesame")

    def old_store(self, leaf):
        """As Windows and old OpenSSL wrote them: RC2 of 40 bits, 3DES, SHA-1."""
        pem = self.directory / "leaf.pem"
        pem.write_text(leaf.pem)
        made = subprocess.run(
            ["openssl", "pkcs12", "-export", "-legacy", "-in", pem, "-passout",
             "pass:open sesame"], capture_output=True, check=True)
        return made.stdout

    def start_with_certdir(self, name, content):
        self.certdir = self.directory / "certdir"
        self.certdir.mkdir()
        self.put_bytes(self.certdir / name, content)
        return self.start(self.config([self.backend()], listener={
            "certdir": str(self.certdir), "key_passphrase": "file:pass"}))

    def assert_served(self, daemon, leaf, name=None):
        with TlsClient(daemon.address(), name) as client:
            self.assertEqual(client.sha256, leaf.sha256)
            self.assertEqual(client.chain_length, 2)

    def test_a_certdir(self):
        for name in ("server.p12", "server.pfx"):
            with self.subTest(name):
                self.setUp()
                old, new = self.chained.issue(NAME), self.chained.issue(NAME)
                daemon = self.start_with_certdir(name, self.store(old))
                self.assert_served(daemon, old)
                calls = Calls(daemon.address(), [None])
                self.put_bytes(self.certdir / name, self.store(new))
                self.await_served(daemon.address(), None, new)
                calls.finish()
                self.assert_served(daemon, new)
                self.assertEqual(daemon.status()["problems"], [])
                daemon.stop()

    def test_a_broken_one_keeps_the_last_good_one(self):
        old, new = self.chained.issue(NAME), self.chained.issue(NAME)
        daemon = self.start_with_certdir("server.p12", self.store(old))
        self.put_bytes(self.certdir / "server.p12", new.pkcs12("another passphrase"))
        eventually(lambda: "wrong passphrase" in daemon.problems(), what="the problem in status")
        self.assertEqual(served(daemon.address()), old.sha256)
        self.assertNotIn("sesame", daemon.problems())
        self.put_bytes(self.certdir / "server.p12", self.store(new))
        self.await_served(daemon.address(), None, new)

    def test_old_encryption_is_served_and_said(self):
        leaf = self.chained.issue(NAME)
        daemon = self.start_with_certdir("server.p12", self.old_store(leaf))
        self.assert_served(daemon, leaf)
        self.assertRegex(daemon.problems(), "old and weak.*arbortls cert convert")

    def test_key_and_certificate_win(self):
        pair, store = self.chained.issue(NAME), self.chained.issue(NAME)
        daemon = self.start_with_certdir("server.p12", self.store(store))
        self.assert_served(daemon, store)
        pair.write_certdir(self.certdir)
        self.await_served(daemon.address(), None, pair)
        eventually(lambda: "server.p12" in daemon.problems(), what="the warning")

    def test_a_java_keystore_is_refused_with_the_command(self):
        daemon = self.start_with_certdir("server.p12", b"\xfe\xed\xfe\xed\0\0\0\2")
        self.assertIn("keytool -importkeystore", daemon.problems())
        self.assertIn("server.p12", daemon.problems())

    def test_the_file_of_a_domain(self):
        old, new = self.chained.issue(NAME), self.chained.issue(NAME)
        file = self.directory / "acme.p12"
        self.put_bytes(file, self.store(old))
        daemon = self.start(self.config([self.backend()], domains=[{
            "name": NAME, "certificate_pem": f"file:{file}", "key_passphrase": "file:pass"}]))
        self.assert_served(daemon, old, NAME)
        self.put_bytes(file, self.store(new))
        self.await_served(daemon.address(), NAME, new)

    def test_a_file_beside_the_settings_in_domains_dir(self):
        old, new = self.chained.issue(NAME), self.chained.issue(NAME)
        self.domains_dir.mkdir()
        file = self.domains_dir / f"{NAME}.p12"
        self.put_bytes(file, self.store(old))
        (self.domains_dir / f"{NAME}.yaml").write_text(
            f"certificate_pem: file:{NAME}.p12\nkey_passphrase: file:../pass\n")
        daemon = self.start(self.config([self.backend()], domains_dir=str(self.domains_dir)))
        self.assert_served(daemon, old, NAME)
        self.put_bytes(file, self.store(new))
        self.await_served(daemon.address(), NAME, new)


if __name__ == "__main__":
    unittest.main()
