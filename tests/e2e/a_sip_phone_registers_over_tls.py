"""Real SIP phones register by SIP over TLS on an `sg` listener in front of a Kamailio that speaks plain TCP.

baresip finds the gate by name and gets the tenant's certificate; its connection outlasts a change of that
certificate. linphonec, told an address, sends the address as SNI and gets the certdir's certificate, which
it checks: with another root it does not register. Kamailio tells each phone the phone's own address.
"""

import re
import unittest

from parts import installed
from parts.kamailio import Kamailio
from parts.names import NameServer
from parts.peers import peers_of
from parts.sip_phone import Baresip, Linphone

from arbortls_test.ca import Authority
from arbortls_test.case import PromiseCase
from arbortls_test.client import served
from arbortls_test.wait import eventually

TENANT = "acme.example"
GATE = "sip.acme.example"  # inherits the tenant's certificate
SEEN = re.compile(r"^X-Seen-From: (\S+)", re.M)


class ASipPhone(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        self.put(TENANT, self.authority.issue(TENANT, f"*.{TENANT}", key="rsa2048"))
        # linphonec finds an address in the subject only.
        self.gate_leaf = self.authority.issue(common_name="127.0.0.1")
        self.certdir = self.gate_leaf.write_certdir(self.directory / "certdir")
        self.kamailio = self.enterContext(Kamailio(self.directory))

    def start_terminator(self):
        daemon = self.start({
            "master_domain": "softphone.example",
            "domains_dir": str(self.domains_dir),
            "listeners": [{"name": "sips", "role": "sg", "address": "127.0.0.1:0", "backend": "sip",
                           "certdir": str(self.certdir)}],
            "backends": [{"name": "sip", "servers": [f"127.0.0.1:{self.kamailio.port}"],
                          "send_proxy": "v1", "source_addresses": ["127.0.0.9"]}],
        })
        self.address = daemon.address("sips")
        self.port = int(self.address.rpartition(":")[2])

    def linphone(self, user, roots):
        return Linphone(self.directory / user, roots, user=user, domain=TENANT, server="127.0.0.1",
                        port=self.port)

    def baresip(self, user, names):
        return Baresip(self.directory / user, names.port, user=user, domain=TENANT, server=GATE,
                       port=self.port)

    def await_registration(self, phone):
        """The address that Kamailio believes the phone to have: it must be a client of ours."""
        seen = eventually(lambda: phone.alive() and SEEN.search(phone.output()), 20, "a registration")
        self.assertIn(seen[1], peers_of(self.port))
        return seen[1]

    def test_with_a_name_gets_the_tenants_certificate_and_outlives_it(self):
        self.start_terminator()
        with NameServer() as names, self.baresip("alice", names) as alice:
            place = self.await_registration(alice)
            fresh = self.authority.issue(TENANT, f"*.{TENANT}")
            self.put(TENANT, fresh)
            self.await_served(self.address, GATE, fresh)
            self.assertIn(place, peers_of(self.port), "the phone's connection was cut")
            with self.baresip("bob", names) as bob:
                self.await_registration(bob)

    def test_with_an_address_gets_the_certdirs_certificate_and_believes_it(self):
        self.start_terminator()
        self.assertEqual(served(self.address), self.gate_leaf.sha256)
        with self.linphone("carol", self.authority.root_pem) as carol:
            self.await_registration(carol)

    def test_that_trusts_another_root_does_not_register(self):
        self.start_terminator()
        with self.linphone("dave", Authority("Stranger").root_pem) as dave:
            eventually(lambda: dave.alive() and "not-trusted" in dave.output(), 20, "the refusal")
            self.assertIsNone(SEEN.search(dave.output()))


if __name__ == "__main__":
    installed.require()
    unittest.main()
