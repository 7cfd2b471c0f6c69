"""Session resumption works for the name it came from, in TLS 1.2 and 1.3, also after SIGHUP and a
restart; no ticket resumes under another domain, another listener's rules or another certificate
policy."""

import os
import ssl
import stat
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, make_context

A = "a.softphone.example"
B = "b.softphone.example"
VERSIONS = ("1.2", "1.3")


class Tickets(PromiseCase):
    def setUp(self):
        super().setUp()
        self.wildcard = self.authority.issue(MASTER, f"*.{MASTER}")
        self.daemon = self.start_with_domains({
            MASTER: self.wildcard, A: self.authority.issue(A), B: self.authority.issue(B)})
        self.address = self.daemon.address()
        self.contexts = {version: make_context(version) for version in VERSIONS}

    def ticket(self, version, name):
        """A session from a full handshake."""
        with TlsClient(self.address, name, context=self.contexts[version]) as client:
            self.assertFalse(client.resumed)
            client.talk(b"hello")  # in TLS 1.3 the ticket comes with the first data
            session = client.session
            client.close()
        self.assertTrue(session.has_ticket)
        return session

    def resumes(self, version, session, name, address=None):
        with TlsClient(address or self.address, name, context=self.contexts[version],
                       session=session) as client:
            self.assertEqual(client.talk(b"hello"), b"hello")
            return client.resumed

    def test_the_same_name_resumes(self):
        for version in VERSIONS:
            for name in (A, B, MASTER, f"x.{MASTER}"):
                self.assertTrue(self.resumes(version, self.ticket(version, name), name),
                                f"{name}, TLS {version}")
        self.assertEqual(self.daemon.counter("handshakes_resumed"), 8)

    def test_another_name_does_not(self):
        names = (A, B, MASTER, None)
        for version in VERSIONS:
            for first in names:
                for second in names:
                    if first == second:
                        continue
                    session = self.ticket(version, first)
                    self.assertFalse(self.resumes(version, session, second),
                                     f"{first} -> {second}, TLS {version}")

    def test_a_session_kept_by_the_server_does_not_either(self):
        context = make_context("1.2")
        context.options |= ssl.OP_NO_TICKET
        with TlsClient(self.address, A, context=context) as client:
            client.talk(b"hello")
            session = client.session
            client.close()
        for name in (B, MASTER, None):
            with TlsClient(self.address, name, context=context, session=session) as client:
                self.assertFalse(client.resumed)

    def test_another_listener_does_not(self):
        for number in ("one", "two"):
            self.authority.issue(f"{number}.example").write_certdir(self.directory / number)
        config = self.config([self.echo], domains_dir=str(self.domains_dir))
        config["listeners"] = [self.listener(name=number, certdir=str(self.directory / number))
                               for number in ("one", "two")]
        self.daemon.write_config(config)
        self.assertEqual(self.daemon.reload().returncode, 0)
        one, two = self.daemon.address("one"), self.daemon.address("two")
        for version in VERSIONS:
            self.address = one
            session = self.ticket(version, None)
            self.assertFalse(self.resumes(version, session, None, two), version)
            self.assertTrue(self.resumes(version, self.ticket(version, None), None, one), version)

    def test_a_name_beside_the_tree_does_not_resume_a_domain_s_session(self):
        for version in VERSIONS:
            session = self.ticket(version, A)
            self.assertFalse(self.resumes(version, session, f"beside.{MASTER}"))

    def test_after_a_renewal_other_names_still_cannot(self):
        for version in VERSIONS:
            session = self.ticket(version, A)
            renewed = self.authority.issue(A)
            self.put(A, renewed)
            self.await_served(self.address, A, renewed)
            self.resumes(version, session, A)  # either way is sound
            self.assertFalse(self.resumes(version, session, B))

    def test_tickets_survive_reload_and_restart(self):
        for version in VERSIONS:
            session = self.ticket(version, A)
            self.daemon.hang_up()
            self.assertTrue(self.resumes(version, session, A), f"after SIGHUP, TLS {version}")
            self.daemon.stop()
            self.daemon.start()
            self.address = self.daemon.address()
            self.assertTrue(self.resumes(version, session, A), f"after restart, TLS {version}")
            self.assertFalse(self.resumes(version, session, B))

    def test_a_raised_minimum_version_ends_old_sessions(self):
        session = self.ticket("1.2", A)
        (self.domains_dir / f"{A}.yaml").write_text('tls_min_version: "1.3"\n')
        self.daemon.hang_up()
        with self.assertRaises(OSError):
            self.resumes("1.2", session, A)
        self.assertTrue(self.resumes("1.2", self.ticket("1.2", B), B))

    def test_ticket_keys_are_secret(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.daemon.state_dir).st_mode), 0o700)
        files = [path for path in self.daemon.state_dir.rglob("*") if path.is_file()]
        self.assertTrue(any("ticket" in path.name for path in files), files)
        for path in files:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)

    def test_broken_ticket_keys_do_not_stop_a_start(self):
        self.daemon.stop()
        for path in self.daemon.state_dir.rglob("*ticket*"):
            if path.is_file():
                path.write_bytes(b"garbage")
        self.daemon.start()
        self.address = self.daemon.address()
        for version in VERSIONS:
            self.assertTrue(self.resumes(version, self.ticket(version, A), A))


if __name__ == "__main__":
    unittest.main()
