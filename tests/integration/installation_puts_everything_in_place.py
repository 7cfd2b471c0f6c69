"""`cmake --install` into a staging folder puts all in place and never overwrites a configuration."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIP = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]


def build_directory():
    for folder in pathlib.Path(os.environ["ARBORTLS"]).resolve().parents:
        if (folder / "CMakeCache.txt").exists():
            return folder
    print("not run from a build directory")
    sys.exit(SKIP)


def install(build, stage):
    done = subprocess.run(["cmake", "--install", str(build), "--prefix", "/usr"],
                          env=os.environ | {"DESTDIR": str(stage)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def everything_is_there(stage):
    for path in ("usr/sbin/arbortls", "usr/share/man/man8/arbortls.8",
                 "usr/lib/systemd/system/arbortls.service", "usr/lib/systemd/system/arbortls.socket",
                 "usr/lib/systemd/system/arbortls-sips.socket", "usr/lib/sysusers.d/arbortls.conf",
                 "usr/lib/tmpfiles.d/arbortls.conf"):
        assert (stage / path).is_file(), path
    unit = (stage / "usr/lib/systemd/system/arbortls.service").read_text()
    command = re.search(r"^ExecStart=(\S+) serve$", unit, re.M).group(1)
    assert command == "/usr/sbin/arbortls", command
    version = subprocess.run([stage / command.lstrip("/"), "--version"], capture_output=True, text=True)
    assert version.returncode == 0 and version.stdout.startswith("arbortls "), version


def documents_are_there(stage):
    for source, name in (("README.md", "README.md"), ("config/reference.md", "reference.md")):
        if (ROOT / source).exists():
            assert (stage / "usr/share/doc/arbortls" / name).is_file(), name


def a_configuration_is_kept(build, stage):
    target = stage / "etc/arbortls/arbortls.yaml"
    if (ROOT / "config/arbortls.yaml").exists():
        assert target.stat().st_mode & 0o777 == 0o640, oct(target.stat().st_mode)
        target.chmod(0o600)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("# mine\n")
    assert "Kept: " in install(build, stage)
    assert target.read_text() == "# mine\n"


if __name__ == "__main__":
    build = build_directory()
    with tempfile.TemporaryDirectory() as folder:
        stage = pathlib.Path(folder)
        install(build, stage)
        everything_is_there(stage)
        documents_are_there(stage)
        a_configuration_is_kept(build, stage)
