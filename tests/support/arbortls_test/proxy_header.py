"""The PROXY protocol: headers to send, and a reader for what the daemon sends."""

import ipaddress
import struct
from dataclasses import dataclass

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


@dataclass
class Header:
    version: int
    command: str  # PROXY, LOCAL, UNKNOWN
    source: str  # host:port, "" where the header names none
    destination: str
    size: int  # bytes of the header
    tlvs: list  # (type, value)


def v1(source="192.0.2.7", port=40000, destination="198.51.100.9", to_port=443):
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {destination} {port} {to_port}\r\n".encode()


def v2(source="192.0.2.7", port=40000, destination="198.51.100.9", to_port=443, tlvs=b"",
       command=1, transport=1):
    packed = [ipaddress.ip_address(each).packed for each in (source, destination)]
    family = 1 if len(packed[0]) == 4 else 2
    body = b"".join(packed) + struct.pack("!HH", port, to_port) + tlvs
    return v2_raw(0x20 | command, family << 4 | transport, body)


def v2_raw(version_command, family, body, length=None):
    length = len(body) if length is None else length
    return SIGNATURE + struct.pack("!BBH", version_command, family, length) + body


def v2_local():
    return v2_raw(0x20, 0, b"")


def read(data):
    """The header at the front of `data`. Raises ValueError if there is none."""
    if data.startswith(SIGNATURE):
        return _read_v2(data)
    if data.startswith(b"PROXY "):
        return _read_v1(data)
    raise ValueError(f"no PROXY header: {data[:40]!r}")


def _read_v1(data):
    end = data.index(b"\r\n")
    if end > 105:
        raise ValueError("v1 line too long")
    words = data[:end].decode("ascii").split(" ")
    if words[1] == "UNKNOWN":
        return Header(1, "UNKNOWN", "", "", end + 2, [])
    _, family, source, destination, port, to_port = words
    version = {"TCP4": 4, "TCP6": 6}[family]
    for each in (source, destination):
        if ipaddress.ip_address(each).version != version:
            raise ValueError(f"{each} under {family}")
    return Header(1, "PROXY", _join(source, int(port)), _join(destination, int(to_port)),
                  end + 2, [])


def _read_v2(data):
    version_command, family, length = struct.unpack_from("!BBH", data, 12)
    if version_command >> 4 != 2 or len(data) < 16 + length:
        raise ValueError("bad or short v2 header")
    body = data[16:16 + length]
    if version_command & 15 == 0:
        return Header(2, "LOCAL", "", "", 16 + length, [])
    if family == 0:
        return Header(2, "UNKNOWN", "", "", 16 + length, _tlvs(body))
    width = {0x11: 4, 0x21: 16}[family]
    source, destination = (str(ipaddress.ip_address(body[at:at + width])) for at in (0, width))
    port, to_port = struct.unpack_from("!HH", body, 2 * width)
    return Header(2, "PROXY", _join(source, port), _join(destination, to_port), 16 + length,
                  _tlvs(body[2 * width + 4:]))


def _join(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _tlvs(data):
    found = []
    while data:
        kind, size = struct.unpack_from("!BH", data)
        if len(data) < 3 + size:
            raise ValueError("a TLV runs over the end of the header")
        found.append((kind, data[3:3 + size]))
        data = data[3 + size:]
    return found
