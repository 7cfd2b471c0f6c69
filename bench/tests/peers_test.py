"""Every terminator takes the configuration it is given, for one certificate and for many."""

import os
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import build, certificates, machine  # noqa: E402
from harness.many_domains import Pool, name_of  # noqa: E402
import peers  # noqa: E402
from peers.peer import Site  # noqa: E402

PROGRAM = os.environ["ARBORTLS_BENCH"]
peers.Arbortls.program = os.environ.get("ARBORTLS", "")


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.made = certificates.make(Path(cls.directory.name) / "made", "bench.example")
        cls.domains = Path(cls.directory.name) / "domains"
        cls.pool = Pool(PROGRAM, Path(cls.directory.name) / "cache")
        cls.pool.give(range(3), cls.domains)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def site(self, name, **changes):
        ports = {kind: machine.free_port() for kind in self.made}
        site = Site(Path(self.directory.name) / name, None, ports, self.made, 1)
        return replace(site, **changes)

    def test_each_accepts_its_configuration(self):
        for kind in peers.ALL.values():
            for domains in (None, self.domains):
                peer = kind(self.site(f"{kind.name}-{bool(domains)}", domains=domains))
                with self.subTest(kind.name, many=bool(domains)):
                    self.check(peer)

    def check(self, peer):
        if not peer.program or not build.found(peer.program):
            self.skipTest(f"{peer.name} is not installed")
        command = peer.check_command(peer.configure())
        if command is None:
            self.skipTest(f"{peer.name} cannot check its configuration without starting")
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_all_are_given_the_same_tls(self):
        for kind in peers.ALL.values():
            if kind is peers.Arbortls:
                continue  # has it built in
            text = kind(self.site(f"same-{kind.name}")).configure().read_text()
            for setting in peers.peer.TLS.values():
                self.assertIn(setting, text, kind.name)

    def test_a_changed_certificate_lies_where_the_old_one_was(self):
        peer = peers.Nginx(self.site("changing", domains=self.domains))
        name = name_of(1)
        before = (self.domains / f"{name}.pem").read_text()
        new = self.pool.another(1)
        text = new.read_text()
        peer.change(name, new)
        self.assertEqual((self.domains / f"{name}.pem").read_text(), text)
        self.assertNotEqual(text, before)

    def test_the_pool_keeps_what_it_gave_whatever_becomes_of_the_copies(self):
        first, second = (Path(self.directory.name) / name for name in ("first", "second"))
        self.pool.give([0], first)
        peers.Nginx(self.site("pool", domains=first)).change(name_of(0), self.pool.another(0))
        self.pool.give([0], second)
        file = f"{name_of(0)}.pem"
        self.assertNotEqual((first / file).read_text(), (second / file).read_text())


if __name__ == "__main__":
    unittest.main()
