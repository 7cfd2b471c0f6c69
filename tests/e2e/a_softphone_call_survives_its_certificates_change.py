"""Two real softphones (JsSIP in Chromium) register over wss:// with a real Kamailio and talk to each other.

During their call the tenant's certificate is replaced by a rename. Neither WebSocket closes, sound goes on
arriving, signalling inside the call works; whoever connects next gets the new certificate. Chromium checks
every name against a root it trusts. Kamailio, dialled from another address, knows the browser's own one.
"""

import unittest

from parts import installed
from parts.browser import Browser, trust
from parts.kamailio import Kamailio
from parts.page import page_server
from parts.peers import peers_of

from arbortls_test.ca import Authority, days
from arbortls_test.case import PromiseCase
from arbortls_test.client import served
from arbortls_test.wait import eventually

TENANT = "acme.example"
APP = "app.acme.example"  # has no certificate of its own: inherits the tenant's
DIALLED_FROM = "127.0.0.9"


class ASoftphoneCall(PromiseCase):
    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir()
        self.old = self.authority.issue(TENANT, f"*.{TENANT}", end=days(20))
        self.new = self.authority.issue(TENANT, f"*.{TENANT}", end=days(80))
        self.put("softphone.example", Authority("Somebody Else").issue("softphone.example"))
        self.put(TENANT, self.old)

    def start_terminator(self, kamailio, page):
        daemon = self.start({
            "master_domain": "softphone.example",
            "domains_dir": str(self.domains_dir),
            "domains": [{"name": TENANT, "backend": "kamailio"}, {"name": APP, "backend": "page"}],
            "listeners": [self.listener(backend="page")],
            "backends": [
                {"name": "kamailio", "servers": [f"127.0.0.1:{kamailio.port}"], "send_proxy": "v1",
                 "source_addresses": [DIALLED_FROM]},
                {"name": "page", "servers": [page]}],
        })
        return daemon.address("tls")

    def open_phone(self, browser, name):
        """A registered softphone; Kamailio must have told it its very own address."""
        phone = browser.open(name, f"https://{APP}:{self.port}/")
        seen = phone.register(f"wss://{TENANT}:{self.port}/", f"sip:{name}@{TENANT}")
        self.assertIn(seen, peers_of(self.port), f"{name}'s address")
        return phone

    def assert_sound_arrives(self, *phones):
        for phone in phones:
            before = phone.media()["packets"]
            eventually(lambda: phone.media()["packets"] > before + 25, 10, f"sound at {phone.name}")
            media = phone.media()
            self.assertIn(media["ice"], ("connected", "completed"))
            self.assertEqual(media["connection"], "connected")

    def assert_never_cut(self, *phones):
        for phone in phones:
            state = phone.state()
            self.assertEqual((state["connected"], state["disconnected"], state["inCall"]),
                             (1, 0, True), phone.name)

    def test_stays_up_while_the_certificate_is_replaced(self):
        trust(self.directory, self.authority.root_pem)
        with Kamailio(self.directory) as kamailio, page_server(installed.CACHE / "page") as page, \
                Browser(self.directory) as browser:
            address = self.start_terminator(kamailio, page)
            self.port = int(address.rpartition(":")[2])

            alice, bob = self.open_phone(browser, "alice"), self.open_phone(browser, "bob")
            alice.call(f"sip:bob@{TENANT}")
            self.assert_sound_arrives(alice, bob)

            self.put(TENANT, self.new)
            self.await_served(address, TENANT, self.new)
            self.assertEqual(served(address, APP), self.new.sha256)

            self.assert_sound_arrives(alice, bob)
            self.assert_never_cut(alice, bob)
            self.assertTrue(alice.hold())
            bob.until("holds", 1)

            carol = self.open_phone(browser, "carol")
            lifetime = self.new.certificate.not_valid_after - self.old.certificate.not_valid_after
            self.assertEqual(carol.certificate["validTo"] - alice.certificate["validTo"],
                             lifetime.total_seconds())
            self.assert_never_cut(alice, bob)
            bob.hangUp()
            self.assertEqual(alice.until("inCall", False)["ended"], "Terminated")
            print(f"Chromium {browser.version}: call kept, next page has the new certificate")


if __name__ == "__main__":
    installed.require()
    unittest.main()
