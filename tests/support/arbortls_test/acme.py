"""AcmeCase: a daemon with a CA that issues for it."""

from .case import MASTER, PromiseCase
from .client import served
from .front import Front
from .pebble import Pebble, free_ports
from .wait import eventually


class AcmeCase(PromiseCase):
    """`start_with_ca()` gives a daemon whose domains are ordered for; self.ca is its Pebble."""

    # The CA looks for its answers at fixed ports, so the daemon's are chosen before.

    def setUp(self):
        super().setUp()
        self.domains_dir.mkdir(exist_ok=True)
        self.http_port, self.tls_port = free_ports(2)
        self.ca_ports = Pebble.choose_ports()

    def make_ca(self, **more):
        self.ca = self.hold(Pebble(self.directory / "ca", self.http_port, self.tls_port,
                                   ports=self.ca_ports, **more))
        return self.ca

    def front_of_ca(self, **more):
        """A running CA with a Front before it: its `directory` is for `acme_directory`."""
        self.make_ca(**more).start()
        return self.hold(Front(self.directory, self.ca.authority, self.ca_ports[0]))

    def acme_config(self, domains, *, master=None, **top):
        """`domains`: name -> settings. The settings of the CA stand at the master."""
        common = {"acme_directory": Pebble.directory_at(self.ca_ports),
                  "acme_ca_file": str(self.directory / "ca" / "pebble-ca.pem"),
                  "acme_account_email": "operator@softphone.example",
                  **(master or {})}
        config = self.config([self.backend()], listener={"address": f"127.0.0.1:{self.tls_port}"},
                             domains_dir=str(self.domains_dir),
                             domains=[{"name": MASTER, **common},
                                      *({"name": name, **settings}
                                        for name, settings in domains.items())],
                             **top)
        config["listeners"].append({"name": "web", "kind": "http_redirect",
                                    "address": f"127.0.0.1:{self.http_port}"})
        return config

    def start_with_ca(self, domains, *, ca=None, **more):
        self.make_ca(**(ca or {})).start()
        return self.start(self.acme_config(domains, **more))

    def row(self, daemon, name):
        """What `acme status` says of a domain, once it is known there."""
        def known():
            code, body = daemon.request("GET", "/acme")
            self.assertEqual(code, 200, body)
            return next((each for each in body["domains"] if each["domain"] == name), None)

        return eventually(known, 10, f"{name} in acme status")

    def pem_of(self, name):
        return (self.domains_dir / f"{name}.pem")

    def await_issued(self, daemon, name, timeout=30):
        """The certificate that is served has come from the CA; its digest."""
        address = daemon.address("tls")

        def issued():
            explained = daemon.explain(name)["applied"]
            if explained["source"] != "certificate_pem" or explained["domain"] != name:
                return None
            return served(address, name) == explained["sha256"] and explained["sha256"]

        try:
            return eventually(issued, timeout, f"a certificate for {name}", interval=0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\ndaemon:\n{daemon.log}\nCA:\n{self.ca.log[-4000:]}") from None
