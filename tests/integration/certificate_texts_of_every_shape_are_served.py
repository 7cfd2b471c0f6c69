"""`certificate_pem` as people paste it (CRLF, folded onto one line, any order, text and attributes
around, PKCS#1, SEC1, encrypted with a passphrase from a file) is served with its chain; so is a
certdir with its chain in server.crt."""

import unittest

from arbortls_test.ca import Authority
from arbortls_test.case import PromiseCase
from arbortls_test.client import TlsClient

NAME = "acme.softphone.example"


def bag_attributes(text):
    return ("Bag Attributes\n    localKeyID: 01\nsubject=CN = acme\ndate=2023-11-29\n" + text
            + "trailing words\n")


class Shapes(PromiseCase):
    def setUp(self):
        super().setUp()
        self.chained = Authority(intermediate=True)
        self.leaf = self.chained.issue(NAME)

    def serve(self, **domain):
        self.daemon = self.start(self.config([self.backend()], domains=[{"name": NAME, **domain}]))

    def assert_served(self, leaf=None):
        with TlsClient(self.daemon.address(), NAME) as client:
            self.assertEqual(client.sha256, (leaf or self.leaf).sha256)
            self.assertEqual(client.chain_length, 2)

    def test_every_shape(self):
        leaf = self.leaf
        shapes = {
            "as it should be": leaf.pem,
            "CRLF": leaf.pem.replace("\n", "\r\n"),
            "folded onto one line": leaf.pem.replace("\n", " "),
            "folded without blanks": leaf.pem.replace("\n", ""),
            "chain first, key last": leaf.chain_pem + leaf.certificate_pem + leaf.key_pem,
            "certificate, key, chain": leaf.certificate_pem + leaf.key_pem + leaf.chain_pem,
            "with attributes": bag_attributes(leaf.pem),
            "SEC1": leaf.key_text(traditional=True) + leaf.certificate_pem + leaf.chain_pem,
            "no newline at the end": leaf.pem.rstrip("\n"),
            "the root behind": leaf.pem + self.chained.root_pem,
        }
        for what, text in shapes.items():
            with self.subTest(what):
                self.serve(certificate_pem=text)
                self.assert_served()
                self.daemon.stop()

    def test_pkcs1(self):
        leaf = self.chained.issue(NAME, key="rsa2048")
        self.serve(certificate_pem=leaf.key_text(traditional=True) + leaf.certificate_pem
                   + leaf.chain_pem)
        self.assert_served(leaf)

    def test_an_encrypted_key(self):
        (self.directory / "pass").write_text("open sesame\n")
        locked = self.leaf.key_text("open sesame") + self.leaf.certificate_pem
        self.serve(certificate_pem=locked + self.leaf.chain_pem, key_passphrase="file:pass")
        self.assert_served()

    def test_a_passphrase_from_a_systemd_credential(self):
        (self.directory / "tls-pass").write_text("open sesame")
        locked = self.leaf.key_text("open sesame") + self.leaf.certificate_pem
        self.daemon = self.start(self.config([self.backend()], domains=[{
            "name": NAME, "certificate_pem": locked + self.leaf.chain_pem,
            "key_passphrase": "cred:tls-pass"}]),
            environment={"CREDENTIALS_DIRECTORY": str(self.directory)})
        self.assert_served()

    def test_a_wrong_passphrase_is_said(self):
        (self.directory / "pass").write_text("wrong\n")
        locked = self.leaf.key_text("open sesame") + self.leaf.certificate_pem
        self.serve(certificate_pem=locked, key_passphrase="file:pass")
        self.assertRegex(self.daemon.problems(), "(?i)passphrase")
        self.assertNotIn("wrong\\n", self.daemon.problems())

    def test_a_certdir_with_its_chain(self):
        self.leaf.write_certdir(self.directory / "certdir")
        self.daemon = self.start(self.config([self.backend()], listener={"certdir": "certdir"}))
        with TlsClient(self.daemon.address()) as client:
            self.assertEqual(client.sha256, self.leaf.sha256)
            self.assertEqual(client.chain_length, 2)


if __name__ == "__main__":
    unittest.main()
