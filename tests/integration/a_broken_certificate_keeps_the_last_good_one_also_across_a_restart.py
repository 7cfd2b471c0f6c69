"""Whatever happens to a domain's certificate file (cut short anywhere, another's key, far too
large, a directory in its place, unreadable, gone to a dangling link), its last good certificate
is served, other domains are untouched, `status` shows the problem until it is mended, and a
restart changes none of this."""

import os
import re
import shutil
import time
import unittest

from arbortls_test.ca import days
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
OTHER = "other.softphone.example"


class Broken(PromiseCase):
    def setUp(self):
        super().setUp()
        self.leaves = {name: self.authority.issue(name) for name in (MASTER, NAME, OTHER)}
        self.daemon = self.start_with_domains(self.leaves)
        self.address = self.daemon.address()
        self.path = self.domains_dir / f"{NAME}.pem"

    def replace_by(self, make):
        """Removes the file and lets `make` put something else there."""
        self.path.unlink()
        make()

    def problem(self, reason=""):
        return next((each for each in self.daemon.status()["problems"]
                     if NAME in str(each) and re.search(reason, each["message"])), None)

    def expect_last_good(self, reason):
        problem = eventually(lambda: self.problem(reason), 3, f"the problem {reason} in status")
        self.assertRegex(str(problem), re.escape(f"{NAME}.pem"))
        for name, leaf in self.leaves.items():
            self.assertEqual(served(self.address, name), leaf.sha256, name)

    def expect_all_the_way(self, reason):
        """Now, after a restart, and until mended."""
        self.expect_last_good(reason)
        self.daemon.stop()
        self.daemon.start()
        self.address = self.daemon.address()
        self.expect_last_good(reason)
        self.mend()

    def mend(self):
        new = self.authority.issue(NAME)
        if self.path.is_dir():
            self.path.rmdir()
        self.leaves[NAME] = new
        self.put(NAME, new)
        self.await_served(self.address, NAME, new)
        eventually(lambda: self.problem() is None, what="status to be clean again")

    def test_garbage(self):
        self.put(NAME, "this is no certificate\n")
        self.expect_all_the_way(r"(?i)no |nothing")

    def test_the_key_of_another_certificate(self):
        self.put(NAME, self.authority.issue(NAME).key_pem + self.leaves[NAME].certificate_pem)
        self.expect_all_the_way(r"(?i)key")

    def test_ten_megabytes(self):
        self.put(NAME, self.leaves[NAME].pem + "x" * 10_000_000)
        self.expect_all_the_way(r"(?i)large|long|big|over|size|bytes")

    def test_a_directory_in_its_place(self):
        self.replace_by(self.path.mkdir)
        self.expect_all_the_way(r"(?i)director|file")

    def test_a_dangling_link_in_its_place(self):
        self.replace_by(lambda: self.path.symlink_to("nowhere"))
        self.expect_all_the_way(r"(?i)no such|not exist|cannot|missing")

    def test_a_pipe_that_nobody_writes_to(self):
        self.replace_by(lambda: os.mkfifo(self.path))
        self.expect_all_the_way(r"(?i)file")

    def test_a_weak_key(self):
        self.put(NAME, self.authority.issue(NAME, key="rsa1024"))
        self.expect_all_the_way(r"1024|2048")

    def test_not_yet_valid(self):
        self.put(NAME, self.authority.issue(NAME, start=days(2)))
        self.expect_all_the_way(r"(?i)not (yet )?valid")

    def test_empty(self):
        self.put(NAME, "")
        self.expect_all_the_way(r"(?i)empty|no ")


class CutShort(PromiseCase):
    def test_at_every_tenth_byte(self):
        good, whole = self.authority.issue(NAME), self.authority.issue(NAME).pem
        daemon = self.start_with_domains({NAME: good})
        address = daemon.address()
        calls = Calls(address, [NAME])
        end_of_certificate = len(whole.rstrip())  # from here on the text is whole
        for size in range(0, end_of_certificate, 10):
            if whole[:size].rstrip().endswith("-----END CERTIFICATE-----"):
                continue  # cut between two blocks it is a sound text with a shorter chain
            self.put(NAME, whole[:size])
            self.assertEqual(served(address, NAME), good.sha256, f"cut at {size}")
        eventually(lambda: NAME in daemon.problems(), what="the problem in status")
        self.assertEqual(served(address, NAME), good.sha256)
        self.put(NAME, whole)
        eventually(lambda: served(address, NAME) != good.sha256, what="the whole one")
        calls.finish()

    def test_in_place_at_every_hundredth_byte(self):
        good, whole = self.authority.issue(NAME), self.authority.issue(NAME).pem
        daemon = self.start_with_domains({NAME: good}, watch={"settle": "10ms"})
        path = self.domains_dir / f"{NAME}.pem"
        for size in range(0, len(whole) - 10, 100):
            path.write_text(whole[:size])
            time.sleep(0.03)  # longer than the settling time, so that each state is read
            self.assertEqual(served(daemon.address(), NAME), good.sha256, f"cut at {size}")
        path.write_text(whole)
        eventually(lambda: served(daemon.address(), NAME) != good.sha256, what="the whole one")


@unittest.skipUnless(os.geteuid() == 0, "needs to run the daemon as another user")
class Unreadable(PromiseCase):
    def test_a_file_without_read_permission(self):
        good = self.authority.issue(NAME)
        os.chmod(self.directory, 0o777)
        self.domains_dir.mkdir()
        path = self.put(NAME, good)
        shutil.chown(path, "nobody")
        config = self.config([self.backend()], domains_dir=str(self.domains_dir))
        daemon = self.start(config, user="nobody")
        address = daemon.address()
        self.await_served(address, NAME, good)
        self.put(NAME, self.authority.issue(NAME))  # root's own, 0600
        eventually(lambda: NAME in daemon.problems(), what="the problem in status")
        self.assertRegex(daemon.problems(), "(?i)permission")
        self.assertEqual(served(address, NAME), good.sha256)


if __name__ == "__main__":
    unittest.main()
