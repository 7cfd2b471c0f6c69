"""When memory runs out in the middle of a connection, that connection is lost and nothing else: the n-th allocation
after a connection's begin fails, n = 0 to 799, in OpenSSL's code and in ours; the daemon lives and serves on."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient

SOURCE = os.path.join(os.environ["PYTHONPATH"].split(":")[0], "fail_malloc.c")


def sanitized():
    with open(os.environ["ARBORTLS"], "rb") as binary:
        content = binary.read()
    return b"__asan_init" in content or b"__tsan_init" in content


class FailedAllocation(PromiseCase):
    def preload(self):
        compiler = shutil.which("cc")
        if compiler is None:
            self.skipTest("no C compiler")
        folder = tempfile.mkdtemp(prefix="arbortls-oom-")
        self.addCleanup(shutil.rmtree, folder)
        library = os.path.join(folder, "fail_malloc.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
        return library

    @unittest.skipIf(sanitized(), "sanitizers bring an allocator of their own")
    def test_each_allocation_in_turn(self):
        daemon = self.start(self.config([self.backend()]), environment={"LD_PRELOAD": self.preload()})
        address = daemon.address()
        served = lost = 0
        for _ in range(800):
            daemon.process.send_signal(signal.SIGUSR2)
            try:
                with TlsClient(address, MASTER, timeout=5) as client:
                    client.talk(b"x" * 1000)
                    served += 1
                    client.close()
            except (OSError, AssertionError):
                lost += 1
            self.assertTrue(daemon.alive(), f"it died at allocation {served + lost - 1}")
        # Both must have happened, else nothing was tried, or nothing works.
        self.assertGreater(lost, 20)
        self.assertGreater(served, 20)
        # The last failure may still be due: it takes one more connection, not two.
        with contextlib.suppress(OSError):
            self.assert_works(address)
        self.assert_works(address)


if __name__ == "__main__":
    unittest.main()
