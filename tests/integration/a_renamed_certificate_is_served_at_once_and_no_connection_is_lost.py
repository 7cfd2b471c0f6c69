"""A certificate renamed over the old one is served within a second, twenty times over, while long
calls talk on and new connections arrive: none of them fails, and each new one gets a certificate
that was current."""

import time
import unittest

from arbortls_test.case import PromiseCase
from arbortls_test.client import served
from arbortls_test.load import Arrivals, Calls

NAMES = ["acme.softphone.example", "other.softphone.example"]


class RenamedCertificate(PromiseCase):
    def test_twenty_changes_under_load(self):
        leaves = {name: self.authority.issue(name) for name in NAMES}
        daemon = self.start_with_domains(leaves)
        address = daemon.address()
        calls = Calls(address, NAMES * 4)
        arrivals = Arrivals(address, NAMES)
        expected = [leaves[NAMES[0]].sha256]
        slowest = 0.0
        for _ in range(20):
            leaf = self.authority.issue(NAMES[0])
            expected.append(leaf.sha256)
            self.put(NAMES[0], leaf)
            start = time.monotonic()
            self.await_served(address, NAMES[0], leaf, timeout=2)
            slowest = max(slowest, time.monotonic() - start)
        arrivals.finish()
        calls.finish()
        self.assertLess(slowest, 1.0)
        self.assertEqual(arrivals.went_back(NAMES[0], expected), [])
        self.assertGreater(len(arrivals.certificates(NAMES[0])), 1)
        self.assertEqual(arrivals.certificates(NAMES[1]), {leaves[NAMES[1]].sha256})

    def test_many_domains_at_once(self):
        names = [f"d{index}.softphone.example" for index in range(50)]
        daemon = self.start_with_domains({name: self.authority.issue(name) for name in names})
        renewed = {name: self.authority.issue(name) for name in names}
        for name, leaf in renewed.items():
            self.put(name, leaf)
        for name, leaf in renewed.items():
            self.await_served(daemon.address(), name, leaf)
        self.assertNotEqual(served(daemon.address(), names[0]), renewed[names[1]].sha256)


if __name__ == "__main__":
    unittest.main()
