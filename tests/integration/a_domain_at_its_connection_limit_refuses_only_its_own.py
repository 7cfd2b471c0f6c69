"""`max_connections` counts at the domain that sets it, for all names that have it from there: at
the limit they are refused by an alert, other domains are served, live calls go on, a place that
becomes free is given away, and `none` frees a domain from its parent's limit."""

import ssl
import threading
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.wait import eventually

DOMAINS = [{"name": MASTER},
           {"name": "acme.example", "max_connections": 2},
           {"name": "berlin.acme.example"},
           {"name": "free.acme.example", "max_connections": "none"},
           {"name": "own.acme.example", "max_connections": 1},
           {"name": "other.example"}]


class Limited(PromiseCase):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(self.config([self.backend()], domains=DOMAINS,
                                             workers={"handshake": 3, "relay": 2}))
        self.address = self.daemon.address()

    def call(self, name):
        client = TlsClient(self.address, name)
        self.addCleanup(client.sock.close)
        self.assertEqual(client.talk(b"hello"), b"hello")
        return client

    def assert_refused(self, name):
        with self.assertRaisesRegex(ssl.SSLError, "(?i)alert internal error"):
            TlsClient(self.address, name)

    def test_names_below_share_the_count(self):
        calls = [self.call("acme.example"), self.call("berlin.acme.example")]
        for name in ("acme.example", "berlin.acme.example", "unknown.acme.example"):
            self.assert_refused(name)
        eventually(lambda: self.daemon.counter("refused.domain_connections") == 3, what="three refusals")
        for name in (MASTER, "other.example", "free.acme.example", "own.acme.example"):
            self.assert_works(self.address, name)
        for call in calls:
            self.assertEqual(call.talk(b"still here"), b"still here")
        calls[0].sock.close()
        eventually(lambda: self.assert_works(self.address, "unknown.acme.example"), 5, "a free place")
        self.daemon.wait_for_log(r"connection refused.*limit_of=acme\.example "
                                 r"reason=domain_connections")

    def test_status_and_explain_show_it(self):
        self.call("berlin.acme.example")
        row = next(row for row in self.daemon.status()["domain_limits"]
                   if row["set_by"] == "acme.example")
        self.assertEqual(row["connections"], "1 of 2")
        settings = self.daemon.explain("berlin.acme.example")["settings"]
        self.assertEqual(settings["max_connections"],
                         {"value": "2", "from": "domain acme.example"})

    def test_a_refused_client_that_resumes_is_refused_too(self):
        held = self.call("own.acme.example")
        session = held.session
        with self.assertRaises(ssl.SSLError):
            TlsClient(self.address, "own.acme.example", context=held.context, session=session)

    def test_a_crowd_at_once_gets_no_place_more(self):
        admitted = []

        def come():
            try:
                admitted.append(TlsClient(self.address, "acme.example"))
            except ssl.SSLError:
                pass

        crowd = [threading.Thread(target=come) for _ in range(40)]
        for client in crowd:
            client.start()
        for client in crowd:
            client.join()
        self.assertEqual(len(admitted), 2)
        for client in admitted:
            self.assertEqual(client.talk(b"hello"), b"hello")
            client.sock.close()
        eventually(lambda: self.daemon.counter("refused.domain_connections") == 38, what="the rest")

    def test_a_flood_on_one_domain_leaves_no_count_behind(self):
        for _ in range(50):
            self.assert_works(self.address, "own.acme.example")
            eventually(lambda: self.daemon.status()["connections"] == 0, what="its end")


if __name__ == "__main__":
    unittest.main()
