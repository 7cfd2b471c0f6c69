"""Chromium at a listener whose certificate is by `arbortls ca`: refused without the root, shown once the root
from the trust page is installed, by name and by address; and even then what the root's key signs for a name
that is not the tree's is refused.
"""

import unittest
import urllib.request

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from parts import installed
from parts.browser import trust
from parts.look import Looker
from parts.page import page_server
from parts.trust_page import trust_page

from arbortls_test.ca import Authority
from arbortls_test.case import PromiseCase
from arbortls_test.daemon import run

NAME = "pbx.example"
FOREIGN = "bank.example"


class ABrowser(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        self.state = self.directory / "state"
        self.leaf = self.directory / "leaf"
        self.site = self.directory / "site"
        self.site.mkdir()
        (self.site / "index.html").write_text("<!doctype html><title>here</title>")

    def config_for(self, backend):
        # Who dials an address sends no name: the listener's own certificate has that address.
        return self.config([backend], master_domain=NAME, listener={"certdir": str(self.leaf)}, state_dir=str(self.state),
                           domains_dir=str(self.domains_dir), domains=[{"name": f"app.{NAME}"}])

    def ca(self, command, *arguments):
        made = run("ca", command, "-c", self.directory / "ca.yaml", *arguments)
        self.assertEqual(made.returncode, 0, made.stderr)

    def make_certificates(self, config):
        (self.directory / "ca.yaml").write_text(yaml.safe_dump(config))
        self.ca("init")
        self.ca("issue", NAME, f"*.{NAME}", "--ip", "127.0.0.1", "--out", self.leaf)
        forger = Authority()
        root = self.state / "ca" / "root.crt"
        forger.issuer = x509.load_pem_x509_certificate(root.read_bytes())
        forger.issuer_key = load_pem_private_key(root.with_suffix(".key").read_bytes(), None)
        self.put(FOREIGN, forger.issue(FOREIGN))
        return root

    def root_from_page(self, root):
        with trust_page("Example", [root]) as port:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/root.pem", timeout=10) as answer:
                return answer.read().decode()

    def home(self, name, root_pem=None):
        home = self.directory / name
        home.mkdir()
        if root_pem:
            trust(home, root_pem)
        return home

    def test_at_names_and_addresses(self):
        with page_server(self.site) as backend:
            config = self.config_for(backend)
            root = self.make_certificates(config)
            port = self.start(config).address().rpartition(":")[2]
            own = [f"https://{host}:{port}/" for host in (NAME, f"app.{NAME}", "127.0.0.1")]
            foreign = f"https://{FOREIGN}:{port}/"
            with Looker(self.home("stranger")) as stranger:
                for url in (*own, foreign):
                    self.assertIn("ERR_CERT_AUTHORITY_INVALID", str(stranger.visit(url)), url)
            with Looker(self.home("friend", self.root_from_page(root))) as friend:
                for url in own:
                    self.assertEqual(friend.visit(url), 200, url)
                self.assertIn("ERR_CERT", str(friend.visit(foreign)))


if __name__ == "__main__":
    installed.require()
    unittest.main()
