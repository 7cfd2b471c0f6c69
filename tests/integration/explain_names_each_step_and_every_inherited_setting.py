"""`explain --json` lists the steps of the selection order in their order, the applied certificate
with its names and dates, the inherited settings with where each came from, and warns of what is
served but wrong."""

import unittest

from arbortls_test.ca import days
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.daemon import run

STEP = {"stage", "subject", "outcome"}
APPLIED = {"source", "domain", "subject", "sha256", "not_after", "covers_name", "expired",
           "key_types"}


class Explained(PromiseCase):
    def setUp(self):
        super().setUp()
        self.leaf = self.authority.issue("acme.softphone.example")
        old = self.authority.issue("old.example", start=days(-9), end=days(-1))
        config = self.config([self.backend()], domains=[
            {"name": MASTER, "idle_timeout": "2h"},
            {"name": "acme.softphone.example", "certificate_pem": self.leaf.pem,
             "backend": "other"},
            {"name": "sub.acme.softphone.example"},
            {"name": "old.example", "certificate_pem": old.pem},
        ])
        config["backends"].append({"name": "other", "servers": ["127.0.0.1:9"]})
        self.daemon = self.start(config)

    def stages(self, explained):
        for step in explained["steps"]:
            self.assertLessEqual(STEP, set(step))
        return [(step["stage"], step["subject"]) for step in explained["steps"]]

    def test_off_line_and_live_say_the_same(self):
        for name in ("sub.acme.softphone.example", "x.y.example", None):
            self.assertEqual(self.daemon.explain(name, live=False),
                             self.daemon.explain(name, live=True), name)

    def test_steps_of_a_name_in_the_tree(self):
        explained = self.daemon.explain("sub.acme.softphone.example")
        self.assertEqual(self.stages(explained)[:2], [("domain", "sub.acme.softphone.example"),
                                                      ("ancestor", "acme.softphone.example")])

    def test_steps_of_a_name_that_is_not_in_the_tree(self):
        explained = self.daemon.explain("a.b.unknown.test")
        stages = self.stages(explained)
        self.assertEqual([stage for stage, _ in stages],
                         ["domain", "suffix", "suffix", "suffix", "master", "certdir", "default"])
        self.assertEqual(stages[3:5], [("suffix", "test"), ("master", MASTER)])

    def test_the_applied_certificate(self):
        applied = self.daemon.explain("SUB.acme.softphone.example.")["applied"]
        self.assertLessEqual(APPLIED, set(applied))
        self.assertEqual(applied["sha256"], self.leaf.sha256)
        self.assertEqual(applied["domain"], "acme.softphone.example")
        self.assertFalse(applied["covers_name"])
        self.assertFalse(applied["expired"])
        self.assertEqual(applied["key_types"], ["ecdsa"])

    def test_settings_follow_the_name(self):
        settings = self.daemon.explain("sub.acme.softphone.example")["settings"]
        self.assertEqual(settings["backend"]["value"], "other")
        self.assertIn("acme.softphone.example", settings["backend"]["from"])
        self.assertIn(MASTER, settings["idle_timeout"]["from"])

    def test_warnings(self):
        explained = self.daemon.explain("old.example")
        self.assertTrue(explained["applied"]["expired"])
        self.assertRegex(" ".join(explained["warnings"]), "expired")
        uncovered = self.daemon.explain("sub.acme.softphone.example")
        self.assertTrue(uncovered["warnings"])
        self.assertEqual(self.daemon.explain("acme.softphone.example")["warnings"], [])

    def test_exit_codes(self):
        file = self.daemon.config_file
        self.assertEqual(run("explain", "-c", file, "--listener", "nosuch", MASTER).returncode, 1)
        self.assertEqual(run("explain", "-c", file, "a..b").returncode, 1)
        self.assertEqual(run("explain", "-c", file).returncode, 2)
        self.assertEqual(run("explain", "-c", file, "--nonsense", MASTER).returncode, 2)


if __name__ == "__main__":
    unittest.main()
