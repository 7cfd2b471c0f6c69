"""`daemon/try` shows a newcomer the daemon: the commands it prints work, and its end leaves nothing
behind."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from arbortls_test.daemon import BINARY
from arbortls_test.wait import eventually

TRY = pathlib.Path(__file__).resolve().parents[2] / "daemon" / "try"


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


class Try(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="arbortls-")
        self.addCleanup(self.directory.cleanup)
        self.environment = {**os.environ, "ARBORTLS": BINARY, "TMPDIR": self.directory.name}
        self.address = free_address()

    def start(self, *arguments, **more):
        return subprocess.Popen([TRY, *arguments, self.address], stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=self.environment, start_new_session=True, **more)

    def assert_nothing_left(self, group):
        self.assertEqual(os.listdir(self.directory.name), [])
        with self.assertRaises(ProcessLookupError):
            os.killpg(group, 0)

    def test_once_runs_what_it_prints(self):
        running = self.start("--once")
        output, _ = running.communicate(timeout=90)
        self.assertEqual(running.returncode, 0, output)
        self.assertIn("everything works", output)
        for command in ("openssl s_client", "curl ", "explain", "talk.py", "mv "):
            self.assertIn(command, output)
        self.assert_nothing_left(running.pid)

    def test_once_with_an_acme_ca(self):
        if not shutil.which("pebble"):
            self.skipTest("pebble is not installed")
        running = self.start("--acme", "--once")
        output, _ = running.communicate(timeout=150)
        self.assertEqual(running.returncode, 0, output)
        self.assertIn("everything works", output)
        for command in ("openssl s_client", "automatic=acme", "acme status", "acme renew"):
            self.assertIn(command, output)
        self.assert_nothing_left(running.pid)

    def test_ctrl_c_ends_everything(self):
        running = self.start()
        self.addCleanup(running.stdout.close)
        printed = iter(running.stdout.readline, "")
        self.assertTrue(any("Ctrl-C ends it" in line for line in printed))
        os.killpg(running.pid, signal.SIGINT)
        rest = running.stdout.read()
        self.assertEqual(running.wait(30), 130, rest)
        eventually(lambda: self.assert_nothing_left(running.pid) or True, 5, "the end of everything")

    def test_a_taken_port_is_said(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            self.address = "127.0.0.1:%d" % other.getsockname()[1]
            running = self.start("--once")
            output, _ = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 1, output)
        self.assertIn("ended at its start", output)
        self.assert_nothing_left(running.pid)


if __name__ == "__main__":
    unittest.main()
