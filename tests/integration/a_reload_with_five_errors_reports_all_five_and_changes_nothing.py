"""A configuration with five errors: `reload` exits 1 and names each with file, line and column, so
do the log and `status`, `check` agrees, nothing that serves has changed, and a mended file is
taken at the next reload."""

import json
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.daemon import run
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

FIVE = """\
- {name: second, role: nonsense, address: "127.0.0.1:0"}
- {name: third, role: ws, address: "127.0.0.1", backend: nosuch}
drain_timeout: soon
unknown_key: 1
"""


class FiveErrors(PromiseCase):
    def setUp(self):
        super().setUp()
        self.leaf = self.authority.issue(MASTER)
        config = self.config([self.backend()],
                             domains=[{"name": MASTER, "certificate_pem": self.leaf.pem}])
        # In this order, so that the errors' lines are known.
        self.good = {key: config[key] for key in ("master_domain", "backends", "domains",
                                                  "listeners")}
        self.daemon = self.start(self.good)
        self.address = self.daemon.address()

    def break_it(self):
        """Goes on where the good file ends, which is in `listeners`."""
        text = self.daemon.config_file.read_text()
        self.first_line = text.count("\n") + 1
        self.daemon.write_config(text + FIVE)
        line = self.first_line
        self.expected = {line: "role", line + 1: "address|backend", line + 2: "drain_timeout",
                         line + 3: "unknown_key"}

    def assert_all_five(self, text):
        for line, words in self.expected.items():
            self.assertRegex(text, rf"arbortls\.yaml:{line}:\d+: [^\n]*({words})")
        third = self.first_line + 1
        self.assertEqual(text.count(f"arbortls.yaml:{third}:"), 2, text)

    def test_reload_command(self):
        self.break_it()
        calls = Calls(self.address, [MASTER])
        result = self.daemon.reload()
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assert_all_five(result.stdout + result.stderr)
        last = self.daemon.status()["last_reload"]
        self.assertFalse(last["ok"])
        errors = [each for each in last["problems"] if each["severity"] == "error"]
        self.assertEqual(len(errors), 5, last)
        for problem in errors:
            self.assertIn("line", problem["place"])
            self.assertTrue(problem["message"])
        self.assertEqual(served(self.address, MASTER), self.leaf.sha256)
        self.assertEqual([each["address"] for each in self.daemon.status()["listeners"]],
                         [self.address])
        calls.finish()

    def test_sighup(self):
        self.break_it()
        mark = self.daemon.mark()
        self.daemon.hang_up()
        eventually(lambda: not self.daemon.status()["last_reload"]["ok"], what="the refusal")
        for line, words in self.expected.items():
            self.daemon.wait_for_log(rf"arbortls\.yaml:{line}:\d+: .*({words})", since=mark)
        self.assertTrue(any(each.get("STATUS") for each in self.daemon.notifications.seen))
        self.assertEqual(served(self.address, MASTER), self.leaf.sha256)

    def test_check_agrees(self):
        self.break_it()
        result = run("check", "-c", self.daemon.config_file)
        self.assertEqual(result.returncode, 1)
        self.assert_all_five(result.stdout + result.stderr)

    def test_a_mended_file_is_taken(self):
        self.break_it()
        self.assertEqual(self.daemon.reload().returncode, 1)
        new = self.authority.issue(MASTER)
        self.daemon.write_config({**self.good, "domains": [
            {"name": MASTER, "certificate_pem": new.pem}]})
        result = self.daemon.reload()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertTrue(self.daemon.status()["last_reload"]["ok"])
        self.assertEqual(served(self.daemon.address(), MASTER), new.sha256)

    def test_an_empty_or_missing_file_is_refused(self):
        for break_it in (lambda: self.daemon.write_config(""), self.daemon.config_file.unlink):
            break_it()
            result = self.daemon.command("reload", "--socket", self.daemon.control)
            self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
            self.assertEqual(served(self.address, MASTER), self.leaf.sha256)

    def test_json(self):
        self.break_it()
        result = self.daemon.command("reload", "--json")
        self.assertEqual(result.returncode, 1)
        problems = json.loads(result.stdout)["problems"]
        self.assertEqual([each["severity"] for each in problems].count("error"), 5)


if __name__ == "__main__":
    unittest.main()
