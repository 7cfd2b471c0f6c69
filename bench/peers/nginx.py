"""Debian's nginx with its stream module."""

import os
import re
from pathlib import Path

from harness import machine

from .peer import Peer, said

MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


class Nginx(Peer):
    name = program = "nginx"
    package = "libnginx-mod-stream"
    template = "nginx.conf"

    def values(self) -> dict:
        user = "root" if os.geteuid() == 0 else "nobody"
        descriptors = machine.descriptor_limit()
        return {**super().values(), "user": user, "descriptors": descriptors,
                "connections": descriptors - 100, "load_module": f"load_module {MODULE};"}

    def one_certificate(self, pem: Path) -> str:
        return f"ssl_certificate {pem}; ssl_certificate_key {pem};"

    def many_certificates(self, directory: Path) -> str:
        # With a variable nothing is loaded at the start, and each handshake reads its file.
        return self.one_certificate(directory / "$ssl_server_name.pem")

    def command(self, configuration: Path) -> list:
        return [self.executable(), "-e", "stderr", "-c", configuration]

    def check_command(self, configuration: Path) -> list:
        return [*self.command(configuration), "-t"]

    def version(self) -> str:
        return re.search(r"nginx/(\S+)", said([self.executable(), "-v"])).group(1)
