"""Certificates by the thousand, each with its own key; made once and kept for later runs."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import certificates

SUFFIX = "many.example"
KEPT_FOR_DAYS = 300


def name_of(number: int) -> str:
    return f"d{number:06}.{SUFFIX}"


class Pool:
    """Lies in `cache`; the first `count` of its certificates are what `count` domains have."""

    def __init__(self, program, cache: Path):
        self._program = program
        self._pems = cache / "pems"
        self._issuer = cache / "issuer.pem"
        too_old = time.time() - KEPT_FOR_DAYS * 86400
        if cache.exists() and (not self._issuer.exists() or self._issuer.stat().st_mtime < too_old):
            shutil.rmtree(cache)
        if not cache.exists():
            self._pems.mkdir(parents=True)
            certificates.make_authority(cache, self._issuer)

    def _make(self, directory: Path, first: int, count: int) -> None:
        subprocess.run([self._program, "domains", "--directory", directory, "--issuer", self._issuer,
                        "--suffix", SUFFIX, "--first", str(first), "--count", str(count)],
                       check=True, stdout=subprocess.DEVNULL)

    def give(self, numbers, directory: Path) -> None:
        """Puts NAME.pem of these numbers into a new directory."""
        have = len(os.listdir(self._pems))
        needed = max(numbers) + 1
        if have < needed:
            self._make(self._pems, have, needed - have)
        directory.mkdir(parents=True)
        for number in numbers:
            file = f"{name_of(number)}.pem"
            _link(self._pems / file, directory / file)

    def another(self, number: int) -> Path:
        """A new certificate for that domain, in a directory of its own beside the others."""
        directory = Path(tempfile.mkdtemp(dir=self._pems.parent, prefix="new-"))
        self._make(directory, number, 1)
        return directory / f"{name_of(number)}.pem"


def _link(source: Path, target: Path) -> None:
    # Files that are replaced are renamed over, so the pool's own stay as they are.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
