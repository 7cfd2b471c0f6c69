"""Another CA than Pebble, Caddy's built-in ACME server, issues by http-01 and by tls-alpn-01, and
again when told to.

It looks for the answers at ports 80 and 443 only, and for names where the machine does: so all
of this runs in a network and a file system of its own, which needs root."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
INSIDE = "ARBORTLS_TEST_IN_ITS_OWN_NETWORK"

CADDYFILE = """\
{
  admin off
  skip_install_trust
  auto_https disable_redirects
  http_port 8080
  https_port 8443
  storage file_system %s
}
https://ca.example:8443 {
  bind 127.0.0.1
  tls internal
  acme_server
}
"""


class Caddy(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        self.storage = self.directory / "caddy"
        self.root = self.storage / "pki" / "authorities" / "local" / "root.crt"
        caddyfile = self.directory / "Caddyfile"
        caddyfile.write_text(CADDYFILE % self.storage)
        self.caddy_log = (self.directory / "caddy.log").open("w+")
        environment = {**os.environ, "HOME": str(self.directory),
                       "XDG_DATA_HOME": str(self.directory), "XDG_CONFIG_HOME": str(self.directory)}
        self.caddy = subprocess.Popen(["caddy", "run", "--config", caddyfile, "--adapter",
                                       "caddyfile"], stdin=subprocess.DEVNULL,
                                      stdout=self.caddy_log, stderr=self.caddy_log, env=environment)
        self.addCleanup(self.end_caddy)
        eventually(lambda: self.root.exists() and served("127.0.0.1:8443", "ca.example"), 30,
                   "caddy")

    def end_caddy(self):
        self.caddy.kill()
        self.caddy.wait(10)
        self.caddy_log.close()

    def check(self, challenge):
        config = self.config([self.backend()], listener={"address": "127.0.0.1:443"},
                             domains_dir=str(self.domains_dir), domains=[
            {"name": MASTER},
            {"name": NAME, "acme_enabled": True, "acme_account_email": "operator@softphone.example",
             "acme_directory": "https://ca.example:8443/acme/local/directory",
             "acme_ca_file": str(self.root), "acme_challenges": [challenge]}])
        config["listeners"].append({"name": "web", "kind": "http_redirect",
                                    "address": "127.0.0.1:80"})
        daemon = self.start(config)

        def issued():
            applied = daemon.explain(NAME)["applied"]
            return applied["source"] == "certificate_pem" and applied["domain"] == NAME and applied

        try:
            first = eventually(issued, 30, "a certificate", interval=0.1)
        except AssertionError as error:
            self.caddy_log.seek(0)
            raise AssertionError(f"{error}\n{daemon.log}\n{self.caddy_log.read()}") from None
        done = daemon.command("acme", "renew", NAME, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        eventually(lambda: issued()["sha256"] != first["sha256"], 10, "another certificate")
        eventually(lambda: served("127.0.0.1:443", NAME) == issued()["sha256"], 10, "it is served")
        chain = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:443", "-servername",
                                NAME, "-CAfile", self.root, "-verify_return_error",
                                "-verify_hostname", NAME], stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=20)
        self.assertEqual(chain.returncode, 0, chain.stdout + chain.stderr)

    def test_by_http_01(self):
        self.check("http-01")

    def test_by_tls_alpn_01(self):
        self.check("tls-alpn-01")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def enter():
    """Starts this file again where ports 80 and 443 are free and the names are known."""
    for tool in ("caddy", "unshare", "ip", "mount"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    alone = ["unshare", "--net", "--mount", "--"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        skip("a network of its own needs root")
    script = ('ip link set lo up && printf "127.0.0.1 localhost ca.example %s\\n" "$1" >"$2" && '
              'mount --bind "$2" /etc/hosts && shift 2 && exec "$@"')
    hosts = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"arbortls-hosts-{os.getpid()}"
    try:
        command = [*alone, "sh", "-ec", script, "sh", NAME, hosts, sys.executable, "-B", *sys.argv]
        sys.exit(subprocess.run(command, env={**os.environ, INSIDE: "yes"}).returncode)
    finally:
        hosts.unlink(missing_ok=True)


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter()
    unittest.main()
