"""Debian's hitch."""

import os
import re
import signal
from pathlib import Path

from .peer import Peer, said


class Hitch(Peer):
    name = program = package = "hitch"
    template = "hitch.conf"

    def one_certificate(self, pem: Path) -> str:
        return f'pem-file = "{pem}"'

    def many_certificates(self, directory: Path) -> str:
        return ""

    def values(self) -> dict:
        # A directory of certificates is for all frontends that name none.
        domains = self.site.domains
        # As root it insists on giving its workers to somebody else.
        user = 'user = "nobody"' if os.geteuid() == 0 else ""
        return {**super().values(), "user": user,
                "domains": f'pem-dir = "{domains}"' if domains else ""}

    def command(self, configuration: Path) -> list:
        return [self.executable(), f"--config={configuration}"]

    def check_command(self, configuration: Path) -> list:
        return [*self.command(configuration), "--test"]

    def version(self) -> str:
        return re.search(r"hitch (\S+)", said([self.executable(), "--version"])).group(1)

    def after_change(self, name: str) -> None:
        self.send_signal(signal.SIGHUP)
