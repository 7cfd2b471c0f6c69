"""A TLS client that asks which certificate is served for a name."""

import socket
import ssl
import time
from pathlib import Path


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # which one it is, is looked at; whether it is valid is not
    return context


def certificate(port: int, name: str) -> bytes | None:
    """The certificate (DER) served for `name`, or None where nobody serves."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection, \
                _context().wrap_socket(connection, server_hostname=name) as tls:
            return tls.getpeercert(binary_form=True)
    except OSError:
        return None


def of_file(pem: Path) -> bytes:
    """The first certificate (DER) of a PEM file."""
    text = pem.read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start = text.index(begin)
    return ssl.PEM_cert_to_DER_cert(text[start:text.index(end, start) + len(end)])


def seconds_until_served(port: int, name: str, wanted: bytes, since: float, patience: float,
                         alive=lambda: True) -> float | None:
    """Seconds from `since` (time.monotonic) until that certificate is served; None: not within `patience`."""
    while time.monotonic() - since < patience and alive():
        if certificate(port, name) == wanted:
            return time.monotonic() - since
        time.sleep(0.002)
    return None
