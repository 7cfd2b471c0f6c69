"""TLS 1.2 and 1.3 only, in TLS 1.2 only ECDHE with AEAD, by the server's preference; no
renegotiation, no compression; a domain may ask for TLS 1.3 and gets it without touching others."""

import ssl
import subprocess
import unittest

from arbortls_test.ca import make_key
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, make_context
from arbortls_test.wait import eventually

STRICT = "strict.softphone.example"
ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
FORBIDDEN = ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384",
             "DHE-RSA-AES128-GCM-SHA256", "ADH-AES128-SHA256", "AECDH-AES128-SHA", "NULL-SHA256"]


class Policy(PromiseCase):
    def setUp(self):
        super().setUp()
        ecdsa = self.authority.issue(MASTER)
        rsa = self.authority.issue(MASTER, key=make_key("rsa2048"))
        self.daemon = self.start(self.config([self.backend()], domains=[
            {"name": MASTER, "certificate_pem": ecdsa.pem + rsa.pem},
            {"name": STRICT, "tls_min_version": "1.3"}]))
        self.address = self.daemon.address()

    def refused(self, name=MASTER, **more):
        try:
            TlsClient(self.address, name, **more).sock.close()
        except (ssl.SSLError, ConnectionError):
            return True
        return False

    def test_versions(self):
        for version in ("1.0", "1.1"):
            self.assertTrue(self.refused(version=version), version)
        for version in ("1.2", "1.3"):
            with TlsClient(self.address, MASTER, version=version) as client:
                self.assertEqual(client.version, f"TLSv{version}")

    def test_every_cipher_of_tls_1_2_is_ecdhe_with_aead(self):
        left = [each["name"] for each in make_context("1.2", ALL).get_ciphers()]
        left = [name for name in left if not name.startswith("TLS_")]
        spoken = []
        while left:
            try:
                with TlsClient(self.address, MASTER,
                               context=make_context("1.2", ":".join(left) + ":@SECLEVEL=0")) as one:
                    spoken.append(one.cipher)
            except (ssl.SSLError, ConnectionError):
                break
            left.remove(spoken[-1])
        self.assertGreaterEqual(len(spoken), 4, spoken)
        for name in spoken:
            self.assertRegex(name, "^ECDHE-(ECDSA|RSA)-.*(GCM|CHACHA20)")
        for name in FORBIDDEN:
            self.assertNotIn(name, spoken)

    def test_the_server_chooses(self):
        chosen = set()
        for order in (("AES256", "AES128"), ("AES128", "AES256")):
            names = ":".join(f"ECDHE-ECDSA-{each}-GCM-SHA{'384' if each == 'AES256' else '256'}"
                             for each in order)
            with TlsClient(self.address, MASTER, context=make_context("1.2", names)) as client:
                chosen.add(client.cipher)
        self.assertEqual(len(chosen), 1)

    def test_a_domain_of_tls_1_3_only(self):
        self.assertTrue(self.refused(STRICT, version="1.2"))
        with TlsClient(self.address, STRICT, version="1.3") as client:
            self.assertEqual(client.talk(b"hello"), b"hello")
        self.assertFalse(self.refused(MASTER, version="1.2"))
        eventually(lambda: self.daemon.counter("handshake_failures.no_shared_version") == 1,
                   what="the count")

    def test_no_renegotiation(self):
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", self.address, "-servername", MASTER, "-tls1_2"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        eventually(lambda: self.daemon.counter("handshakes_ok") == 1, what="the handshake")
        client.stdin.write(b"R\n")
        client.stdin.flush()
        shown = client.communicate(timeout=10)[0].decode("utf-8", "replace")
        self.assertRegex(shown, "(?i)no renegotiation|handshake failure|:error:")
        self.assertIn("Compression: NONE", shown)
        self.assertEqual(self.daemon.counter("handshakes_ok"), 1)


if __name__ == "__main__":
    unittest.main()
