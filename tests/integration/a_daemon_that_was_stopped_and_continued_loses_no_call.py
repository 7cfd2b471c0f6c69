"""SIGSTOP for three seconds, then SIGCONT: calls go on where they were, clients that arrived
meanwhile are served, and nothing is ended for a limit that was not reached."""

import signal
import time
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, connect


class Stopped(PromiseCase):
    def test_three_seconds(self):
        daemon = self.start(self.config([self.backend()], listener={
            "idle_timeout": "10s", "handshake_timeout": "10s"}))
        address = daemon.address()
        clients = [TlsClient(address, MASTER, timeout=15) for _ in range(20)]
        for client in clients:
            client.talk(b"hello")
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            waiting = [connect(address, timeout=15) for _ in range(5)]
            for client in clients:
                client.send(b"said meanwhile")
            time.sleep(3)  # the pause is what is tried
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        for client in clients:
            self.assertEqual(client.receive_exactly(14), b"said meanwhile")
            self.assertEqual(client.talk(b"still here"), b"still here")
        for sock in waiting:
            with TlsClient("", MASTER, sock=sock) as client:
                self.assertEqual(client.talk(b"hello"), b"hello")


if __name__ == "__main__":
    unittest.main()
