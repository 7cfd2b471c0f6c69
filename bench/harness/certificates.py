"""A throw-away CA with an intermediate, and one server certificate of each key type."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

KEYS = {"p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}


@dataclass
class Certificate:
    """`pem` holds the key, the certificate and the intermediate, as a public CA's customer has them."""

    name: str
    pem: Path


def _issue(directory: Path, name: str, subject: str, key: list, issuer: str | None, ext: list):
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", *key, "-days", "360", "-sha256",
               "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.crt"]
    if issuer:
        command += ["-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key"]
    for extension in ext:
        command += ["-addext", extension]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)


def _make_authority(directory: Path) -> None:
    ca = ["basicConstraints=critical,CA:TRUE"]
    _issue(directory, "root", "Bench Root", KEYS["p256"], None, ca)
    _issue(directory, "intermediate", "Bench Intermediate", KEYS["p256"], "root", ca)


def make_authority(directory: Path, pem: Path) -> None:
    """A CA of its own; `pem` gets its issuing key and certificate."""
    _make_authority(directory)
    pem.write_text("".join((directory / f"intermediate.{part}").read_text() for part in ("key", "crt")))
    pem.chmod(0o600)


def make(directory: Path, domain: str) -> dict[str, Certificate]:
    """{"p256": Certificate, "rsa": Certificate} for p256.DOMAIN and rsa.DOMAIN."""
    directory.mkdir(parents=True)
    _make_authority(directory)
    made = {}
    for kind, key in KEYS.items():
        name = f"{kind}.{domain}"
        leaf = ["basicConstraints=critical,CA:FALSE", f"subjectAltName=DNS:{name}",
                "extendedKeyUsage=serverAuth"]
        _issue(directory, kind, name, key, "intermediate", leaf)
        parts = [directory / f"{part}" for part in (f"{kind}.key", f"{kind}.crt", "intermediate.crt")]
        pem = directory / f"{name}.pem"
        pem.write_text("".join(part.read_text() for part in parts))
        pem.chmod(0o600)
        made[kind] = Certificate(name, pem)
    return made
