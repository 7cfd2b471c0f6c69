"""Debian's stunnel, which has a thread for each connection."""

import re
import signal
from pathlib import Path

from .peer import Peer, said


class Stunnel(Peer):
    name = "stunnel"
    program = package = "stunnel4"
    template = "stunnel.conf"

    def one_certificate(self, pem: Path) -> str:
        return f"cert = {pem}\nkey = {pem}"

    def many_certificates(self, directory: Path) -> str:
        return self.one_certificate(self.site.certificates["p256"].pem)

    def values(self) -> dict:
        return {**super().values(), "domain_services": self._services()}

    def _services(self) -> str:
        """A section for each name, as its manual has it for virtual hosts."""
        if not self.site.domains:
            return ""
        backend = f"connect = 127.0.0.1:{self.site.backend_port}"
        return "\n".join(f"[{pem.stem}]\nsni = p256:{pem.stem}\n{backend}\n{self.one_certificate(pem)}"
                         for pem in sorted(self.site.domains.glob("*.pem")))

    def command(self, configuration: Path) -> list:
        return [self.executable(), configuration]

    def version(self) -> str:
        return re.search(r"stunnel (\S+)", said([self.executable(), "-version"])).group(1)

    def after_change(self, name: str) -> None:
        self.send_signal(signal.SIGHUP)
