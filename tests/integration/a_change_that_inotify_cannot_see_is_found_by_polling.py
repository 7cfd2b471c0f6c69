"""A file that changes by a mount over it makes no inotify event (as on network file systems): the
poll finds it."""

import os
import subprocess
import unittest

from arbortls_test.case import MASTER, PromiseCase


@unittest.skipUnless(os.geteuid() == 0, "needs to mount")
class Polled(PromiseCase):
    def test_a_bind_mount_over_the_file(self):
        old, new = self.authority.issue(MASTER), self.authority.issue(MASTER)
        daemon = self.start_with_domains({MASTER: old}, watch={"poll_interval": "1s"})
        self.await_served(daemon.address(), MASTER, old)
        file = self.domains_dir / f"{MASTER}.pem"
        (self.directory / "over.pem").write_text(new.pem)
        mounted = subprocess.run(["mount", "--bind", self.directory / "over.pem", file],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", file], check=True)
        self.await_served(daemon.address(), MASTER, new, timeout=3)


if __name__ == "__main__":
    unittest.main()
