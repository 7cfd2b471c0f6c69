"""Certificates and members of their chains that near their end, end soon or have ended are told once
a day, each at its level: in the log, to the hook program, by `status`, `expiring` and metrics;
neither a reload nor a restart repeats it."""

import json
import pathlib
import re
import shutil
import stat
import tempfile
import unittest

from arbortls_test.ca import Authority, days
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.wait import eventually

NEAR = "near.softphone.example"
SOON = "soon.softphone.example"
OLD = "old.softphone.example"
SHORT = ("a.short.example", "b.short.example")
MIDDLE = "CN=Short Root Intermediate"
TELLING = re.compile(r"(info|warning|error)\s+((?:certificate|chain member|CA) .*?) domain=(\S+)")

HOOK = """#!/bin/sh
env | grep ^ARBORTLS_ > "{told}/.$$"
mv "{told}/.$$" "{told}/$$.facts"
"""


class Expiry(PromiseCase):
    def setUp(self):
        super().setUp()
        short = Authority("Short Root", intermediate=True, intermediate_end=days(10.5))
        leaves = {
            MASTER: self.authority.issue(MASTER),
            NEAR: self.authority.issue(NEAR, end=days(29.5)),
            SOON: self.authority.issue(SOON, end=days(13.5)),
            OLD: self.authority.issue(OLD, start=days(-40), end=days(-1.5)),
            **{name: short.issue(name) for name in SHORT},
        }
        self.daemon = self.start_with_domains(leaves, hooks={"expiring": str(self.hook())})
        self.await_look()

    def hook(self):
        """A program, and a directory for what it is told, that any user can reach."""
        place = pathlib.Path(tempfile.mkdtemp(prefix="arbortls-hook-"))
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        self.told = place / "told"
        self.told.mkdir()
        place.chmod(0o755)
        self.told.chmod(0o777)
        program = place / "hook"
        program.write_text(HOOK.format(told=self.told))
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        return program

    def await_look(self, after=None):
        """Returns when the watch has looked, later than at `after`."""
        eventually(lambda: self.daemon.status()["expiry"].get("looked") not in (None, after),
                   what="a look at what ends")

    def tellings(self, since=0):
        found = map(TELLING.search, self.daemon.lines[since:])
        return sorted(match.groups() for match in filter(None, found))

    def facts(self):
        """What each run of the hook was told."""
        return [dict(line.split("=", 1) for line in path.read_text().splitlines())
                for path in self.told.glob("*.facts")]

    EXPECTED = sorted([
        ("info", "certificate nears its end", NEAR),
        ("warning", "certificate ends soon", SOON),
        ("error", "certificate has expired", OLD),
        ("warning", "chain member ends soon", SHORT[0]),
    ])

    def test_each_is_told_once_at_its_level(self):
        eventually(lambda: self.tellings() == self.EXPECTED, what="four lines")
        line = next(each for each in self.daemon.lines if "chain member ends soon" in each)
        self.assertIn(MIDDLE, line)
        self.assertRegex(line, r"not_after=\S+ days_left=10")
        self.assertIn("1 other", line)

    def test_the_hook_gets_the_facts(self):
        eventually(lambda: len(self.facts()) == 4, what="four runs of the hook")
        by_domain = {each["ARBORTLS_DOMAIN"]: each for each in self.facts()}
        self.assertEqual(set(by_domain), {NEAR, SOON, OLD, SHORT[0]})
        old = by_domain[OLD]
        self.assertEqual((old["ARBORTLS_EVENT"], old["ARBORTLS_WHAT"], old["ARBORTLS_LEVEL"]),
                         ("expiring", "expired", "error"))
        self.assertEqual(old["ARBORTLS_SUBJECT"], f"CN={OLD}")
        self.assertAlmostEqual(int(old["ARBORTLS_NOT_AFTER"]), days(-1.5).timestamp(), delta=600)
        self.assertEqual(by_domain[SOON]["ARBORTLS_DAYS_LEFT"], "13")
        self.assertEqual(by_domain[SHORT[0]]["ARBORTLS_KIND"], "chain member")

    def test_neither_a_reload_nor_a_restart_repeats_it(self):
        eventually(lambda: self.tellings() == self.EXPECTED, what="four lines")
        looked = self.daemon.status()["expiry"]["looked"]
        self.put("new.softphone.example", self.authority.issue("new.softphone.example", end=days(2)))
        mark = self.daemon.mark()
        while self.daemon.status()["expiry"]["looked"] == looked:  # its time has seconds
            self.assertEqual(self.daemon.reload().returncode, 0)
        new = [("warning", "certificate ends soon", "new.softphone.example")]
        eventually(lambda: self.tellings(mark) == new, what="the new one alone")
        self.daemon.stop()
        self.daemon.start()
        self.await_look()
        self.daemon.stop()  # the log is complete
        self.assertEqual(self.tellings(mark), new)
        self.daemon.start()

    def test_status_and_metrics_count_and_expiring_lists(self):
        expiry = self.daemon.status()["expiry"]
        self.assertEqual((expiry["near"], expiry["soon"], expiry["expired"]), (1, 2, 1))
        self.assertIn(OLD, expiry["worst"][0])
        metrics = self.daemon.request("GET", "/metrics")[1]
        for line in ("arbortls_ending_soon 2", "arbortls_expired 1", "arbortls_renewals_overdue 0"):
            self.assertIn(line + "\n", metrics)
        left = int(re.search(r"arbortls_earliest_end_seconds (-\d+)\n", metrics)[1])
        self.assertAlmostEqual(left, -1.5 * 86400, delta=600)
        rows = json.loads(self.daemon.command("expiring", "--json").stdout)
        self.assertEqual([row["domain"] for row in rows], [OLD, SHORT[0], SOON])
        self.assertEqual(rows[1]["subject"], MIDDLE)


if __name__ == "__main__":
    unittest.main()
