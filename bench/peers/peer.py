"""What all terminators have in common: one worker on one core, from a configuration made of a template."""

import os
import socket
import string
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness import build, machine, procfs

HERE = Path(__file__).resolve().parent

# The same TLS for everybody.
TLS = {
    "ciphersuites": "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
    "ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
               "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
    "groups": "X25519:P-256:P-384",
}


@dataclass
class Site:
    """What each terminator is to do: the same for all but the ports and the directory."""

    directory: Path
    core: int | None  # None: any
    ports: dict  # {"p256": port, "rsa": port}: one listener for each certificate
    certificates: dict
    backend_port: int
    domains: Path | None = None  # holds NAME.pem: what the listener p256 serves then
    threads: int = 1

    def values(self) -> dict:
        return {"directory": self.directory, "backend_port": self.backend_port,
                "threads": self.threads, **TLS,
                **{f"{kind}_port": port for kind, port in self.ports.items()}}


class Peer:
    """A subclass sets the attributes and says how it is started and told where certificates are."""

    name = ""
    package = ""
    program = ""   # its name, looked up where Debian puts programs
    template = ""  # beside this file; ${names} are those of values()
    cannot = {}    # {row name: why}: what this terminator is not able to do

    def __init__(self, site: Site):
        self.site = site
        self._process = None
        self.started_at = 0.0  # time.monotonic() of the last start

    def executable(self) -> str:
        return build.debian_program(self.program, self.package)

    def command(self, configuration: Path) -> list:
        """What runs it in the foreground with one worker."""
        raise NotImplementedError

    def check_command(self, configuration: Path) -> list | None:
        """What only looks whether it would take its configuration; None: there is no such way."""
        return None

    def version(self) -> str:
        raise NotImplementedError

    def one_certificate(self, pem: Path) -> str:
        """The configuration's words for this key and chain."""
        return str(pem)

    def many_certificates(self, directory: Path) -> str:
        """The configuration's words for every NAME.pem of a directory, each for its name."""
        return str(directory)

    def change(self, name: str, pem: Path) -> None:
        """`pem` takes the place of that domain's certificate, as an operator would do it."""
        os.replace(pem, self.site.domains / f"{name}.pem")
        self.after_change(name)

    def after_change(self, name: str) -> None:
        """Tells the running process, where it does not look by itself."""

    def values(self) -> dict:
        values = self.site.values()
        for kind, made in self.site.certificates.items():
            values[f"{kind}_certificate"] = self.one_certificate(made.pem)
        if self.site.domains:
            values["p256_certificate"] = self.many_certificates(self.site.domains)
        return values

    def configure(self) -> Path:
        self.site.directory.mkdir(parents=True, exist_ok=True)
        text = string.Template((HERE / self.template).read_text()).substitute(self.values())
        configuration = self.site.directory / self.template
        configuration.write_text(text)
        return configuration

    def spawn(self) -> None:
        configuration = self.configure()
        command = self.command(configuration)
        self.started_at = time.monotonic()
        with open(self.site.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                machine.pinned(self.site.core, command), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)

    def loaded(self) -> bool:
        """Nothing it was configured with is left to be loaded; by default so as soon as it serves."""
        return True

    def settled(self) -> bool:
        """Nothing is left for it to load or to write; it may wait for the disk all the same and use no CPU."""
        return self.loaded()

    def start(self) -> None:
        self.spawn()
        for port in self.site.ports.values():
            self._wait_for(port)

    def stop(self) -> None:
        if self._process is None:
            return
        family = procfs.tree(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in family[1:]:  # workers may outlive their master, and hold its ports
            procfs.end(pid)
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def alive(self) -> bool:
        return self._process.poll() is None

    def log(self) -> str:
        return (self.site.directory / "log").read_text(errors="replace").strip()[-2000:]

    def cpu_ns(self) -> int:
        return procfs.cpu_ns(self._process.pid)

    def pss_bytes(self) -> int:
        return procfs.pss_bytes(self._process.pid)

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.alive():
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.name} does not listen on port {port}: {self.log()}")


def said(command: list) -> str:
    """What a program prints, on either stream."""
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout + done.stderr
