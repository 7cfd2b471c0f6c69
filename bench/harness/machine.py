"""The machine the comparison runs on."""

import os
import platform
import resource
import socket
from pathlib import Path


def cores() -> tuple[int, int]:
    """(core of the server under test, core of the load and the backend)."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[1 if len(available) > 1 else 0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core: int | None, command: list) -> list:
    """`command` on that core (None: any); it ends when whoever started it does."""
    place = [] if core is None else ["taskset", "-c", str(core)]
    return ["setpriv", "--pdeathsig", "TERM", *place, *map(str, command)]


def descriptor_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def raise_descriptor_limit() -> None:
    hard = descriptor_limit()
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def description() -> dict:
    models = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return {"cpu": models[0] if models else "unknown", "cores": os.cpu_count(), "tcp": congestion,
            "kernel": platform.release(), "load_average": os.getloadavg()}
