"""When nobody reads the log any more and its pipe is full, connections, reloads and certificate
changes go on; once somebody reads again, lines come again, and one says how many were dropped."""

import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import connect, served
from arbortls_test.load import Calls


class StalledLog(PromiseCase):
    def test_a_full_pipe(self):
        leaf = self.authority.issue(MASTER)
        daemon = self.start_with_domains({MASTER: leaf}, log={"level": "debug"})
        address = daemon.address()
        calls = Calls(address, [MASTER])
        daemon.log_may_flow.clear()
        for _ in range(6000):  # a line of log each: more than pipe and queue hold
            with connect(address) as sock:
                sock.sendall(b"no TLS\n")
        self.assertEqual(served(address, MASTER), leaf.sha256)
        renewed = self.authority.issue(MASTER)
        self.put(MASTER, renewed)
        self.await_served(address, MASTER, renewed)
        daemon.hang_up()
        self.assert_works(address)
        calls.finish()
        mark = daemon.mark()
        daemon.log_may_flow.set()
        self.assert_works(address)
        daemon.wait_for_log("(?i)dropped|lost", since=mark)


if __name__ == "__main__":
    unittest.main()
