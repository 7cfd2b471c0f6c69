"""`cert inspect -c FILE` and `cert inspect --socket PATH` tell which domains of the tree a
certificate's names cover, which it serves now, and which it would serve as the certificate_pem of
the uppermost of them; the pin is openssl's."""

import base64
import hashlib
import json
import unittest

from cryptography.hazmat.primitives import serialization

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.daemon import run

SALES, OWN, DEEP = f"sales.{MASTER}", f"own.{MASTER}", f"deep.sales.{MASTER}"


class Coverage(PromiseCase):
    def setUp(self):
        super().setUp()
        self.master = self.authority.issue(MASTER, f"*.{MASTER}")
        self.own = self.authority.issue(OWN)
        self.daemon = self.start_with_domains(
            {MASTER: self.master, OWN: self.own},
            domains=[{"name": SALES}, {"name": DEEP}])
        self.file = self.directory / "look.pem"

    def look(self, leaf, *where):
        self.file.write_text(leaf.pem)
        done = run("cert", "inspect", "--json", self.file, *where)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_what_it_covers_and_serves(self):
        for where in (["-c", self.daemon.config_file], ["--socket", self.daemon.control]):
            with self.subTest(where[0]):
                tree = self.look(self.master, *where)["tree"]
                self.assertEqual(tree["covers"], sorted([MASTER, OWN, SALES]))
                self.assertEqual(tree["serves"], sorted([MASTER, SALES, DEEP]))

    def test_what_a_new_one_would_serve(self):
        new = self.authority.issue(SALES)
        tree = self.look(new, "-c", self.daemon.config_file)["tree"]
        self.assertEqual(tree["covers"], [SALES])
        self.assertEqual(tree["serves"], [])
        self.assertEqual(tree["would_serve"], {
            "as": SALES, "domains": sorted([SALES, DEEP]), "not_covered": [DEEP]})
        text = run("cert", "inspect", self.file, "-c", self.daemon.config_file).stdout
        self.assertRegex(text, f"as the certificate_pem of {SALES} it would serve")

    def test_the_pin(self):
        spki = self.own.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        pin = base64.b64encode(hashlib.sha256(spki).digest()).decode()
        look = self.look(self.own)
        self.assertEqual(look["keys"][0]["pin_sha256"], pin)
        self.assertEqual(look["certificates"][0]["pin_sha256"], pin)
        self.assertTrue(look["keys"][0]["matches"])
        self.assertNotIn("tree", look)


if __name__ == "__main__":
    unittest.main()
