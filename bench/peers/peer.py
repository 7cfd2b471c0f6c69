"""What all terminators have in common: one process on one core, from a configuration made of a template."""

import socket
import string
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness import machine, procfs

HERE = Path(__file__).resolve().parent


@dataclass
class Site:
    """What each terminator is to do: the same for all but the ports and the directory."""

    directory: Path
    core: int
    ports: dict  # {"p256": port, "rsa": port}: one listener for each certificate
    certificates: dict
    backend_port: int

    def values(self) -> dict:
        return {"directory": self.directory, "backend_port": self.backend_port,
                **{f"{kind}_port": port for kind, port in self.ports.items()},
                **{f"{kind}_pem": made.pem for kind, made in self.certificates.items()},
                **{f"{kind}_name": made.name for kind, made in self.certificates.items()}}


class Peer:
    """A subclass sets `name` and `template` and says prepare(), command() and version()."""

    name = ""
    template = ""  # beside this file; ${names} are those of Site.values()

    def __init__(self, site: Site):
        self.site = site
        self._process = None

    def prepare(self) -> None:
        """Whatever else than the configuration has to lie in site.directory."""

    def command(self, configuration: Path) -> list:
        """What runs it in the foreground with one worker."""
        raise NotImplementedError

    def version(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        self.site.directory.mkdir(parents=True, exist_ok=True)
        text = string.Template((HERE / self.template).read_text()).substitute(self.site.values())
        configuration = self.site.directory / self.template
        configuration.write_text(text)
        self.prepare()
        with open(self.site.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                machine.pinned(self.site.core, self.command(configuration)),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for port in self.site.ports.values():
            self._wait_for(port)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def cpu_ns(self) -> int:
        return procfs.cpu_ns(self._process.pid)

    def pss_bytes(self) -> int:
        return procfs.pss_bytes(self._process.pid)

    def pid(self) -> int:
        return self._process.pid

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        log = (self.site.directory / "log").read_text(errors="replace").strip()
        raise RuntimeError(f"{self.name} does not listen on port {port}: {log[-2000:]}")
