"""Where an operator puts his own certificate in place of an automatic one, nothing is ordered for
that domain any more, and it is said; where he takes it away, it begins again."""

import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"


class ByHand(AcmeCase):
    def test_by_hand_and_back(self):
        daemon = self.start_with_ca({NAME: {"acme_enabled": True}})
        first = self.await_issued(daemon, NAME)
        leaf = self.authority.issue(NAME)
        self.put(NAME, leaf)
        self.await_served(daemon.address("tls"), NAME, leaf)
        eventually(lambda: self.row(daemon, NAME)["certificate"] == "by_hand", 5, "the operator's own is seen")
        self.assertEqual(daemon.status()["automatic"]["by_hand"], [NAME])
        refused = daemon.command("acme", "renew", NAME)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("operator", refused.stdout + refused.stderr)
        self.assertEqual(self.pem_of(NAME).read_text(), leaf.pem)
        self.pem_of(NAME).unlink()
        eventually(lambda: self.await_issued(daemon, NAME) not in (first, leaf.sha256), 30,
                   "a new certificate of the CA's")

    def test_a_certificate_that_was_there_before_is_never_touched(self):
        leaf = self.authority.issue(NAME)
        self.put(NAME, leaf)
        daemon = self.start_with_ca({NAME: {"acme_enabled": True},
                                     "other.softphone.example": {"acme_enabled": True}})
        self.await_issued(daemon, "other.softphone.example")
        self.assertEqual(self.pem_of(NAME).read_text(), leaf.pem)
        self.assertEqual(self.row(daemon, NAME)["certificate"], "by_hand")

    def test_renew_now_makes_a_new_one_with_another_key(self):
        daemon = self.start_with_ca({NAME: {"acme_enabled": True}})
        first = self.await_issued(daemon, NAME)
        done = daemon.command("acme", "renew", NAME, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        eventually(lambda: self.await_issued(daemon, NAME) != first, 10, "the new one")


if __name__ == "__main__":
    unittest.main()
