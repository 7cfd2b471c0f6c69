"""A certificate whose intermediate stands only in another domain's text is served as it is, and
`status` and `check` say which intermediate is missing and where it is; with `complete_chains: true`
it is served complete, also if the other domain comes later, without a reload."""

import unittest

from arbortls_test.ca import Authority
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.daemon import run
from arbortls_test.wait import eventually

LACKING = "lacking.softphone.example"
WHOLE = "whole.softphone.example"


def chain_length(daemon, name):
    with TlsClient(daemon.address(), name) as client:
        return client.chain_length


class Chains(PromiseCase):
    def setUp(self):
        super().setUp()
        chained = Authority("Chained", intermediate=True)
        self.lacking = chained.issue(LACKING)
        self.lacking.chain = []
        self.whole = chained.issue(WHOLE)

    def start_site(self, pems, **more):
        return self.start_with_domains({MASTER: self.authority.issue(MASTER), **pems}, **more)

    def test_it_is_told(self):
        daemon = self.start_site({LACKING: self.lacking, WHOLE: self.whole})
        told = f'lacks "CN=Chained Intermediate", which is known from {WHOLE}'
        eventually(lambda: told in daemon.problems().replace('\\"', '"'), what="the warning")
        self.assertEqual(chain_length(daemon, LACKING), 1)
        self.assertEqual(chain_length(daemon, WHOLE), 2)
        checked = run("check", "-c", daemon.config_file)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertIn(told, checked.stdout)

    def test_it_is_completed_where_asked(self):
        daemon = self.start_site({LACKING: self.lacking, WHOLE: self.whole}, complete_chains=True)
        eventually(lambda: chain_length(daemon, LACKING) == 2, what="the chain to be complete")
        with TlsClient(daemon.address(), LACKING) as client:
            self.assertEqual(client.sha256, self.lacking.sha256)

    def test_it_is_completed_when_the_other_comes_later(self):
        daemon = self.start_site({LACKING: self.lacking}, complete_chains=True)
        self.assertEqual(chain_length(daemon, LACKING), 1)
        self.assertIn("chain is missing", daemon.problems())
        self.put(WHOLE, self.whole)
        eventually(lambda: chain_length(daemon, LACKING) == 2, what="the chain to be complete")

    def test_the_setting_applies_at_a_reload(self):
        daemon = self.start_site({LACKING: self.lacking, WHOLE: self.whole})
        eventually(lambda: "lacks" in daemon.problems(), what="the warning")
        self.assertEqual(chain_length(daemon, LACKING), 1)
        daemon.write_config(self.config([self.echo], domains_dir=str(self.domains_dir),
                                        complete_chains=True))
        daemon.hang_up()
        eventually(lambda: chain_length(daemon, LACKING) == 2, what="the chain to be complete")


if __name__ == "__main__":
    unittest.main()
