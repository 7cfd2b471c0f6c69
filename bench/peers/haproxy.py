"""Debian's haproxy in TCP mode."""

import subprocess
from pathlib import Path

from harness import build

from .peer import Peer


class Haproxy(Peer):
    name = "haproxy"
    template = "haproxy.cfg"

    def command(self, configuration: Path) -> list:
        return [build.debian_program("haproxy", "haproxy"), "-db", "-f", configuration]

    def version(self) -> str:
        program = build.debian_program("haproxy", "haproxy")
        said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stdout
        return said.split()[2]
