"""Hook programs learn the facts of what was renewed and what failed, as nobody and without secrets.
A place that cannot be written is told before anything is ordered. Settings that change while an
order is under way let go of it, and what is asked for now comes."""

import os
import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
BLOCKED = "blocked.softphone.example"
WANTED = {"acme_enabled": True}


class Told(AcmeCase):
    def hook(self):
        """A program that writes what it is told into FILE, its argument."""
        program = self.directory / "hook"
        program.write_text('#!/bin/sh\n{ env; id -un; } >"$1.new" && mv "$1.new" "$1"\n')
        program.chmod(0o755)
        self.directory.chmod(0o755)  # it runs as somebody else
        told = self.directory / "told"
        told.mkdir()
        told.chmod(0o777)
        return lambda event: [str(program), str(told / event)]

    def facts(self, event):
        path = self.directory / "told" / event
        text = eventually(lambda: path.exists() and path.read_text(), 30, f"the {event} hook")
        return dict(line.partition("=")[::2] for line in text.splitlines())

    def test_hooks_learn_what_was_renewed_and_what_failed(self):
        hook = self.hook()
        daemon = self.start_with_ca({NAME: WANTED, BLOCKED: WANTED}, ca={"blocklist": [BLOCKED]},
                                    hooks={"renewed": hook("renewed"), "failed": hook("failed")})
        renewed = self.facts("renewed")
        self.assertEqual(renewed["ARBORTLS_EVENT"], "renewed")
        self.assertEqual(renewed["ARBORTLS_DOMAIN"], NAME)
        self.assertEqual(renewed["ARBORTLS_FILE"], str(self.pem_of(NAME)))
        self.assertEqual(renewed["ARBORTLS_BY"], "acme")
        failed = self.facts("failed")
        self.assertEqual((failed["ARBORTLS_EVENT"], failed["ARBORTLS_DOMAIN"]), ("failed", BLOCKED))
        self.assertIn(BLOCKED, failed["ARBORTLS_PROBLEM"])
        self.assertGreater(int(failed["ARBORTLS_NEXT_TRY"]), 0)
        for facts in (renewed, failed):
            self.assertNotIn("NOTIFY_SOCKET", facts)
            self.assertNotIn("PRIVATE KEY", str(facts))
            if os.geteuid() == 0:
                self.assertIn("nobody", facts)
        self.assert_works(daemon.address("tls"), NAME)

    def test_a_place_that_cannot_be_written_is_told_before_anything_is_ordered(self):
        self.make_ca().start()
        self.domains_dir.chmod(0o555)
        self.directory.chmod(0o777)
        user = "nobody" if os.geteuid() == 0 else None  # nothing is forbidden to root
        daemon = self.start(self.acme_config({NAME: WANTED}), user=user)
        row = eventually(lambda: self.row(daemon, NAME).get("problem") and self.row(daemon, NAME),
                         20, "a failure")
        self.assertIn(f"{self.domains_dir}: cannot be written", row["problem"])
        self.assertNotIn("/dir", self.ca.log.partition("ACME directory")[2].partition("\n")[2])
        self.domains_dir.chmod(0o777)
        self.assertEqual(daemon.command("acme", "renew", NAME, timeout=60).returncode, 0)
        self.await_issued(daemon, NAME)

    def test_settings_changed_while_an_order_is_under_way(self):
        front = self.front_of_ca()
        gate = front.gate("/chalZ/")
        master = {"acme_directory": front.directory}
        daemon = self.start(self.acme_config({NAME: WANTED}, master=master))
        self.assertIs(front.reached.get(timeout=20), gate)
        config = self.acme_config({NAME: {**WANTED, "acme_extra_names": ["www.softphone.example"]}},
                                  master=master)
        config["backends"][0]["servers"] = [self.backend().address]
        daemon.write_config(config)
        self.assertEqual(daemon.reload().returncode, 0)
        eventually(lambda: front.count("/order-plz") == 2, 20, "an order for both names")
        gate.open()
        self.await_issued(daemon, NAME)
        names = [each["value"] for each in front.payloads("/order-plz")[1]["identifiers"]]
        self.assertEqual(sorted(names), [NAME, "www.softphone.example"])

    def test_a_domain_that_goes_while_its_order_is_under_way(self):
        front = self.front_of_ca()
        gate = front.gate("/chalZ/")
        master = {"acme_directory": front.directory}
        daemon = self.start(self.acme_config({NAME: WANTED, "other.softphone.example": WANTED},
                                             master=master))
        front.reached.get(timeout=20)
        daemon.write_config(self.acme_config({"other.softphone.example": WANTED}, master=master))
        self.assertEqual(daemon.reload().returncode, 0)
        gate.open()
        self.await_issued(daemon, "other.softphone.example")
        rows = daemon.request("GET", "/acme")[1]["domains"]
        self.assertEqual([row["domain"] for row in rows], ["other.softphone.example"])


if __name__ == "__main__":
    unittest.main()
