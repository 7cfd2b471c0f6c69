"""Every way in which people swap certificates by symbolic links is seen within two seconds:
certbot's live/, `ln -sfn` of a directory, Kubernetes' ..data with the old directory removed, and
a directory renamed away and put back."""

import os
import shutil
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.load import Calls


def swap_link(target, link):
    aside = link.with_name(f".{link.name}.aside")
    os.symlink(target, aside)
    os.rename(aside, link)


class Symlinks(PromiseCase):
    def setUp(self):
        super().setUp()
        self.old, self.new = self.authority.issue("a.example"), self.authority.issue("a.example")

    def serve(self, certdir):
        self.daemon = self.start(self.config([self.backend()], listener={"certdir": str(certdir)}))
        self.calls = Calls(self.daemon.address(), [None])
        self.await_served(self.daemon.address(), None, self.old)

    def expect(self, leaf):
        self.await_served(self.daemon.address(), None, leaf, timeout=2)

    def expect_new(self):
        self.expect(self.new)
        self.calls.finish()

    def test_certbot_live(self):
        archive, live = self.directory / "archive", self.directory / "live"
        archive.mkdir()
        live.mkdir()
        for number, leaf in ((1, self.old), (2, self.new)):
            (archive / f"privkey{number}.pem").write_text(leaf.key_pem)
            (archive / f"fullchain{number}.pem").write_text(leaf.certificate_pem + leaf.chain_pem)
        (live / "server.key").symlink_to("../archive/privkey1.pem")
        (live / "server.crt").symlink_to("../archive/fullchain1.pem")
        self.serve(live)
        swap_link("../archive/privkey2.pem", live / "server.key")
        swap_link("../archive/fullchain2.pem", live / "server.crt")
        self.expect_new()

    def test_a_link_to_a_directory(self):
        self.old.write_certdir(self.directory / "v1")
        current = self.directory / "current"
        current.symlink_to("v1")
        self.serve(current)
        self.new.write_certdir(self.directory / "v2")
        swap_link("v2", current)
        self.expect_new()

    def test_kubernetes_data_directory(self):
        mounted = self.directory / "mounted"
        mounted.mkdir()
        self.old.write_certdir(mounted / "..2026_01")
        (mounted / "..data").symlink_to("..2026_01")
        for file in ("server.key", "server.crt"):
            (mounted / file).symlink_to(f"..data/{file}")
        self.serve(mounted)
        for leaf, before, after in ((self.new, "..2026_01", "..2026_02"),
                                    (self.old, "..2026_02", "..2026_03"),
                                    (self.new, "..2026_03", "..2026_04")):
            leaf.write_certdir(mounted / after)
            swap_link(after, mounted / "..data")
            shutil.rmtree(mounted / before)
            self.expect(leaf)
        self.calls.finish()

    def test_a_directory_renamed_away_and_another_put_in_its_place(self):
        certdir = self.old.write_certdir(self.directory / "certdir")
        self.serve(certdir)
        certdir.rename(self.directory / "was")
        self.new.write_certdir(self.directory / "coming")
        (self.directory / "coming").rename(certdir)
        self.expect_new()

    def test_a_directory_removed_and_made_again(self):
        certdir = self.old.write_certdir(self.directory / "certdir")
        self.serve(certdir)
        shutil.rmtree(certdir)
        self.new.write_certdir(certdir)
        self.expect_new()

    def test_a_file_named_by_a_domain_through_a_link(self):
        for name, leaf in (("one.pem", self.old), ("two.pem", self.new)):
            (self.directory / name).write_text(leaf.pem)
        link = self.directory / "current.pem"
        link.symlink_to("one.pem")
        self.daemon = self.start(self.config([self.backend()], domains=[
            {"name": MASTER, "certificate_pem": "file:current.pem"}]))
        address = self.daemon.address()
        self.await_served(address, MASTER, self.old)
        swap_link("two.pem", link)
        self.await_served(address, MASTER, self.new, timeout=2)


if __name__ == "__main__":
    unittest.main()
