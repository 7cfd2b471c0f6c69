"""Softphones in a real Chromium: pages that register, call each other, and tell how they are."""

import json
import os
import subprocess

from parts.installed import CACHE, HERE

# Without the background-networking flags Chromium asks its maker's servers at each start.
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
         "--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection",
         "--autoplay-policy=no-user-gesture-required"]


def trust(home, root_pem):
    """Makes Chromium, run with HOME=`home`, trust a root certificate, as an administrator would."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    root = home / "root.pem"
    root.write_text(root_pem)
    store = ["-d", f"sql:{database}"]
    subprocess.run(["certutil", "-N", *store, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", *store, "-n", "Test Root", "-t", "C,,", "-i", root], check=True)


class Browser:
    """One Chromium that finds every name at 127.0.0.1; driven for the length of a `with` block."""

    DRIVER = HERE / "softphone" / "drive.js"

    def __init__(self, home):
        self.log = home / "browser.log"
        environment = dict(os.environ, HOME=str(home), NODE_PATH=str(CACHE / "node_modules"))
        with self.log.open("wb") as output:
            self.child = subprocess.Popen(
                ["node", self.DRIVER], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=output, env=environment, text=True)
        flags = [*FLAGS, "--host-resolver-rules=MAP * 127.0.0.1"]
        self.version = self.ask("start", executable="/usr/bin/chromium", args=flags)

    def ask(self, command, **rest):
        self.child.stdin.write(json.dumps({"command": command, **rest}) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        assert line, f"the browser's driver ended:\n{self.log.read_text()}"
        answer = json.loads(line)
        assert "error" not in answer, f"{command} {rest}: {answer.get('error')}"
        return answer.get("value")

    def open(self, name, url):
        """Opens a softphone page of its own; returns it."""
        return Softphone(self, name, self.ask("open", page=name, url=url))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.child.stdin.close()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        if kind is not None:
            print(f"--- browser ---\n{self.log.read_text()}")


class Softphone:
    """One page. `certificate` is what Chromium accepted when it loaded the page."""

    def __init__(self, browser, name, loaded):
        assert loaded["status"] == 200, loaded
        self.browser, self.name, self.certificate = browser, name, loaded["certificate"]

    def __getattr__(self, method):
        """phone.register(…), phone.call(…), phone.media(), …: the functions of softphone/phone.js."""
        return lambda *args: self.browser.ask("call", page=self.name, method=method, args=args)

    def until(self, member, value):
        """Waits until that member of the page's state has the value; returns the whole state."""
        return self.browser.ask("until", page=self.name, member=member, value=value)
