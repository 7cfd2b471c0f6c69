"""A new NAME.pem or NAME.yaml in domains_dir makes a domain within two seconds, a removed one
unmakes it, a certificate removed while in use leaves its calls alone, and what others are served
does not change."""

import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, served
from arbortls_test.load import Calls
from arbortls_test.wait import eventually

NEW = "new.softphone.example"


class ComeAndGo(PromiseCase):
    def setUp(self):
        super().setUp()
        self.master = self.authority.issue(MASTER)
        self.daemon = self.start_with_domains({MASTER: self.master})
        self.address = self.daemon.address()

    def test_a_new_domain_and_its_removal(self):
        calls = Calls(self.address, [MASTER])
        leaf = self.authority.issue(NEW)
        self.assertEqual(served(self.address, NEW), self.master.sha256)
        path = self.put(NEW, leaf)
        self.await_served(self.address, NEW, leaf, timeout=2)
        self.assertEqual(self.daemon.status()["domains"], 2)
        within = Calls(self.address, [NEW, f"sub.{NEW}"])
        path.unlink()
        self.await_served(self.address, NEW, self.master, timeout=2)
        self.assertEqual(self.daemon.status()["domains"], 1)
        within.finish()
        calls.finish()

    def test_a_yaml_file_makes_a_domain_with_settings_of_its_own(self):
        path = self.domains_dir / "branch.example.org.yaml"
        leaf = self.authority.issue("acme.softphone.example")
        self.put("acme.softphone.example", leaf)
        self.await_served(self.address, "acme.softphone.example", leaf, timeout=2)
        path.write_text("parent: acme.softphone.example\n")
        self.await_served(self.address, "branch.example.org", leaf, timeout=2)
        path.write_text(f"parent: {MASTER}\n")
        self.await_served(self.address, "branch.example.org", self.master, timeout=2)
        path.unlink()
        eventually(lambda: self.daemon.status()["domains"] == 2, what="the domain's end")

    def test_settings_and_certificate_of_one_domain_in_two_files(self):
        leaf = self.authority.issue(NEW)
        (self.domains_dir / f"{NEW}.yaml").write_text("idle_timeout: 2h\n")
        self.put(NEW, leaf)
        self.await_served(self.address, NEW, leaf, timeout=2)
        eventually(lambda: self.daemon.explain(NEW)["settings"]["idle_timeout"]["from"]
                   == f"domain {NEW}", what="the setting")
        (self.domains_dir / f"{NEW}.pem").unlink()
        self.await_served(self.address, NEW, self.master, timeout=2)
        self.assertEqual(self.daemon.status()["domains"], 2)

    def test_a_parent_that_others_name_stays_until_they_are_gone(self):
        parent, child = "acme.softphone.example", "branch.example.org"
        leaf = self.authority.issue(parent)
        self.put(parent, leaf)
        (self.domains_dir / f"{child}.yaml").write_text(f"parent: {parent}\n")
        self.await_served(self.address, child, leaf, timeout=3)
        (self.domains_dir / f"{parent}.pem").unlink()
        # Whether the parent stays or the child falls to the master, nobody is left without one.
        seen = eventually(lambda: self.daemon.problems() != "[]" and self.daemon.problems(),
                          what="the problem in status")
        self.assertRegex(seen, f"{parent}|{child}")
        self.assertIn(served(self.address, child), (leaf.sha256, self.master.sha256))
        (self.domains_dir / f"{child}.yaml").unlink()
        eventually(lambda: self.daemon.status()["domains"] == 1, what="both to be gone")
        eventually(lambda: self.daemon.status()["problems"] == [], what="status to be clean again")

    def test_a_broken_yaml_file_changes_nothing_and_is_shown(self):
        path = self.domains_dir / f"{NEW}.yaml"
        path.write_text("no_such_key: 1\n")
        eventually(lambda: f"{NEW}.yaml:1:1" in str(self.daemon.status()["problems"])
                   or "no_such_key" in self.daemon.problems(), what="the problem in status")
        self.assertEqual(served(self.address, MASTER), self.master.sha256)
        path.write_text("{}\n")
        eventually(lambda: self.daemon.status()["problems"] == [], what="status to be clean again")

    def test_a_hundred_domains_removed_at_once(self):
        names = [f"d{index}.softphone.example" for index in range(100)]
        leaf = self.authority.issue(*names)
        for name in names:
            self.put(name, leaf)
        self.await_served(self.address, names[-1], leaf, timeout=3)
        eventually(lambda: self.daemon.status()["domains"] == 101, what="all the domains")
        with TlsClient(self.address, names[50]) as client:
            for name in names:
                (self.domains_dir / f"{name}.pem").unlink()
            eventually(lambda: self.daemon.status()["domains"] == 1, what="their removal")
            self.assertEqual(client.talk(b"hello"), b"hello")
        self.assertEqual(served(self.address, names[50]), self.master.sha256)

    def test_the_whole_directory_goes_and_comes_back(self):
        leaf = self.authority.issue(NEW)
        self.put(NEW, leaf)
        self.await_served(self.address, NEW, leaf, timeout=2)
        calls = Calls(self.address, [MASTER, NEW])
        aside = self.directory / "aside"
        self.domains_dir.rename(aside)
        aside.rename(self.domains_dir)
        renewed = self.authority.issue(NEW)
        self.put(NEW, renewed)
        self.await_served(self.address, NEW, renewed, timeout=3)
        calls.finish()


if __name__ == "__main__":
    unittest.main()
