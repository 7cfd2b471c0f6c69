"""The systemd units are sound, the service's exposure is 1.5 or better, and it may still do its
work."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SYSTEMD = pathlib.Path(__file__).resolve().parents[2] / "systemd"
SKIP = 77


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def exposure_is_at_most_1_5():
    code, text = analyze("security", "--offline=true", "--threshold=15", str(SYSTEMD / "arbortls.service"))
    print(text)
    assert code == 0, "exposure above 1.5"


def units_verify():
    with tempfile.TemporaryDirectory() as folder:
        executable = os.environ.get("ARBORTLS", "/bin/true")
        for unit in ("arbortls.service", "arbortls.socket", "arbortls-sips.socket"):
            text = (SYSTEMD / unit).read_text().replace("/usr/sbin/arbortls", executable)
            pathlib.Path(folder, unit).write_text(text)
        code, text = analyze("verify", "--man=no", "--recursive-errors=no",
                             *(str(path) for path in sorted(pathlib.Path(folder).iterdir())))
        print(text)
        assert code == 0 and folder not in text and "arbortls" not in text, text


def what_the_daemon_needs_is_allowed():
    """A tighter unit is easily one that no longer works: these are the daemon's needs."""
    unit = (SYSTEMD / "arbortls.service").read_text()
    settings = re.findall(r"^(\w+)=(.*)$", unit, re.M)
    allowed = " ".join(value for key, value in settings
                       if key == "SystemCallFilter" and not value.startswith("~"))
    for call in ("setpriority", "prlimit64", "@system-service"):
        assert call in allowed, call
    families = dict(settings)["RestrictAddressFamilies"].split()
    assert {"AF_UNIX", "AF_INET", "AF_INET6"} <= set(families), families
    values = dict(settings)
    assert values["Type"] == "notify" and "HUP" in values["ExecReload"]
    assert values["CapabilityBoundingSet"] == values["AmbientCapabilities"] == "CAP_NET_BIND_SERVICE"
    # A user namespace would take the low ports away.
    assert "PrivateUsers" not in values and "PrivateNetwork" not in values


def each_socket_has_its_name():
    names = [re.search(r"^FileDescriptorName=(\w+)$", path.read_text(), re.M).group(1)
             for path in sorted(SYSTEMD.glob("*.socket"))]
    assert names == ["sips", "wss"], names


if __name__ == "__main__":
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze is not installed")
        sys.exit(SKIP)
    exposure_is_at_most_1_5()
    units_verify()
    what_the_daemon_needs_is_allowed()
    each_socket_has_its_name()
