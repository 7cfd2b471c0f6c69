"""PromiseCase: a unittest case with a directory, an authority, backends and a daemon at hand."""

import pathlib
import shutil
import tempfile
import unittest
import warnings

from .backend import Backend, echo
from .ca import Authority
from .client import TlsClient, served
from .daemon import Daemon
from .wait import eventually

MASTER = "softphone.example"


class PromiseCase(unittest.TestCase):
    """Everything made by its helpers is ended, and the daemon's end is checked, after each test."""

    longMessage = True

    def setUp(self):
        # A socket left open by a test that is over harms nobody.
        warnings.simplefilter("ignore", ResourceWarning)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arbortls-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.domains_dir = self.directory / "domains"
        self._authority = None

    @property
    def authority(self):
        if self._authority is None:
            self._authority = Authority(intermediate=True)
        return self._authority

    def backend(self, serve=echo, **more):
        made = Backend(serve, **more)
        self.addCleanup(made.close)
        return made

    def hold(self, closable):
        """Closes it after the test."""
        self.addCleanup(closable.close)
        return closable

    def listener(self, **more):
        return {"name": "tls", "role": "ws", "address": "127.0.0.1:0", "backend": "main", **more}

    def config(self, servers, *, listener=None, backend=None, **top):
        """One listener `tls`, one backend `main` with `servers` (Backends or addresses)."""
        addresses = [getattr(server, "address", server) for server in servers]
        return {
            "master_domain": MASTER,
            "drain_timeout": "2s",
            "listeners": [self.listener(**(listener or {}))],
            "backends": [{"name": "main", "servers": addresses, **(backend or {})}],
            **top,
        }

    def start(self, config, **more):
        """A running daemon; after the test it must end orderly."""
        daemon = Daemon(self.directory, config, **more)
        self.addCleanup(self._end, daemon)
        return daemon.start()

    def start_with_domains(self, pems, **more):
        """A daemon with an echo backend and a domains_dir holding `{name: Leaf}`."""
        self.domains_dir.mkdir(exist_ok=True)
        for name, leaf in pems.items():
            self.put(name, leaf)
        self.echo = self.backend()
        return self.start(self.config([self.echo], domains_dir=str(self.domains_dir), **more))

    def put(self, name, content):
        """Writes NAME.pem aside and renames it into place; `content` is a Leaf or text."""
        path = self.domains_dir / f"{name}.pem"
        aside = self.domains_dir / f".{name}.new"
        aside.touch(0o600)
        aside.write_text(getattr(content, "pem", content))
        aside.rename(path)
        return path

    def await_served(self, address, name, leaf, timeout=5):
        eventually(lambda: served(address, name) == leaf.sha256, timeout,
                   f"the new certificate for {name}")

    def assert_works(self, address, name=MASTER, data=b"REGISTER", **more):
        """A new connection passes bytes both ways."""
        with TlsClient(address, name, **more) as client:
            self.assertEqual(client.talk(data), data)
            return client.sha256

    def _end(self, daemon):
        if daemon.process is None:
            return
        try:
            daemon.stop()
        finally:
            daemon.kill()
