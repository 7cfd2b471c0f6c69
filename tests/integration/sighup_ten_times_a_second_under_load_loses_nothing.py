"""Twenty SIGHUPs at ten a second, with the certificate changed before each, while long calls talk
and new connections arrive: none of either fails, the last certificate is served, and neither
descriptors nor threads pile up."""

import os
import signal
import threading
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.load import Arrivals, Calls
from arbortls_test.wait import eventually


class HangUps(PromiseCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_with_domains({MASTER: self.authority.issue(MASTER)})
        self.address = self.daemon.address()

    def threads(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/task"))

    def test_twenty_hang_ups(self):
        calls = Calls(self.address, [MASTER] * 10)
        arrivals = Arrivals(self.address, [MASTER])
        self.daemon.hang_up()
        threads = self.threads()
        pace = threading.Event()
        for _ in range(20):
            leaf = self.authority.issue(MASTER)
            self.put(MASTER, leaf)
            self.daemon.process.send_signal(signal.SIGHUP)
            pace.wait(0.1)  # the pace is what is promised
        self.await_served(self.address, MASTER, leaf)
        arrivals.finish()
        calls.finish()
        self.daemon.hang_up()
        self.assertTrue(self.daemon.status()["last_reload"]["ok"])
        self.assertEqual(self.threads(), threads)

    def test_descriptors_and_memory_are_flat_over_many_reloads(self):
        for _ in range(5):
            self.daemon.hang_up()
        descriptors = eventually(self.daemon.descriptors)
        resident = self.daemon.resident()
        for _ in range(200):
            self.daemon.hang_up()
        eventually(lambda: self.daemon.descriptors() <= descriptors, what="descriptors to be flat")
        if not binary_is_sanitized():
            self.assertLess(self.daemon.resident() - resident, 2 << 20)

    def test_listeners_come_and_go(self):
        calls = Calls(self.address, [MASTER] * 2)
        config = self.config([self.echo], domains_dir=str(self.domains_dir))
        both = {**config, "listeners": config["listeners"] + [self.listener(name="second")]}
        self.daemon.write_config(both)
        self.assertEqual(self.daemon.reload().returncode, 0)
        second = self.daemon.address("second")
        self.assertEqual(self.daemon.address("tls"), self.address)
        self.assert_works(second)
        on_second = Calls(second, [MASTER])
        self.daemon.write_config(config)
        self.assertEqual(self.daemon.reload().returncode, 0)
        eventually(lambda: self.refuses(second), what="the second listener's end")
        on_second.finish()
        calls.finish()

    def test_an_address_in_use_is_refused_and_nothing_changes(self):
        config = self.config([self.echo], domains_dir=str(self.domains_dir))
        taken = self.backend()
        self.daemon.write_config({**config, "listeners": config["listeners"] + [
            self.listener(name="second", address=taken.address)]})
        result = self.daemon.reload()
        self.assertEqual(result.returncode, 1)
        self.assertIn(taken.address, result.stdout + result.stderr)
        self.assert_works(self.address)

    def refuses(self, address):
        try:
            self.assert_works(address)
        except ConnectionRefusedError:
            return True
        return False

    def test_a_new_backend_is_used_by_new_connections_only(self):
        calls = Calls(self.address, [MASTER])
        other = self.backend()
        config = self.config([other], domains_dir=str(self.domains_dir))
        self.daemon.write_config(config)
        start = time.monotonic()
        self.daemon.hang_up()
        self.assertLess(time.monotonic() - start, 2)
        self.assert_works(self.address)
        other.wait_for_peers(1)
        calls.finish()


if __name__ == "__main__":
    unittest.main()
