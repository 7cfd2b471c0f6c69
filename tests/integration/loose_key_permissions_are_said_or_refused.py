"""A key file that group or others may read is served with a warning; with `strict_key_permissions`
it is not served, and the last good certificate stays; mended permissions mend it."""

import os
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.wait import eventually


class Permissions(PromiseCase):
    def loosen(self, leaf):
        aside = self.domains_dir / ".aside"
        aside.write_text(leaf.pem)
        os.chmod(aside, 0o644)
        aside.rename(self.domains_dir / f"{MASTER}.pem")

    def test_a_warning(self):
        leaf, loose = self.authority.issue(MASTER), self.authority.issue(MASTER)
        daemon = self.start_with_domains({MASTER: leaf})
        self.assertEqual(daemon.status()["problems"], [])
        self.loosen(loose)
        self.await_served(daemon.address(), MASTER, loose)
        eventually(lambda: "chmod" in daemon.problems(), what="the warning")
        os.chmod(self.domains_dir / f"{MASTER}.pem", 0o600)
        daemon.hang_up()
        self.assertEqual(daemon.status()["problems"], [])

    def test_refused_where_strict(self):
        leaf, loose = self.authority.issue(MASTER), self.authority.issue(MASTER)
        daemon = self.start_with_domains({MASTER: leaf}, strict_key_permissions=True)
        self.loosen(loose)
        eventually(lambda: "chmod" in daemon.problems(), what="the problem")
        self.assertEqual(served(daemon.address(), MASTER), leaf.sha256)
        os.chmod(self.domains_dir / f"{MASTER}.pem", 0o600)
        daemon.hang_up()
        self.assertEqual(served(daemon.address(), MASTER), loose.sha256)


if __name__ == "__main__":
    unittest.main()
