"""More threads against one of each lane, with nobody pinned to a core."""

import resource
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .compare import set_up
from .load import Backend

LOADS = 2  # load generators at a time: one alone, being one thread, would be the limit
HANDSHAKES = ("handshakes", {"count": 4000, "parallel": 32})
MESSAGES = ("ping-pong", {"connections": 100, "size": 400, "count": 100_000})


@dataclass
class Throughput:
    """Of all loads together; CPU time of each side for one of whatever was counted."""

    threads: int
    what: str
    per_second: float
    server_us: float
    load_us: float


def _children_ns() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1e9


def _throughput(bench, peer, threads: int, mode: str, options: dict) -> Throughput:
    spent = _children_ns()
    with ExitStack() as stack:
        loads = [stack.enter_context(bench.load(mode, peer, "p256", **options)) for _ in range(LOADS)]
        for load in loads:
            load.expect("ready")
        before = peer.cpu_ns()
        for load in loads:
            load.go()
        if mode == "ping-pong":
            for load in loads:
                load.expect("measured")
            server = peer.cpu_ns() - before
            for load in loads:
                load.go()
        done = [load.expect("done") for load in loads]
        if mode == "handshakes":
            server = peer.cpu_ns() - before
    count = sum(one["count"] for one in done)
    seconds = max(one["seconds"] for one in done)
    return Throughput(threads, mode, count / seconds, server / 1e3 / count,
                      (_children_ns() - spent) / 1e3 / count)


def measure(bench, kind, most: int, rounds: int) -> list[Throughput]:
    """The best of the rounds, for each number of threads and each load."""
    backend = Backend(bench.program, None)
    found = []
    with tempfile.TemporaryDirectory(prefix="arbortls-workers-") as directory:
        for threads in range(1, most + 1):
            peer, = set_up([kind], Path(directory) / str(threads), backend.port, None, threads)
            peer.start()
            for mode, options in (HANDSHAKES, MESSAGES):
                tried = [_throughput(bench, peer, threads, mode, options) for _ in range(rounds)]
                found.append(max(tried, key=lambda one: one.per_second))
            peer.stop()
    backend.stop()
    return found


def render(found: list[Throughput]) -> str:
    alone = {one.what: one.per_second for one in found if one.threads == 1}
    rows = ["| threads a lane | what | a second | against 1 | server CPU, µs | load CPU, µs |",
            "|---|---|---:|---:|---:|---:|"]
    rows += [f"| {one.threads} + {one.threads} | {one.what} | {one.per_second:,.0f} | "
             f"{one.per_second / alone[one.what]:.2f} | {one.server_us:.1f} | {one.load_us:.1f} |" for one in found]
    return "\n".join(rows)
