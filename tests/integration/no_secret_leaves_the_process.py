"""No key text in log, status, explain or check, whatever is wrong with a certificate; the process
dumps no core and cannot be looked into; what a client sends as a name cannot forge a log line."""

import json
import os
import pathlib
import subprocess
import unittest

from arbortls_test import tools
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, client_hello, connect, wait_for_end
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.wait import eventually

MAY_LOOK_INSIDE = os.geteuid() == 0 and not binary_is_sanitized()
NAME = "acme.softphone.example"
EVIL = [b"a\nlevel=error", b"\x1b[31mred", b"quote\"quote", b"a\rb", b"nul\0nul", b"\xff\xfe",
        b"%s%n%d", b"{}{0}{name}", b"<script>", b"x" * 255]


def hello_with(name):
    """A ClientHello whose server name holds any bytes."""
    placeholder = ("p" * 60 + ".") * 5
    placeholder = placeholder[:len(name)]
    hello = client_hello(placeholder)
    assert hello.count(placeholder.encode()) == 1
    return hello.replace(placeholder.encode(), name)


class Secrets(PromiseCase):
    def fragments(self, leaf):
        """Lines of the key's text."""
        return [line for line in leaf.key_pem.splitlines() if len(line) > 30 and "-" not in line]

    def assert_no_key(self, text, leaf):
        for fragment in self.fragments(leaf):
            for at in range(0, len(fragment) - 20, 10):
                self.assertNotIn(fragment[at:at + 20], text)
        self.assertNotIn("PRIVATE KEY-----\n", text)

    def test_no_key_text_whatever_is_wrong(self):
        leaf, other = self.authority.issue(NAME), self.authority.issue(NAME)
        daemon = self.start_with_domains({NAME: leaf}, log={"level": "debug"})
        self.assert_works(daemon.address(), NAME)
        key = leaf.key_pem
        for text in (key, key + other.certificate_pem, key[:150], key.replace("\n", " "),
                     key.replace("PRIVATE", "PRIVAT"), key[:100] + "!!" + key[100:] + leaf.pem,
                     leaf.certificate_pem + key[:-30]):
            self.put(NAME, text)
            daemon.hang_up()
            eventually(lambda: NAME in daemon.problems() or text == leaf.pem, what="the problem")
            shown = daemon.command("check").stdout + daemon.command("explain", NAME).stdout
            self.assert_no_key(daemon.problems() + str(daemon.status()) + shown, leaf)
        self.assert_no_key(daemon.log, leaf)

    def test_no_key_text_of_a_configuration_that_is_refused(self):
        leaf = self.authority.issue(MASTER)
        config = self.config([self.backend()], domains=[
            {"name": MASTER, "certificate_pem": leaf.pem, "nonsense": leaf.key_pem},
            {"name": leaf.key_pem}, {"certificate_pem": [leaf.pem]}])
        good = self.config([self.backend()])
        daemon = self.start(good)
        daemon.write_config(config)
        result = daemon.reload()
        self.assertEqual(result.returncode, 1)
        text = result.stdout + result.stderr + daemon.log + str(daemon.status())
        self.assert_no_key(text, leaf)

    def test_no_core_and_no_look_inside(self):
        daemon = self.start(self.config([self.backend()]))
        limits = pathlib.Path(f"/proc/{daemon.pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core"))
        self.assertEqual(core.split()[4:6], ["0", "0"])

    @unittest.skipUnless(os.geteuid() == 0, "needs to run the daemon as another user")
    def test_not_dumpable(self):
        os.chmod(self.directory, 0o777)
        daemon = self.start(self.config([self.backend()]), user="nobody")
        # The /proc files of a process that may not be dumped belong to root.
        self.assertEqual(os.stat(f"/proc/{daemon.pid}/mem").st_uid, 0)
        reader = subprocess.run(["head", "-c1", f"/proc/{daemon.pid}/environ"], user="nobody",
                                capture_output=True, check=False)
        self.assertNotEqual(reader.returncode, 0)

    @unittest.skipUnless(MAY_LOOK_INSIDE, "needs root, and a build that frees for good")
    def test_key_text_of_a_file_is_wiped_after_loading(self):
        leaf = self.authority.issue(NAME)
        daemon = self.start_with_domains({NAME: leaf})
        self.assert_works(daemon.address(), NAME)
        # Once the last good copy has been written.
        eventually(lambda: self.copies(daemon.pid, self.needle(leaf)) == 0, what="no copy left")

    @unittest.skipUnless(MAY_LOOK_INSIDE, "needs root, and a build that frees for good")
    def test_key_text_of_the_configuration_is_wiped_after_loading(self):
        leaf = self.authority.issue(NAME)
        daemon = self.start(self.config([self.backend()], domains=[
            {"name": NAME, "certificate_pem": leaf.pem}]))
        self.assert_works(daemon.address(), NAME)
        eventually(lambda: self.copies(daemon.pid, self.needle(leaf)) == 0, what="no copy left")
        daemon.hang_up()
        eventually(lambda: self.copies(daemon.pid, self.needle(leaf)) == 0, what="no copy left")

    @staticmethod
    def needle(leaf):
        """Base64 of the private number itself; what stands before it is the same in every key."""
        return leaf.key_pem.splitlines()[1][48:].encode()

    def copies(self, pid, needle):
        """How often `needle` stands in the process's memory."""
        count = 0
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                span, mode = line.split()[:2]
                if not mode.startswith("rw"):
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                try:
                    memory.seek(start)
                    count += memory.read(end - start).count(needle)
                except (OSError, OverflowError, ValueError):
                    pass
        return count


class Injection(PromiseCase):
    def check(self, log_format):
        daemon = self.start(self.config([self.backend()],
                                        log={"level": "debug", "format": log_format}))
        address = daemon.address()
        mark = daemon.mark()
        for name in EVIL:
            sock = connect(address)
            sock.sendall(hello_with(name))
            sock.shutdown(1)
            wait_for_end(sock, 3)
            sock.close()
        self.assert_works(address)
        eventually(lambda: daemon.counter("ended.client_reset")
                   + daemon.counter("ended.client_closed") >= 1, what="the last one's end")
        daemon.stop()
        lines = daemon.lines[mark:]
        for line in lines:
            self.assertTrue(line.isprintable(), repr(line))
            self.assertNotRegex(line, "^level=error")
        return lines

    def test_text(self):
        self.check("text")

    def test_json(self):
        for line in self.check("json"):
            self.assertIsInstance(json.loads(line), dict)

    def test_names_of_every_kind_are_counted_apart(self):
        daemon = self.start(self.config([self.backend()], domains=[{"name": MASTER}]))
        for name in (MASTER, "nobody.test", None):
            with TlsClient(daemon.address(), name) as client:
                client.talk(b"hello")
        tools.openssl(daemon.address(), "192.0.2.1")
        tools.openssl(daemon.address(), "a..b")
        counters = daemon.status()["counters"]
        kinds = {kind: counters[f"sni.{kind}"]
                 for kind in ("known", "unknown", "none", "ip_literal", "illegal")}
        self.assertEqual(kinds, dict.fromkeys(kinds, 1))


if __name__ == "__main__":
    unittest.main()
