"""A CA that refuses nonces, wants an external account, reuses authorizations, has lost the account,
is down or comes late costs time and nothing else: each domain gets its certificate, and what is
served stays meanwhile."""

import base64
import json
import os
import stat
import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
WANTED = {NAME: {"acme_enabled": True}}


class Moods(AcmeCase):
    def renew(self, daemon, name=NAME):
        done = daemon.command("acme", "renew", name, timeout=90)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + daemon.log)

    def test_half_of_all_nonces_are_refused(self):
        daemon = self.start_with_ca(WANTED, ca={"switches": {"PEBBLE_WFE_NONCEREJECT": "50"}})
        self.await_issued(daemon, NAME, timeout=60)

    def test_validations_take_their_time_and_authorizations_are_reused(self):
        switches = {"PEBBLE_VA_NOSLEEP": "0", "PEBBLE_VA_SLEEPTIME": "2", "PEBBLE_AUTHZREUSE": "100"}
        daemon = self.start_with_ca(WANTED, ca={"switches": switches})
        self.await_issued(daemon, NAME, timeout=60)
        self.renew(daemon)

    def test_an_external_account_is_bound(self):
        secret = os.urandom(32)
        key = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
        hmac_file = self.directory / "eab.key"
        hmac_file.touch(0o600)
        hmac_file.write_text(key + "\n")
        daemon = self.start_with_ca(
            WANTED, ca={"eab": {"kid-1": key}},
            master={"acme_eab": {"kid": "kid-1", "hmac_key": f"file:{hmac_file}"}})
        self.await_issued(daemon, NAME)

    def test_without_the_external_account_that_it_wants_the_reason_is_told(self):
        daemon = self.start_with_ca(WANTED, ca={"eab": {"kid-1": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}})
        row = eventually(lambda: self.row(daemon, NAME).get("failures") and self.row(daemon, NAME), 20, "a failure")
        self.assertIn("acme_eab", row["problem"])

    def test_a_lost_account_is_made_anew(self):
        daemon = self.start_with_ca(WANTED)
        first = self.await_issued(daemon, NAME)
        self.ca.stop_ca()
        self.ca.start()
        self.renew(daemon)
        eventually(lambda: self.await_issued(daemon, NAME) != first, 10, "the new certificate")

    def test_a_ca_that_is_down_is_tried_again_and_a_restart_forgets_nothing(self):
        self.make_ca()
        daemon = self.start(self.acme_config(WANTED))
        eventually(lambda: self.row(daemon, NAME).get("failures"), 60, "a failure")
        daemon.stop()
        ledger = self.directory / "state" / "acme" / "ledger.json"
        self.assertEqual(stat.S_IMODE(ledger.stat().st_mode), 0o600)
        self.assertEqual(json.loads(ledger.read_text())["domains"][NAME]["failures"], 1)
        self.ca.start()
        daemon.start()
        self.assertEqual(self.row(daemon, NAME)["failures"], 1)
        self.renew(daemon)  # an operator need not wait for the backoff
        self.await_issued(daemon, NAME)
        self.assertNotIn("failures", self.row(daemon, NAME))

    def test_the_account_key_is_made_once_and_kept(self):
        daemon = self.start_with_ca(WANTED)
        self.await_issued(daemon, NAME)
        keys = list((self.directory / "state" / "acme").glob("account-*.key"))
        self.assertEqual(len(keys), 1)
        self.assertEqual(stat.S_IMODE(keys[0].stat().st_mode), 0o600)
        before = keys[0].read_bytes()
        daemon.stop()
        daemon.start()
        self.renew(daemon)
        self.assertEqual(keys[0].read_bytes(), before)
        self.assertEqual(self.ca.log.count("accounts in memory"), 1)


if __name__ == "__main__":
    unittest.main()
