"""One run of the load generator, step by step."""

import json
import subprocess

from . import machine


class LoadFailed(Exception):
    pass


def arguments(options: dict) -> list:
    """{"count": 5, "resume": True} as the load generator takes them."""
    return [part for key, value in options.items()
            for part in ([f"--{key}"] if value is True else [f"--{key}", str(value)])]


class Load:
    """The load generator tells where it stands and goes on when told so (see bench/load/steps.hpp)."""

    def __init__(self, program, core: int | None, mode: str, background: bool = False, **options):
        """In the background it leaves its core to whatever else wants it, without being starved."""
        command = [program, "--step", mode, *arguments(options)]
        if background:
            command = ["chrt", "--idle", "0", *command]
        self._process = subprocess.Popen(
            machine.pinned(core, command), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def expect(self, event: str) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise LoadFailed(self._process.stderr.read().strip() or "the load generator died")
        said = json.loads(line)
        if said["event"] != event:
            raise LoadFailed(f"expected {event!r}, got {line.strip()}")
        return said

    def go(self) -> None:
        self._process.stdin.write("\n")
        self._process.stdin.flush()


class Backend:
    """The plain TCP server behind every terminator, one for all of them."""

    def __init__(self, program, core: int | None):
        self._process = subprocess.Popen(machine.pinned(core, [program, "backend"]), text=True,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.port = json.loads(self._process.stdout.readline())["port"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=5)
