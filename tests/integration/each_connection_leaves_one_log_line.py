"""One line a connection at level `info`, text or JSON: client, listener, SNI, domain, applied
certificate, version, cipher, resumption, bytes each way, duration and the reason of its end; at
`warning` none."""

import json
import re
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, make_context
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"


class LogLine(PromiseCase):
    def one_connection(self, log):
        leaf = self.authority.issue(MASTER)
        config = self.config([self.backend()], log=log, domains=[
            {"name": MASTER, "certificate_pem": leaf.pem}, {"name": NAME}])
        self.daemon = self.start(config)
        mark = self.daemon.mark()
        with TlsClient(self.daemon.address(), NAME.upper(), version="1.3") as client:
            client.talk(b"x" * 1000)
            own = client.local_address
            client.close()
        eventually(lambda: self.daemon.counter("ended.client_closed") == 1, what="the end")
        self.daemon.stop()
        return own, [line for line in self.daemon.lines[mark:] if own in line]

    def check(self, own, facts):
        expected = {"client": own, "listener": "tls", "sni": NAME, "domain": NAME,
                    "certificate": f"certificate_pem:{MASTER}", "version": "TLSv1.3",
                    "resumed": "false", "bytes_in": "1000", "bytes_out": "1000",
                    "reason": "client_closed"}
        for key, value in expected.items():
            self.assertEqual(str(facts[key]).lower(), value.lower(), key)
        self.assertRegex(facts["cipher"], "^TLS_")
        self.assertLess(int(facts["duration_ms"]), 5000)

    def test_json(self):
        own, lines = self.one_connection({"format": "json"})
        self.assertEqual(len(lines), 1, lines)
        self.check(own, json.loads(lines[0]))

    def test_text(self):
        own, lines = self.one_connection({"format": "text"})
        self.assertEqual(len(lines), 1, lines)
        self.check(own, dict(re.findall(r'(\w+)="?([^ "]*)"?', lines[0])))

    def test_a_quieter_level(self):
        _, lines = self.one_connection({"level": "warning"})
        self.assertEqual(lines, [])

    def test_a_resumed_connection_says_so(self):
        daemon = self.start(self.config([self.backend()], log={"format": "json"}))
        context = make_context("1.3")
        session = None
        for _ in range(2):
            with TlsClient(daemon.address(), MASTER, context=context, session=session) as client:
                client.talk(b"hello")
                session = client.session
                client.close()
        eventually(lambda: daemon.counter("ended.client_closed") == 2, what="both ends")
        daemon.stop()
        facts = [json.loads(line) for line in daemon.lines]
        self.assertEqual([each["resumed"] for each in facts if "resumed" in each], [False, True])


if __name__ == "__main__":
    unittest.main()
