"""For more than forty names in three trees, with and without a certdir: `explain`, off line and
live, foretells the certificate, it is the one the selection order gives, and openssl s_client,
gnutls-cli and curl see it."""

import re
import unittest
from concurrent.futures import ThreadPoolExecutor

from arbortls_test import backend, tools
from arbortls_test.case import PromiseCase
from arbortls_test.forest import lay_out, make_leaves

NO_SNI = None
DEFAULT = "default"
RSA_ONLY = "rsa-only"  # the clients offer no other signature
# tree, listener, name, label of the leaf, source[, what the client can]
CASES = [
    ("phones", "dir", "softphone.example", "master", "certificate_pem"),
    ("phones", "dir", "SOFTPHONE.EXAMPLE", "master", "certificate_pem"),
    ("phones", "dir", "softphone.example.", "master", "certificate_pem"),
    ("phones", "dir", "acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "AcMe.SoftPhone.Example", "acme", "certificate_pem"),
    ("phones", "dir", "Acme.softphone.example.", "acme", "certificate_pem"),
    ("phones", "dir", "sales.acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "eu.sales.acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "bare.softphone.example", "master", "certificate_pem"),
    ("phones", "dir", "shop.example.net", "acme", "certificate_pem"),
    ("phones", "dir", "own.example.net", "own", "certificate_pem"),
    ("phones", "dir", "deep.own.example.net", "own", "certificate_pem"),
    # An explicit parent counts, not the suffix.
    ("phones", "dir", "moved.acme.softphone.example", "master", "certificate_pem"),
    ("phones", "dir", "plain.example.org", "master", "certificate_pem"),
    ("phones", "dir", "expired.softphone.example", "expired", "certificate_pem"),
    ("phones", "dir", "XN--BCHER-KVA.example", "book", "certificate_pem"),
    ("phones", "dir", "nobody.softphone.example", "master", "certificate_pem"),
    ("phones", "dir", "x.acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "a.b.c.acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "x.sales.acme.softphone.example", "acme", "certificate_pem"),
    # A name out of the tree goes by suffixes, not by the parents of what it meets.
    ("phones", "dir", "x.moved.acme.softphone.example", "acme", "certificate_pem"),
    ("phones", "dir", "x.shop.example.net", "master", "certificate_pem"),
    ("phones", "dir", "x.own.example.net", "own", "certificate_pem"),
    ("phones", "dir", "x.expired.softphone.example", "expired", "certificate_pem"),
    ("phones", "dir", "www.unknown.test", "master", "certificate_pem"),
    ("phones", "dir", "localhost", "master", "certificate_pem"),
    ("phones", "dir", "under_score.unknown.test", "master", "certificate_pem"),
    ("phones", "dir", NO_SNI, "certdir", "certdir"),
    ("phones", "dir", "192.0.2.1", "certdir", "certdir"),
    ("phones", "dir", "a..b", "certdir", "certdir"),
    ("phones", "bare", NO_SNI, DEFAULT, "default"),
    ("phones", "bare", "192.0.2.1", DEFAULT, "default"),
    ("phones", "bare", "a..b", DEFAULT, "default"),
    ("phones", "bare", "www.unknown.test", "master", "certificate_pem"),
    ("phones", "dir", "both.softphone.example", "both-ec", "certificate_pem"),
    ("phones", "dir", "both.softphone.example", "both-rsa", "certificate_pem", RSA_ONLY),
    ("phones", "dir", "rsa.softphone.example", "rsa", "certificate_pem"),
    ("phones", "pairs", NO_SNI, "pair-ec", "certdir"),
    ("phones", "pairs", NO_SNI, "pair-rsa", "certdir", RSA_ONLY),
    ("headless", "dir", "one.pbx.example", "one", "certificate_pem"),
    ("headless", "dir", "child.two.example", "one", "certificate_pem"),
    ("headless", "dir", "x.one.pbx.example", "one", "certificate_pem"),
    ("headless", "dir", "pbx.example", "certdir", "certdir"),
    ("headless", "dir", "two.example", "certdir", "certdir"),
    ("headless", "dir", "x.child.two.example", "certdir", "certdir"),
    ("headless", "dir", "unknown.test", "certdir", "certdir"),
    ("headless", "bare", "two.example", DEFAULT, "default"),
    ("headless", "bare", "unknown.test", DEFAULT, "default"),
    ("headless", "bare", NO_SNI, DEFAULT, "default"),
    ("valid", "dir", "v.example", "valid-master", "certificate_pem"),
    ("valid", "dir", "old.v.example", "valid-master", "certificate_pem"),
    ("valid", "dir", "wrong.v.example", "valid-master", "certificate_pem"),
    ("valid", "dir", "good.v.example", "good", "certificate_pem"),
    ("valid", "dir", "near.v.example", "near", "certificate_pem"),
    ("valid", "dir", "deep.old.v.example", "certdir", "certdir"),
    ("valid", "dir", "x.good.v.example", "good", "certificate_pem"),  # none covers: the nearest
    ("valid", "bare", "deep.old.v.example", "old", "certificate_pem"),
    ("valid", "dir", "lonely.example", "lonely", "certificate_pem"),
]
CAN = {
    RSA_ONLY: {
        "openssl": ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"),
        "gnutls": ("--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-ECDHE-ECDSA"),
        "curl": ("--tls-max", "1.2", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256"),
    },
}


class Foretold(PromiseCase):
    def check_tree(self, tree):
        self.leaves = make_leaves()
        part = lay_out(tree, self.directory, self.leaves)
        config = self.config([self.backend(backend.http)], **part)
        config["listeners"] = [
            self.listener(name="dir", certdir="alias://paths/default_certdir"),
            self.listener(name="bare"),
            self.listener(name="pairs", certdir="pairs"),
        ]
        self.daemon = self.start(config)
        self.addresses = {each["name"]: each["address"]
                          for each in self.daemon.status()["listeners"]}
        with ThreadPoolExecutor(3) as pool:
            cases = [case for case in CASES if case[0] == tree]
            wrong = [text for text in pool.map(self.outcome, cases) if text]
        self.assertEqual(wrong, [])

    def outcome(self, case):
        """What is wrong with a case, or ""."""
        _, listener, name, label, source, *can = case
        seen = {}
        for live in (False, True):
            applied = self.foretold(name, listener, live)["applied"]
            if applied["source"] != source:
                return f"{case}: explain (live: {live}) names {applied['source']}"
            leaves = {leaf["key_type"]: leaf["sha256"] for leaf in applied["leaves"]}
            seen[f"explain live={live}"] = leaves["rsa"] if can else applied["sha256"]
        options = CAN[can[0]] if can else {}
        address = self.addresses[listener]
        for tool in (tools.openssl, tools.gnutls, tools.curl):
            seen[tool.__name__] = tool(address, name, *options.get(tool.__name__, ()))
        expected = self.leaves[label].sha256 if label != DEFAULT else self.default_digest()
        wrong = {who: self.label_of(digest) for who, digest in seen.items() if digest != expected}
        return f"{case}: {wrong}" if wrong else ""

    def foretold(self, name, listener, live):
        # An address or an illegal name is no name to explain; it goes where no SNI goes.
        nameless = name is None or re.fullmatch(r"[0-9.]+|.*\.\..*", name)
        return self.daemon.explain(None if nameless else name, listener, live)

    def default_digest(self):
        return self.foretold(None, "bare", True)["applied"]["sha256"]

    def label_of(self, digest):
        return next((label for label, leaf in self.leaves.items() if leaf.sha256 == digest), digest)

    def test_a_tree_with_explicit_parents_and_every_key_type(self):
        self.check_tree("phones")

    def test_a_tree_whose_master_has_no_certificate(self):
        self.check_tree("headless")

    def test_a_tree_that_chooses_valid_certificates(self):
        self.check_tree("valid")

    def test_the_table_is_large_enough(self):
        self.assertGreaterEqual(len({case[:3] for case in CASES}), 50)


if __name__ == "__main__":
    unittest.main()
