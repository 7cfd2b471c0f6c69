"""The daemon of this project: two lanes of one thread each, both on the one core."""

import os
import shutil
import subprocess
from pathlib import Path

from .peer import Peer


class Arbortls(Peer):
    name = "arbortls"
    template = "arbortls.yaml"
    program = ""  # set by bench/run

    def prepare(self) -> None:
        for folder in ("state", "domains"):
            (self.site.directory / folder).mkdir(mode=0o700, exist_ok=True)
        for made in self.site.certificates.values():
            shutil.copy(made.pem, self.site.directory / "domains" / f"{made.name}.pem")

    def command(self, configuration: Path) -> list:
        return [self.program, "serve", "-c", configuration]

    def version(self) -> str:
        environment = {**os.environ, "LC_ALL": "C"}
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                              check=True, env=environment).stdout.split()
        return said[-1] if said else "unknown"
