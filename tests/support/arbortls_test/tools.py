"""What other people's TLS clients see: openssl s_client, gnutls-cli, curl."""

import hashlib
import re
import ssl
import subprocess

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def _leaf(text, command):
    found = _BLOCK.search(text)
    assert found, f"{' '.join(command)} showed no certificate:\n{text[-2000:]}"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest()


def _run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=15)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _split(address):
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


def openssl(address, name=None, *options):
    """Digest of the leaf; `name` goes into SNI as it is, IP literal or not."""
    sni = ["-servername", name] if name is not None else ["-noservername"]
    command = ["openssl", "s_client", "-connect", address, *sni, *options]
    return _leaf(_run(command), command)


def gnutls(address, name=None, *options):
    host, port = _split(address)
    sni = ["--sni-hostname", name] if name is not None else ["--disable-sni"]
    command = ["gnutls-cli", "--insecure", "--print-cert", *sni, *options, "-p", port, host]
    return _leaf(_run(command), command)


def curl(address, name=None, *options):
    """`name` None asks for the bare address, so that curl sends no SNI."""
    host, port = _split(address)
    target = name if name is not None else host
    command = ["curl", "-sk", "--max-time", "10", "--connect-to", f"::{host}:{port}", "-o",
               "/dev/null", "-w", "%{certs}", *options, f"https://{target}:{port}/"]
    return _leaf(_run(command), command)
