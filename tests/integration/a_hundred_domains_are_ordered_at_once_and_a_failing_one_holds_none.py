"""A hundred domains want a certificate at once and one of them can never get it: the others are all
served, the failing one is told of with its reason, and it is not ordered again and again."""

import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.wait import eventually

FAILING = "blocked.softphone.example"


class Hundred(AcmeCase):
    def test_hundred(self):
        names = [f"tenant{index}.softphone.example" for index in range(100)]
        wanted = {name: {"acme_enabled": True} for name in (*names, FAILING)}
        self.make_ca(blocklist=[FAILING]).start()
        daemon = self.start(self.acme_config(wanted))

        def rows():
            return {row["domain"]: row for row in daemon.request("GET", "/acme")[1]["domains"]}

        eventually(lambda: all(rows()[name]["certificate"] == "automatic" for name in names), 150,
                   "a certificate for each")
        row = eventually(lambda: rows()[FAILING].get("problem") and rows()[FAILING], 20, "its failure")
        self.assertIn(FAILING, row["problem"])
        self.assertLessEqual(row["failures"], 4)  # half a minute, then twice as long each time
        self.assertEqual(row["certificate"], "none")
        applied = daemon.explain(FAILING)["applied"]
        self.assertEqual(applied["source"], "default")


if __name__ == "__main__":
    unittest.main()
