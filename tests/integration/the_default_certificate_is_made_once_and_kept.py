"""At first start a P-256 certificate for the master domain and the machine's name is made in
state_dir, private to its owner; it is served where nothing else applies, and the same one after
a restart."""

import os
import socket
import stat
import unittest

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, served


class Default(PromiseCase):
    def test_made_once(self):
        daemon = self.start(self.config([self.backend()]))
        with TlsClient(daemon.address(), "anything.test") as client:
            digest = client.sha256
            certificate = x509.load_der_x509_certificate(client._tls.getpeercert(True))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = names.get_values_for_type(x509.DNSName)
        self.assertIn(MASTER, names)
        self.assertIn(socket.gethostname().lower(), names)
        self.assertIsInstance(certificate.public_key().curve, ec.SECP256R1)
        self.assertEqual(certificate.issuer, certificate.subject)
        self.assertEqual(served(daemon.address()), digest)
        daemon.stop()
        daemon.start()
        self.assertEqual(served(daemon.address()), digest)
        for path in daemon.state_dir.rglob("*"):
            mode = stat.S_IMODE(os.stat(path).st_mode)
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, path)

    def test_a_broken_one_is_made_anew(self):
        daemon = self.start(self.config([self.backend()]))
        before = served(daemon.address())
        daemon.stop()
        for path in daemon.state_dir.rglob("*"):
            if path.is_file():
                path.write_text("garbage")
        daemon.start()
        after = served(daemon.address())
        self.assertNotEqual(before, after)
        self.assertEqual(daemon.explain(None)["applied"]["source"], "default")


if __name__ == "__main__":
    unittest.main()
