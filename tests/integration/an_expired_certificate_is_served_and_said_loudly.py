"""An expired certificate, one that does not cover its domain and one without names are served all
the same; log, status, `expiring` and `check` say so."""

import json
import unittest

from arbortls_test.ca import days
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.wait import eventually

OLD = "old.softphone.example"
SOON = "soon.softphone.example"
WRONG = "wrong.softphone.example"


class Expired(PromiseCase):
    def setUp(self):
        super().setUp()
        self.leaves = {
            MASTER: self.authority.issue(MASTER),
            OLD: self.authority.issue(OLD, start=days(-40), end=days(-3)),
            SOON: self.authority.issue(SOON, end=days(5)),
            WRONG: self.authority.issue("something.else.example"),
        }
        self.daemon = self.start_with_domains(self.leaves)

    def test_each_is_served(self):
        for name, leaf in self.leaves.items():
            self.assertEqual(served(self.daemon.address(), name), leaf.sha256, name)

    def test_log_and_status_warn(self):
        self.assertRegex(self.daemon.log, f"(?i)(?m){OLD}.*expired")
        self.assertRegex(self.daemon.problems(), f"(?i){OLD}.*expired")
        self.assertRegex(self.daemon.problems(), f"(?i){WRONG}.*(cover|name)")
        self.assertNotIn(f'"{MASTER}"', self.daemon.problems())

    def test_expiring_lists_what_ends_within_the_time(self):
        result = self.daemon.command("expiring", "--json")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(OLD, result.stdout)
        self.assertIn(SOON, result.stdout)
        self.assertNotIn(f'"{MASTER}"', result.stdout)
        json.loads(result.stdout)
        within = self.daemon.command("expiring", "--within", "1d")
        self.assertNotIn(SOON, within.stdout)
        self.assertEqual(within.returncode, 3)

    def test_nothing_expires_once_renewed(self):
        for name in (OLD, SOON):
            self.put(name, self.authority.issue(name))
        eventually(lambda: self.daemon.command("expiring").returncode == 0, what="exit status 0")

    def test_a_domain_without_own_certificate_counts_by_what_it_is_served(self):
        self.put(MASTER, self.authority.issue(MASTER, end=days(2)))
        (self.domains_dir / "plain.example.org.yaml").write_text("{}\n")
        eventually(lambda: "plain.example.org" in self.daemon.command("expiring").stdout,
                   what="the domain in the list")


if __name__ == "__main__":
    unittest.main()
