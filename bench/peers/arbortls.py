"""The daemon of this project: two lanes of one thread each, both on the one core."""

import json
import shutil
from pathlib import Path

from .peer import Peer, said


class Arbortls(Peer):
    name = "arbortls"
    template = "arbortls.yaml"
    program = ""  # set by whoever built it

    def executable(self) -> str:
        return self.program

    def values(self) -> dict:
        return {**super().values(), "domains": self.site.domains or self._own_domains()}

    def _own_domains(self) -> Path:
        domains = self.site.directory / "domains"
        domains.mkdir(mode=0o700, exist_ok=True)
        for made in self.site.certificates.values():
            shutil.copy(made.pem, domains / f"{made.name}.pem")
        return domains

    def command(self, configuration: Path) -> list:
        return [self.program, "serve", "-c", configuration]

    def check_command(self, configuration: Path) -> list:
        return [self.program, "check", "-c", configuration]

    def version(self) -> str:
        return said([self.program, "--version"]).split()[-1]

    def loaded(self) -> bool:
        return self._certificates("pending") == 0

    def settled(self) -> bool:
        return self._certificates("pending") == self._certificates("unsaved") == 0

    def _certificates(self, which: str) -> int:
        return json.loads(self.control("status", "--json"))["certificates"][which]

    def control(self, *command) -> str:
        """What `arbortls COMMAND` says about the running one."""
        return said([self.program, *command, "--socket", self.site.directory / "control.sock"])
