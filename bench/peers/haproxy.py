"""Debian's haproxy in TCP mode."""

import socket
from pathlib import Path

from harness import machine

from .peer import Peer, said


class Haproxy(Peer):
    name = program = package = "haproxy"
    template = "haproxy.cfg"

    def values(self) -> dict:
        # It reserves two descriptors for each, and some.
        return {**super().values(), "connections": (machine.descriptor_limit() - 200) // 2}

    def command(self, configuration: Path) -> list:
        return [self.executable(), "-db", "-f", configuration]

    def check_command(self, configuration: Path) -> list:
        return [self.executable(), "-c", "-f", configuration]

    def version(self) -> str:
        return said([self.executable(), "-v"]).split()[2]

    def after_change(self, name: str) -> None:
        # The way without a reload: its runtime API.
        file = self.site.domains / f"{name}.pem"
        pem = "\n".join(line for line in file.read_text().splitlines() if line)
        self._ask(f"set ssl cert {file} <<\n{pem}\n\n")
        self._ask(f"commit ssl cert {file}\n")

    def _ask(self, command: str) -> None:
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.site.directory / "admin.sock"))
            admin.sendall(command.encode())
            answer = b""
            while more := admin.recv(65536):
                answer += more
        if not any(word in answer for word in (b"Success", b"created", b"updated")):
            raise RuntimeError(f"haproxy refused a certificate: {answer.decode().strip()}")
