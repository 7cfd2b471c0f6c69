"""A program that runs for the length of a `with` block, its output kept for when something fails."""

import pathlib
import signal
import socket
import subprocess


def free_port():
    """A TCP port nobody listens on, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connects(port, host="127.0.0.1"):
    socket.create_connection((host, port), timeout=1).close()
    return True


class Process:
    """Starts `command`, writes its output to `log`, ends it at the end of the block."""

    def __init__(self, command, log, **options):
        self.log = pathlib.Path(log)
        with self.log.open("wb") as output:
            options = {"stdin": subprocess.DEVNULL, **options}
            self.child = subprocess.Popen([str(each) for each in command], stdout=output,
                                          stderr=subprocess.STDOUT, **options)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind is not None:
            print(f"--- {self.log.name} ---\n{self.output()[-6000:]}")

    def output(self):
        return self.log.read_text(errors="replace")

    def alive(self):
        assert self.child.poll() is None, f"{self.log.name} ended:\n{self.output()[-3000:]}"
        return True

    def stop(self, timeout=15):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        if self.child.stdin:
            self.child.stdin.close()
