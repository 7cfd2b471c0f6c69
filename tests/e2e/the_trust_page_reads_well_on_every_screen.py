"""The trust page in Chromium, without scripts: from 360 to 1920 pixels, light and dark, nothing scrolls
sideways, nothing is faint or small, its policy finds nothing to forbid, every link leads somewhere, and the steps
of the asking system come first. The pictures are kept (ARBORTLS_PICTURES, else beside the npm packages).
"""

import os
import pathlib
import plistlib
import subprocess
import unittest
import urllib.request

import yaml
from cryptography import x509

from parts import installed
from parts.look import Looker
from parts.trust_page import trust_page

from arbortls_test.case import PromiseCase
from arbortls_test.daemon import run

PICTURES = pathlib.Path(os.environ.get("ARBORTLS_PICTURES") or installed.CACHE / "pictures")
SITE = "Example Telephony"
NAME = "pbx.example"
AGENTS = {
    "windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
    "macos": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "ios": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "android": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile",
    "linux": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "desk-phones": "Yealink SIP-T46S 66.86.0.15",
}
SCREENS = [  # width, touch, dark, system
    (360, True, False, "android"), (390, True, False, "ios"), (390, True, True, "ios"),
    (820, True, False, "macos"), (1280, False, False, "windows"), (1280, False, True, "linux"),
    (1280, False, False, "desk-phones"), (1920, False, False, "firefox")]


class TheTrustPage(PromiseCase):
    def setUp(self):
        super().setUp()
        PICTURES.mkdir(parents=True, exist_ok=True)
        config = self.config(["127.0.0.1:9"], state_dir=str(self.directory), master_domain=NAME)
        self.file = self.directory / "arbortls.yaml"
        self.file.write_text(yaml.safe_dump(config))
        self.ca("init", "--name", SITE)
        self.root = self.directory / "ca" / "root.crt"

    def ca(self, command, *arguments):
        made = run("ca", command, "-c", self.file, *arguments)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout

    def serve(self, site=SITE, *more):
        port = self.enterContext(trust_page(site, [self.root, *more]))
        self.local = f"http://127.0.0.1:{port}"
        return f"http://{NAME}:{port}/"

    def fetch(self, path, **headers):
        request = urllib.request.Request(f"{self.local}/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers, answer.read()

    def assert_reads_well(self, seen, what):
        self.assertLessEqual(seen["scrollWidth"], seen["clientWidth"], what)
        for complaint in ("outside", "faint", "small"):
            self.assertEqual(seen[complaint], [], f"{what}: {complaint}")
        self.assertEqual(seen["lang"], "en")
        self.assertEqual(len(seen["ids"]), len(set(seen["ids"])), f"{what}: an id twice")
        self.assertEqual(seen["headings"].count(1), 1)
        for before, after in zip(seen["headings"], seen["headings"][1:]):
            self.assertLessEqual(after, before + 1, f"{what}: a level of headings left out")

    def assert_links_work(self, seen):
        for link in set(seen["links"]):
            if link.startswith("#"):
                self.assertIn(link[1:], seen["ids"])
            elif not link.startswith(("http:", "https:")):
                self.assertGreater(len(self.fetch(link)[1]), 100, link)

    def test_on_screens_of_every_width(self):
        url = self.serve()
        with Looker(self.directory) as browser:
            for number, (width, touch, dark, system) in enumerate(SCREENS):
                what = f"{width}-{system}" + ("-dark" if dark else "")
                page = browser.page(str(number), url, width=width, agent=AGENTS[system], touch=touch, dark=dark)
                page.shot(path=str(PICTURES / f"trust-page-{what}.png"))
                seen = page.measure()
                self.assert_reads_well(seen, what)
                self.assert_links_work(seen)
                self.assertEqual(seen["open"], [system], what)
                self.assertEqual(seen["systems"][0], system, what)
                if touch:
                    self.assertGreaterEqual(min(seen["touched"]), 44, f"{what}: too small for a finger")
                self.assertEqual(page.complaints(), [], what)
                self.assertEqual([each for each in page.requests() if not each.startswith("data:")], [url], what)

    def test_with_every_step_unfolded_and_a_new_root(self):
        self.ca("renew-root", "--name", "A root with quite a long name, to see where it breaks")
        hostile = "<script>alert(1)</script> & \"Söhne\" Aktiengesellschaft@root@" + "W" * 60
        url = self.serve(hostile, self.root.with_name("next.crt"))
        with Looker(self.directory) as browser:
            for width in (360, 1280):
                page = browser.page(f"all{width}", url, width=width, touch=width == 360, agent="Unknown")
                self.assertEqual(page.measure()["open"], [])
                for system in AGENTS:
                    page.press(selector=f"#{system} > summary")
                page.shot(path=str(PICTURES / f"trust-page-{width}-unfolded.png"))
                seen = page.measure()
                self.assertEqual(sorted(seen["open"]), sorted(AGENTS))
                self.assert_reads_well(seen, f"unfolded at {width}")
                self.assert_links_work(seen)
                self.assertEqual(seen["title"], f"Trust {hostile}")
                self.assertIn("A new root is coming", seen["text"])

    def test_by_keyboard(self):
        url = self.serve()
        with Looker(self.directory) as browser:
            page = browser.page("keys", url, agent=AGENTS["windows"])
            self.assertEqual(page.type(keys=["Tab"]), "Download root.crt")
            self.assertEqual(page.type(keys=["Tab"]), "How to install it")
            self.assertIn("Windows", page.type(keys=["Tab"]))
            page.type(keys=["Enter"])
            self.assertEqual(page.measure()["open"], [])

    def test_its_code_reads_as_its_address(self):
        url = self.serve()
        with Looker(self.directory) as browser:
            for dark in (False, True):
                page = browser.page(f"code{dark}", url, dark=dark)
                picture = page.shot(path=str(self.directory / "code.png"), selector=".qr")
                read = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True)
                self.assertEqual(read.stdout.strip(), url)

    def test_hands_out_the_root_in_every_form(self):
        self.serve()
        root = x509.load_pem_x509_certificate(self.root.read_bytes())
        headers, body = self.fetch("root.crt")
        self.assertEqual(headers["Content-Type"], "application/x-x509-ca-cert")
        self.assertEqual(x509.load_der_x509_certificate(body), root)
        self.assertEqual(x509.load_pem_x509_certificate(self.fetch("root.pem")[1]), root)
        headers, body = self.fetch("root.mobileconfig")
        self.assertEqual(headers["Content-Type"], "application/x-apple-aspen-config")
        profile = plistlib.loads(body)
        self.assertEqual(profile["PayloadDisplayName"], SITE)
        self.assertEqual(x509.load_der_x509_certificate(profile["PayloadContent"][0]["PayloadContent"]), root)
        self.assertEqual(headers["Cache-Control"], "no-store")


if __name__ == "__main__":
    installed.require()
    unittest.main()
