"""The programs under test: built here, or installed from Debian."""

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
    """The path of a Debian program; its package is installed if need be."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path:
        return path
    if os.geteuid() != 0:
        raise SystemExit(f"{program} is missing: apt-get install {package}")
    subprocess.run(["apt-get", "install", "-y", "-q", package], check=True,
                   stdout=subprocess.DEVNULL,
                   env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return debian_program(program, package)
