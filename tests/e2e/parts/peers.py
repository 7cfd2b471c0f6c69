"""Who is connected to a local port, as the kernel knows it."""

import pathlib

ESTABLISHED = "01"


def _text(hexadecimal):
    host, port = hexadecimal.split(":")
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(host))), int(port, 16)


def peers_of(port):
    """Addresses (`host:port`) of the established IPv4 clients of a local TCP port."""
    found = set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, remote, state = line.split()[1:4]
        if state == ESTABLISHED and _text(local)[1] == port:
            found.add("%s:%d" % _text(remote))
    return found
