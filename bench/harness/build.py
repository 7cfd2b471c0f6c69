"""The programs under test: built here, or installed from Debian."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def release(build_dir: Path, build: bool) -> None:
    """Brings `build_dir` up to date with the release preset."""
    if not build:
        return
    configure = ["cmake", "--preset", "release", "-B", str(build_dir)]
    if not (build_dir / "CMakeCache.txt").exists():
        subprocess.run(configure, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", str(build_dir), "--target", "arbortls_bench", "arbortls"],
                   check=True, stdout=subprocess.DEVNULL)


def debian_program(program: str, package: str) -> str:
    """The path of a Debian program. If its package is missing, all of the benchmark's are installed."""
    if not _installed(package):
        subprocess.run([ROOT / "tests" / "packages", "bench"], check=True)
    path = found(program)
    if not path:
        raise SystemExit(f"{program} is missing: apt-get install {package}")
    return path


def found(program: str) -> str | None:
    """Where it is, be it where only root looks."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@functools.cache
def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"
