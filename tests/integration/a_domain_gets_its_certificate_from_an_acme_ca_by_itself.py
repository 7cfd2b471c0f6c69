"""Two settings on a domain, and after a while it is served with a certificate of the CA's, which
stands where an operator would have put it: by http-01, by tls-alpn-01 or by dns-01, without a
reload and without a lost call. What serves before that is inherited or the default."""

import stat
import textwrap
import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.case import MASTER
from arbortls_test.client import TlsClient
from arbortls_test.daemon import run

NAME = "acme.softphone.example"


class Issued(AcmeCase):
    def check_file(self, name):
        path = self.pem_of(name)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        lines = path.read_text().splitlines()
        self.assertEqual(lines[0], "automatic=acme")
        keys = [line.partition("=")[0] for line in lines[:5]]
        self.assertEqual(keys, ["automatic", "issuer", "account", "issued", "renew"])
        self.assertLess(lines.index("-----BEGIN PRIVATE KEY-----"),
                        lines.index("-----BEGIN CERTIFICATE-----"))
        inspected = run("cert", "inspect", path)
        self.assertEqual(inspected.returncode, 0, inspected.stdout + inspected.stderr)

    def test_by_http_01_while_a_call_goes_on(self):
        daemon = self.start_with_ca({NAME: {"acme_enabled": True, "acme_challenges": ["http-01"]}})
        call = self.hold(TlsClient(daemon.address("tls"), NAME))
        self.await_issued(daemon, NAME)
        self.check_file(NAME)
        self.assertEqual(call.talk(b"still here"), b"still here")
        self.assertEqual(daemon.explain(MASTER)["applied"]["source"], "default")

    def test_by_tls_alpn_01(self):
        daemon = self.start_with_ca(
            {NAME: {"acme_enabled": True, "acme_challenges": ["tls-alpn-01"]}})
        self.await_issued(daemon, NAME)
        self.check_file(NAME)
        self.assertGreaterEqual(daemon.counter("validations"), 1)

    def test_a_wildcard_by_dns_01_serves_those_below_without_orders_of_theirs(self):
        hook = self.directory / "dns-hook"
        hook.write_text(textwrap.dedent("""\
            #!/bin/sh
            case $ARBORTLS_EVENT in
              dns-add) exec curl -sf -d "{\\"host\\":\\"$ARBORTLS_RECORD.\\",\\"value\\":\\"$ARBORTLS_VALUE\\"}" \\
                "$1/set-txt" ;;
              dns-remove) exec curl -sf -d "{\\"host\\":\\"$ARBORTLS_RECORD.\\"}" "$1/clear-txt" ;;
            esac
            """))
        hook.chmod(0o755)
        self.directory.chmod(0o755)  # the hook runs as somebody else
        self.make_ca().start()
        settings = {"acme_enabled": True, "acme_wildcard": True, "acme_challenges": ["dns-01"],
                    "acme_dns_hook": [str(hook), self.ca.dns_management]}
        below = f"desk.{NAME}"
        daemon = self.start(self.acme_config({NAME: settings, below: {"acme_enabled": True}}))
        digest = self.await_issued(daemon, NAME)
        applied = daemon.explain(below)["applied"]
        self.assertEqual((applied["domain"], applied["sha256"]), (NAME, digest))
        self.assertTrue(applied["covers_name"])
        self.assertFalse(self.pem_of(below).exists())

    def test_all_below_by_one_word_at_the_master(self):
        names = {f"tenant{index}.softphone.example": {} for index in range(3)}
        names["own.softphone.example"] = {"acme_enabled": False}
        daemon = self.start_with_ca(names, master={"acme_subdomains": True})
        for name in list(names)[:3]:
            self.await_issued(daemon, name)
        self.assertFalse(self.pem_of("own.softphone.example").exists())


if __name__ == "__main__":
    unittest.main()
