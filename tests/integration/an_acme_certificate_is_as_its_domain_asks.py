"""What a domain asks of its certificate is in it: RSA, or both kinds of key in one text, each
client getting its own; further names; the same key again, for clients that pin it; a profile of
the CA's; a renewal when the CA suggests one. A revoked one is replaced, with another key."""

import json
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from arbortls_test.acme import AcmeCase
from arbortls_test.client import TlsClient, make_context
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"


class AsAsked(AcmeCase):
    def shown(self, daemon, name, ciphers=None):
        """The certificate that a client of TLS 1.2 is shown."""
        context = make_context("1.2", ciphers)
        with TlsClient(daemon.address("tls"), name, context=context) as client:
            return x509.load_der_x509_certificate(client._tls.getpeercert(True))

    def pin(self, daemon, name):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        key = self.shown(daemon, name).public_key()
        return key.public_bytes(serialization.Encoding.DER, form)

    def renew(self, daemon, name, command="renew"):
        eventually(lambda: self.row(daemon, name)["state"] == "valid", 20, "a rest")
        before = daemon.explain(name)["applied"]["sha256"]
        done = daemon.command("acme", command, name, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + daemon.log)
        eventually(lambda: self.await_issued(daemon, name) != before, 10, "the new one")

    def test_keys_and_names(self):
        kinds = {"rsa": {"acme_key_type": "rsa-2048"}, "both": {"acme_key_type": "both"},
                 "names": {"acme_extra_names": ["www.softphone.example", "meet.example"]}}
        wanted = {f"{kind}.softphone.example": {"acme_enabled": True, **settings}
                  for kind, settings in kinds.items()}
        daemon = self.start_with_ca(wanted)
        for name in wanted:
            self.await_issued(daemon, name)
        with self.subTest("RSA"):
            key = self.shown(daemon, "rsa.softphone.example").public_key()
            self.assertIsInstance(key, rsa.RSAPublicKey)
            self.assertEqual(key.key_size, 2048)
        with self.subTest("both kinds in one text, each client its own"):
            name = "both.softphone.example"
            self.assertEqual(self.pem_of(name).read_text().count("-----BEGIN PRIVATE KEY-----"), 2)
            for ciphers, kind in (("aRSA", rsa.RSAPublicKey),
                                  ("aECDSA", ec.EllipticCurvePublicKey)):
                self.assertIsInstance(self.shown(daemon, name, ciphers).public_key(), kind)
        with self.subTest("further names"):
            name = "names.softphone.example"
            names = self.shown(daemon, name).extensions.get_extension_for_class(
                x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
            self.assertEqual(set(names), {name, "www.softphone.example", "meet.example"})

    def test_the_same_key_only_where_asked_and_until_the_certificate_is_revoked(self):
        other = "other.softphone.example"
        daemon = self.start_with_ca({NAME: {"acme_enabled": True, "acme_reuse_key": True},
                                     other: {"acme_enabled": True}})
        pins = {name: (self.await_issued(daemon, name), self.pin(daemon, name))[1]
                for name in (NAME, other)}
        for name in pins:
            self.renew(daemon, name)
        self.assertEqual(self.pin(daemon, NAME), pins[NAME])
        self.assertNotEqual(self.pin(daemon, other), pins[other])
        self.renew(daemon, NAME, "revoke")
        self.assertNotEqual(self.pin(daemon, NAME), pins[NAME])
        self.assertEqual(self.ca.log.count("POST /revoke-cert"), 1)


class OfAnotherCa(AcmeCase):
    """Pebble 2.4 knows neither profiles nor renewal information; what stands before it does."""

    def start_at_front(self, additions, **settings):
        self.front = self.front_of_ca()

        def add(path, body):
            if path == "/dir":
                return json.dumps({**json.loads(body), **additions(self.front)}).encode()

        self.front.change = add
        return self.start(self.acme_config({NAME: {"acme_enabled": True, **settings}},
                                           master={"acme_directory": self.front.directory}))

    def test_a_profile(self):
        daemon = self.start_at_front(lambda _: {"meta": {"profiles": {"shortlived": "six days"}}},
                                     acme_profile="shortlived")
        self.await_issued(daemon, NAME)
        self.assertEqual(self.front.payloads("/order-plz")[0]["profile"], "shortlived")

    def test_a_profile_that_the_ca_has_not_is_said(self):
        daemon = self.start_at_front(lambda _: {"meta": {"profiles": {"classic": "90 days"}}},
                                     acme_profile="shortlived")
        row = eventually(lambda: self.row(daemon, NAME).get("problem") and self.row(daemon, NAME),
                         20, "its failure")
        self.assertIn("shortlived", row["problem"])
        self.assertIn("classic", row["problem"])
        self.assertEqual(self.front.count("/order-plz"), 0)

    def test_a_renewal_at_once_because_the_ca_suggests_it(self):
        daemon = self.start_at_front(lambda front: {"renewalInfo": front.address + "/renewal-info"})
        asked = []

        def advise(method, path, body):
            if "/renewal-info/" not in path:
                return None
            asked.append(path.rpartition("/")[2])
            soon = asked[-1] == asked[0]
            return 200, {"suggestedWindow": {"start": moment(-86400 if soon else 86400),
                                             "end": moment(2 if soon else 2 * 86400)}}

        self.front.answer = advise
        eventually(lambda: len(set(asked)) == 2, 40, "a question for the second certificate")
        first, second = self.front.payloads("/order-plz")
        self.assertNotIn("replaces", first)
        self.assertEqual(second["replaces"], asked[0])
        due = eventually(lambda: "suggests" in self.row(daemon, NAME)["reason"] and
                         self.row(daemon, NAME)["due"], 10, "the second suggestion")
        self.assertAlmostEqual(due, time.time() + 1.5 * 86400, delta=86400)


def moment(offset):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))


if __name__ == "__main__":
    unittest.main()
