"""SIGTERM: accepting stops at once, connections that end by themselves lose nothing, those still
open after `drain_timeout` get close_notify, the log says how many were cut, and the exit status
is 0."""

import re
import signal
import threading
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, connect
from arbortls_test.wait import eventually


class Drain(PromiseCase):
    def serve(self, drain_timeout):
        self.daemon = self.start(self.config([self.backend()], drain_timeout=drain_timeout))
        self.address = self.daemon.address()

    def refused(self):
        try:
            connect(self.address).close()
        except ConnectionRefusedError:
            return True
        return False

    def cut(self):
        """How many the log says were cut."""
        return int(re.search(r"\bcut=(\d+)", self.daemon.log)[1])

    def test_connections_may_finish(self):
        self.serve("10s")
        clients = [TlsClient(self.address, MASTER) for _ in range(20)]
        for client in clients:
            client.talk(b"hello")
        self.daemon.terminate()
        self.daemon.notifications.wait_for("STOPPING", "1")
        eventually(self.refused, what="no more accepting")
        self.assertEqual(self.daemon.status()["state"], "draining")
        self.assertEqual(self.daemon.reload().returncode, 1)
        for client in clients:
            self.assertEqual(client.talk(b"still talking"), b"still talking")
        start = time.monotonic()
        for client in clients:
            client.close()
        self.assertEqual(self.daemon.wait(), 0)
        self.assertLess(time.monotonic() - start, 3)
        self.assertEqual(self.cut(), 0)

    def test_the_rest_is_cut_with_close_notify(self):
        self.serve("500ms")
        clients = [TlsClient(self.address, MASTER) for _ in range(7)]
        for client in clients:
            client.talk(b"hello")
        self.daemon.terminate()
        for client in clients:
            self.assertEqual(client.receive(), b"")  # b"" is close_notify; a bare FIN raises
            self.assertTrue(client.at_tcp_end())
        self.assertEqual(self.daemon.wait(), 0)
        self.assertEqual(self.cut(), 7)

    def test_under_load_no_accepted_connection_is_lost(self):
        self.serve("10s")
        failures, done, stop = [], [], threading.Event()

        def arrive():
            while not stop.is_set():
                try:
                    sock = connect(self.address)
                except ConnectionRefusedError:
                    return  # the end of accepting, as promised
                try:
                    with TlsClient("", MASTER, sock=sock) as client:
                        client.talk(b"x" * 2000)
                        client.close()
                        done.append(1)
                except ConnectionResetError as error:
                    failures.append(error)  # was in the queue when the listener closed

        threads = [threading.Thread(target=arrive) for _ in range(4)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(done) > 50, what="load")
        self.daemon.terminate()
        for thread in threads:
            thread.join(10)
        stop.set()
        self.assertEqual(self.daemon.wait(), 0)
        # Only what the kernel had queued and never handed over may be reset.
        self.assertLessEqual(len(failures), 4, failures)

    def test_a_second_signal_ends_it_at_once(self):
        self.serve("60s")
        with TlsClient(self.address, MASTER) as client:
            client.talk(b"hello")
            self.daemon.terminate()
            self.daemon.notifications.wait_for("STOPPING", "1")
            start = time.monotonic()
            self.daemon.process.send_signal(signal.SIGTERM)
            self.daemon.wait()
            self.assertLess(time.monotonic() - start, 3)

    def test_sigint_is_the_same(self):
        self.serve("10s")
        self.daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(self.daemon.wait(), 0)

    def test_sighup_while_draining_is_harmless(self):
        self.serve("10s")
        with TlsClient(self.address, MASTER) as client:
            client.talk(b"hello")
            self.daemon.terminate()
            self.daemon.notifications.wait_for("STOPPING", "1")
            for _ in range(5):
                self.daemon.process.send_signal(signal.SIGHUP)
                self.assertEqual(client.talk(b"still"), b"still")
            client.close()
        self.assertEqual(self.daemon.wait(), 0)


if __name__ == "__main__":
    unittest.main()
