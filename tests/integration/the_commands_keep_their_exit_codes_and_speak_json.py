"""Every command of the executable: --help and --version, usage errors exit 2, what cannot be
reached exits 1, --json is JSON, and what `cert self-signed` and `cert bundle` make is what
`serve` serves; curl can speak to the control socket."""

import hashlib
import json
import ssl
import subprocess
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.daemon import run

COMMANDS = ["serve", "check", "explain", "status", "expiring", "reload", "drain", "cert", "ca"]


def digest_of(path):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text())).hexdigest()


class WithoutDaemon(PromiseCase):
    def test_help_everywhere(self):
        self.assertRegex(run("--help").stdout, "serve")
        self.assertRegex(run("--version").stdout, r"\d+\.\d+")
        for command in COMMANDS:
            result = run(command, "--help")
            self.assertEqual(result.returncode, 0, command)
            self.assertRegex(result.stdout, "(?i)usage")

    def test_usage_errors(self):
        for arguments in ([], ["nonsense"], ["serve", "--nonsense"], ["explain"], ["cert"],
                          ["expiring", "--within", "soon"], ["cert", "inspect"]):
            self.assertEqual(run(*arguments).returncode, 2, arguments)

    def test_no_daemon(self):
        for command in ("status", "reload", "expiring", "drain"):
            result = run(command, "--socket", self.directory / "none.sock")
            self.assertEqual(result.returncode, 1, command)
            self.assertIn("none.sock", result.stderr)

    def test_no_configuration(self):
        for command in ("serve", "check"):
            result = run(command, "-c", self.directory / "none.yaml")
            self.assertEqual(result.returncode, 1)
            self.assertIn("none.yaml", result.stdout + result.stderr)


class Certificates(PromiseCase):
    def test_self_signed_is_served(self):
        out = self.directory / "made"
        result = run("cert", "self-signed", "pbx.example", "192.0.2.5", "--out", out)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((out / "server.key").stat().st_mode & 0o777, 0o600)
        daemon = self.start(self.config([self.backend()], listener={"certdir": str(out)}))
        self.assertEqual(served(daemon.address()), digest_of(out / "server.crt"))

    def test_bundle_is_served_whatever_it_was_made_of(self):
        leaf = self.authority.issue(MASTER)
        parts = {"k.pem": leaf.key_pem.encode(), "c.der": leaf.der,
                 "ca.pem": self.authority.root_pem.encode()}
        for name, data in parts.items():
            (self.directory / name).write_bytes(data)
        result = run("cert", "bundle", *(self.directory / name
                                         for name in ("k.pem", "c.der", "ca.pem")))
        self.assertEqual(result.returncode, 0, result.stderr)
        daemon = self.start(self.config([self.backend()], domains=[
            {"name": MASTER, "certificate_pem": result.stdout}]))
        self.assertEqual(served(daemon.address(), MASTER), leaf.sha256)

    def test_inspect_tells_and_hides(self):
        leaf = self.authority.issue(MASTER)
        file = self.directory / "all.pem"
        file.write_text(leaf.pem)
        result = run("cert", "inspect", "--json", file)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(leaf.sha256, result.stdout)
        json.loads(result.stdout)
        self.assertNotIn(leaf.key_pem.splitlines()[1], result.stdout)
        (self.directory / "no.pem").write_text("nothing")
        self.assertEqual(run("cert", "inspect", self.directory / "no.pem").returncode, 1)

    def test_a_foreign_key_is_no_bundle(self):
        leaf, other = self.authority.issue(MASTER), self.authority.issue(MASTER)
        (self.directory / "k").write_text(other.key_pem)
        (self.directory / "c").write_text(leaf.certificate_pem)
        result = run("cert", "bundle", self.directory / "k", self.directory / "c")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "(?i)key")


class WithDaemon(PromiseCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.config([self.backend()]))

    def test_status(self):
        status = json.loads(self.daemon.command("status", "--json").stdout)
        for key in ("version", "pid", "uptime_seconds", "state", "listeners", "domains",
                    "certificates", "problems", "last_reload", "counters"):
            self.assertIn(key, status)
        self.assertEqual(status["pid"], self.daemon.pid)
        self.assertEqual(status["state"], "serving")
        self.assertEqual(status["problems"], [])
        text = self.daemon.command("status")
        self.assertEqual(text.returncode, 0)
        self.assertIn(self.daemon.address(), text.stdout)

    def test_curl_speaks_to_the_control_socket(self):
        shown = subprocess.run(["curl", "-s", "--unix-socket", self.daemon.control,
                                "http://localhost/status"], capture_output=True, check=True)
        self.assertEqual(json.loads(shown.stdout)["pid"], self.daemon.pid)
        code, _ = self.daemon.request("GET", "/nosuch")
        self.assertEqual(code, 404)
        for method, path in (("PUT", "/status"), ("GET", "/reload"), ("POST", "/status")):
            code, _ = self.daemon.request(method, path)
            self.assertIn(code, (404, 405), (method, path))

    def test_reload_and_expiring(self):
        self.assertEqual(self.daemon.reload().returncode, 0)
        result = self.daemon.command("expiring", "--json")
        self.assertEqual((result.returncode, json.loads(result.stdout)), (0, []))

    def test_drain_waits_for_the_end(self):
        result = self.daemon.command("drain", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.daemon.wait(), 0)

    def test_a_second_daemon_does_not_take_the_control_socket(self):
        result = run("serve", "-c", self.daemon.config_file)
        self.assertEqual(result.returncode, 1)
        self.assertIn("control.sock", result.stdout + result.stderr)
        self.assertEqual(self.daemon.status()["pid"], self.daemon.pid)


if __name__ == "__main__":
    unittest.main()
