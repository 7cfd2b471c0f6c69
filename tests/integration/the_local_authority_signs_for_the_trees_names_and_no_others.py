"""`arbortls ca`: a root constrained to the tree's names and private addresses, and leaves by it.

OpenSSL and GnuTLS believe a leaf for each of its names and refuse what the root's key signs for any other
name; `serve` serves what `ca issue` made; the exported profile is one that Apple's property lists read; a tree
that outgrows its root is told so, and the next root mends it.
"""

import datetime
import hashlib
import json
import plistlib
import ssl
import subprocess
import unittest

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from arbortls_test.ca import Authority, days
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.daemon import run

TENANT = "acme.example"


class Commands(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        (self.domains_dir / "more.example.yaml").write_text("{}\n")
        self.state = self.directory / "state"
        self.file = self.directory / "arbortls.yaml"
        self.configure([TENANT])

    def configure(self, tenants, **more):
        config = self.config(["127.0.0.1:9"], state_dir=str(self.state), domains_dir=str(self.domains_dir),
                             domains=[{"name": name} for name in tenants], **more)
        self.file.write_text(yaml.safe_dump(config))

    def ca(self, command, *arguments, code=0):
        result = run("ca", command, "-c", self.file, *arguments)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout if code == 0 else result.stderr

    def issue(self, *arguments, out="leaf", code=0):
        done = self.ca("issue", *arguments, "--out", self.directory / out, code=code)
        return done if code else self.directory / out

    @property
    def root(self):
        return self.state / "ca" / "root.crt"

    def openssl(self, leaf, name, root=None):
        by = "-verify_ip" if name[0].isdigit() else "-verify_hostname"
        command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", root or self.root,
                   by, name, leaf]
        return subprocess.run(command, capture_output=True, text=True).returncode == 0

    def gnutls(self, leaf, name):
        command = ["certtool", "--verify", "--load-ca-certificate", self.root, "--verify-hostname", name,
                   "--infile", leaf]
        return subprocess.run(command, capture_output=True, text=True).returncode == 0

    def forge(self, name):
        """A leaf by the root's own key, whatever its constraints say."""
        forger = Authority()
        forger.issuer = x509.load_pem_x509_certificate(self.root.read_bytes())
        forger.issuer_key = load_pem_private_key((self.state / "ca" / "root.key").read_bytes(), None)
        forger.chain = []
        path = self.directory / "forged.crt"
        path.write_text(forger.issue(name).certificate_pem)
        return path


class TheAuthority(Commands):
    def test_makes_its_root_once_for_its_owner_only(self):
        made = self.ca("init").split()
        self.assertEqual(made, [str(self.root), str(self.root.with_suffix(".key"))])
        self.assertEqual(self.root.stat().st_mode & 0o777, 0o644)
        self.assertEqual(self.root.with_suffix(".key").stat().st_mode & 0o777, 0o600)
        before = self.root.read_bytes()
        self.assertIn("is there already", self.ca("init", code=1))
        self.assertEqual(self.root.read_bytes(), before)

    def test_is_believed_for_the_trees_names_only(self):
        self.ca("init")
        leaf = self.issue(MASTER, f"www.{TENANT}", "more.example", "--ip", "10.1.2.3", "--ip", "fd00::5")
        for name in (MASTER, f"www.{TENANT}", "more.example", "10.1.2.3"):
            self.assertTrue(self.openssl(leaf / "server.crt", name), name)
            self.assertTrue(self.gnutls(leaf / "server.crt", name), name)
        self.assertFalse(self.openssl(leaf / "server.crt", "10.1.2.4"))
        self.assertIn("may not sign for bank.example", self.issue("bank.example", out="no", code=1))
        self.assertIn("may not sign for 192.0.2.1", self.issue(TENANT, "--ip", "192.0.2.1", out="no", code=1))
        self.assertFalse((self.directory / "no").exists())

        inside = self.forge(f"x.{TENANT}")
        self.assertTrue(self.gnutls(inside, f"x.{TENANT}"))
        for name in ("bank.example", "192.0.2.1"):
            forged = self.forge(name)
            self.assertFalse(self.openssl(forged, name), name)
            self.assertFalse(self.gnutls(forged, name), name)

    def test_issues_what_serve_serves(self):
        self.ca("init")
        for options in ((), ("--rsa",)):
            out = self.issue(MASTER, *options, "--force")
            daemon = self.start(self.config([self.backend()], listener={"certdir": str(out)}))
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert((out / "server.crt").read_text())).hexdigest()
            self.assertEqual(served(daemon.address()), digest)
            daemon.stop()
        self.assertIn("--force", self.issue(MASTER, code=1))
        certificate = x509.load_pem_x509_certificate((out / "server.crt").read_bytes())
        self.assertAlmostEqual(certificate.not_valid_after.replace(tzinfo=datetime.timezone.utc),
                               days(30), delta=datetime.timedelta(days=1))

    def test_keeps_its_key_behind_a_passphrase(self):
        (self.directory / "secret").write_text("correct horse\n")
        (self.directory / "wrong").write_text("battery staple\n")
        self.ca("init", "--passphrase-file", self.directory / "secret")
        self.assertIn("ENCRYPTED", self.root.with_suffix(".key").read_text())
        self.assertIn("no passphrase", self.issue(TENANT, code=1))
        self.assertIn("wrong passphrase",
                      self.issue(TENANT, "--passphrase-file", self.directory / "wrong", code=1))
        self.issue(TENANT, "--passphrase-file", self.directory / "secret")
        self.configure([TENANT], authority={"key_passphrase": f"file:{self.directory}/secret"})
        self.issue(TENANT, out="again")

    def test_exports_every_form(self):
        self.ca("init", "--name", "Ämter & <Söhne>")
        root = x509.load_pem_x509_certificate(self.root.read_bytes())
        der = ssl.PEM_cert_to_DER_cert(self.root.read_text())
        self.assertEqual(self.ca("export"), self.root.read_text())
        self.ca("export", "--der", "--out", self.directory / "root.der")
        self.assertEqual((self.directory / "root.der").read_bytes(), der)
        self.assertIn("--force", self.ca("export", "--out", self.directory / "root.der", code=1))
        profile = plistlib.loads(self.ca("export", "--mobileconfig").encode())
        self.assertEqual(profile["PayloadType"], "Configuration")
        (payload,) = profile["PayloadContent"]
        self.assertEqual(payload["PayloadType"], "com.apple.security.root")
        self.assertEqual(payload["PayloadContent"], der)
        self.assertEqual(payload["PayloadDisplayName"], root.subject.rfc4514_string()
                         .removeprefix("CN=").replace("\\", ""))
        self.assertNotEqual(profile["PayloadUUID"], payload["PayloadUUID"])

    def test_tells_when_the_tree_outgrows_its_root_and_mends_it(self):
        self.ca("init", "--json")
        self.configure([TENANT, "new.example"])
        (shown,) = json.loads(self.ca("show", "--json"))["roots"]
        self.assertEqual(shown["not_permitted"], ["new.example"])
        self.assertIn("! the tree has 1", self.ca("show"))
        self.assertIn("`arbortls ca renew-root`", self.issue("new.example", code=1))
        old = self.root.read_bytes()

        self.ca("renew-root")
        self.assertEqual(self.root.read_bytes(), old)
        new = self.root.with_name("next.crt")
        leaf = self.issue("new.example") / "server.crt"
        self.assertTrue(self.openssl(leaf, "new.example", root=new))
        other = self.issue(TENANT, out="other") / "server.crt"
        self.assertTrue(self.openssl(other, TENANT), "the first root signs what it may until it is replaced")
        self.assertEqual(len(json.loads(self.ca("show", "--json"))["roots"]), 2)

        self.ca("use-next-root")
        self.assertTrue(self.openssl(leaf, "new.example"))
        self.assertEqual([path.read_bytes() for path in self.root.parent.glob("old-*.crt")], [old])
        self.assertIn("there is no next root", self.ca("use-next-root", code=1))

    def test_shows_the_fingerprints_that_openssl_shows(self):
        self.ca("init")
        shown = self.ca("show")
        for digest in ("sha256", "sha1"):
            command = ["openssl", "x509", "-in", self.root, "-noout", "-fingerprint", f"-{digest}"]
            fingerprint = subprocess.run(command, capture_output=True, text=True).stdout.partition("=")[2]
            self.assertIn(fingerprint.strip(), shown)

    def test_needs_a_root_and_a_sound_configuration(self):
        for command in (["show"], ["export"], ["renew-root"], ["use-next-root"],
                        ["issue", TENANT, "--out", self.directory / "x"]):
            self.assertIn("`arbortls ca init`", self.ca(*command, code=1))
        self.file.write_text("nonsense: true\n")
        self.assertIn("nonsense", self.ca("show", code=1))
        for usage in (["ca"], ["ca", "issue"], ["ca", "export", "--der", "--pem"]):
            self.assertEqual(run(*usage).returncode, 2, usage)


if __name__ == "__main__":
    unittest.main()
