"""`local_ca: true` and nothing else: every domain below is served with a certificate of the daemon's
own CA, which clients accept once they trust its root; the root is made once, may only sign for the
tree's names, and its page is where clients get it."""

import pathlib
import stat
import subprocess
import unittest
import urllib.request

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.daemon import run
from arbortls_test.wait import eventually

NAMES = ["pbx.office.test", "desk.office.test"]


class LocalCa(PromiseCase):
    def start_local(self, **settings):
        self.domains_dir.mkdir(exist_ok=True)
        config = self.config([self.backend()], domains_dir=str(self.domains_dir), domains=[
            {"name": MASTER},
            {"name": "office.test", "local_ca": True, "local_ca_addresses": ["127.0.0.1"],
             **settings},
            *({"name": name} for name in NAMES)])
        config["listeners"].append({"name": "trust", "kind": "trust_page",
                                    "address": "127.0.0.1:0"})
        self.settings = config
        return self.start(config)

    @property
    def root(self):
        return self.directory / "state" / "ca" / "root.crt"

    def verify(self, daemon, name, *options):
        """What openssl says of the certificate that is served."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", daemon.address("tls"), "-servername", name,
             "-CAfile", self.root, "-verify_return_error", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=15)
        return "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr

    def await_verified(self, daemon, name):
        """A parent's certificate may come first, which is by the same root."""
        eventually(lambda: self.root.exists() and
                   self.verify(daemon, name, "-verify_hostname", name)[0], 20,
                   f"a trusted certificate for {name}")

    def test_all_below_are_served_and_verified(self):
        daemon = self.start_local()
        for name in NAMES:
            self.await_verified(daemon, name)
            self.assertTrue(self.verify(daemon, name, "-verify_ip", "127.0.0.1")[0])
            path = self.domains_dir / f"{name}.pem"
            self.assertEqual(path.read_text().splitlines()[0], "automatic=local-ca")
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertNotIn("chain", daemon.problems())
        key = self.directory / "state" / "ca" / "root.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        text = subprocess.run(["openssl", "x509", "-noout", "-text", "-in", self.root],
                              capture_output=True, text=True, check=True).stdout
        self.assertIn("Name Constraints: critical", text)
        self.assertIn("DNS:office.test", text)
        self.assertEqual(daemon.explain(MASTER)["applied"]["source"], "default")

    def test_the_page_gives_the_root_that_the_daemon_signs_with(self):
        daemon = self.start_local()
        self.await_verified(daemon, NAMES[0])
        page = f"http://{daemon.address('trust')}"
        root = urllib.request.urlopen(f"{page}/root.pem", timeout=10).read().decode()
        self.assertEqual(root.split(), pathlib.Path(self.root).read_text().split())
        html = urllib.request.urlopen(f"{page}/", timeout=10).read().decode()
        self.assertIn("root.mobileconfig", html)

    def test_the_root_is_made_once_and_a_restart_signs_nothing_anew(self):
        daemon = self.start_local()
        self.await_verified(daemon, NAMES[0])
        root, digest = self.root.read_bytes(), served(daemon.address("tls"), NAMES[0])
        daemon.stop()
        daemon.start()
        self.assertEqual(served(daemon.address("tls"), NAMES[0]), digest)
        self.assertEqual(self.root.read_bytes(), root)

    def test_a_name_that_the_root_does_not_permit_is_told_with_what_mends_it(self):
        daemon = self.start_local()
        self.await_verified(daemon, NAMES[0])
        self.settings["domains"].append({"name": "elsewhere.test", "local_ca": True})
        daemon.write_config(self.settings)
        self.assertEqual(daemon.reload().returncode, 0)

        def told():
            rows = daemon.request("GET", "/acme")[1]["domains"]
            return next((row["problem"] for row in rows
                         if row["domain"] == "elsewhere.test" and "problem" in row), "")

        problem = eventually(told, 10, "the refusal")
        self.assertIn("elsewhere.test", problem)
        self.assertIn("arbortls ca", problem)
        self.assertTrue(self.verify(daemon, NAMES[1])[0])

    def test_the_commands_show_and_export_the_same_root(self):
        daemon = self.start_local()
        self.await_verified(daemon, NAMES[0])
        out = self.directory / "out.crt"
        done = run("ca", "export", "--der", "--out", out, "-c", daemon.config_file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shown = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", out, "-noout",
                                "-fingerprint", "-sha256"], capture_output=True, text=True, check=True)
        fingerprint = shown.stdout.strip().partition("=")[2]
        self.assertIn(fingerprint, run("ca", "show", "-c", daemon.config_file).stdout)


if __name__ == "__main__":
    unittest.main()
