"""The state directory read-only, full, replaced by a file or removed while running: the daemon
starts and serves with what it holds in memory, changes certificates, says so in log and status,
and uses the directory again once it can."""

import os
import shutil
import subprocess
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, make_context, served
from arbortls_test.wait import eventually


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


class FailingState(PromiseCase):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        self.leaf = self.authority.issue(MASTER)

    def serve(self):
        self.daemon = self.start_with_domains({MASTER: self.leaf})
        self.address = self.daemon.address()

    def mount(self, *options):
        self.state.mkdir(mode=0o700)
        if os.geteuid() != 0 or not mount("-t", "tmpfs", *options, "none", str(self.state)):
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.state)], check=False)

    def assert_serves_and_says_so(self):
        self.assert_works(self.address)
        self.assertEqual(served(self.address, MASTER), self.leaf.sha256)
        served(self.address)  # the default certificate, in memory if need be
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        self.await_served(self.address, MASTER, renewed)
        context = make_context("1.3")
        with TlsClient(self.address, MASTER, context=context) as client:
            client.talk(b"hello")
            session = client.session
        with TlsClient(self.address, MASTER, context=context, session=session) as client:
            self.assertTrue(client.resumed)
        self.assertRegex(self.daemon.log, f"(?i){self.state}|state")
        eventually(lambda: str(self.state) in self.daemon.problems(), what="status to say so")

    def test_a_file_in_its_place(self):
        self.state.write_text("not a directory")
        self.serve()
        self.assert_serves_and_says_so()

    def test_read_only(self):
        self.mount("-o", "ro,size=64k")
        self.serve()
        self.assert_serves_and_says_so()

    def test_full(self):
        self.mount("-o", "size=64k,mode=0700")
        with open(self.state / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        self.serve()
        self.assert_serves_and_says_so()

    def test_full_and_free_again(self):
        self.mount("-o", "size=64k,mode=0700")
        self.serve()
        first = served(self.address)
        with open(self.state / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 1024):
                    pass
            except OSError:
                pass
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        self.await_served(self.address, MASTER, renewed)
        os.unlink(self.state / "filler")
        self.daemon.hang_up()
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(served(self.daemon.address()), first, "another default certificate")

    def test_removed_while_running(self):
        self.serve()
        self.state.rename(self.directory / "aside")  # at once, whatever is being written
        shutil.rmtree(self.directory / "aside", ignore_errors=True)
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        self.await_served(self.address, MASTER, renewed)
        self.daemon.hang_up()
        self.assert_works(self.address)


if __name__ == "__main__":
    unittest.main()
