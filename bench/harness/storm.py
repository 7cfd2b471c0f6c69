"""5,000 phones are cut off at one moment and come back; 200 others are not cut."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .compare import set_up
from .load import Backend, LoadFailed

WINDOW_S = 8  # from the cut: how long the others' messages are looked at
OTHERS = {"connections": 200, "size": 400, "interval": 200, "duration": WINDOW_S}


@dataclass
class Storm:
    """What one storm did to one terminator; None where it could not be measured."""

    peer: str
    resume: bool
    phones: dict | None = None
    others: dict | None = None
    why: str = ""


def _one(bench, peer, clients: int, resume: bool) -> Storm:
    options = {"resume": True} if resume else {}
    with bench.load("paced", peer, "p256", **OTHERS) as others, \
            bench.load("storm", peer, "p256", background=True, clients=clients, sources=50,
                       deadline=90, **options) as phones:
        others.expect("ready")
        phones.expect("ready")
        phones.go()
        phones.expect("cut")
        others.go()
        done = phones.expect("done")
        others.expect("measured")
        others.go()
        return Storm(peer.name, resume, done, others.expect("done")["latency"])


def measure(bench, kinds, clients: int) -> list[Storm]:
    """A fresh process for each storm, without resumption and with it."""
    server_core, load_core = machine.cores()
    backend = Backend(bench.program, load_core)
    found = []
    with tempfile.TemporaryDirectory(prefix="arbortls-storm-") as directory:
        for peer in set_up(kinds, Path(directory), backend.port, server_core):
            for resume in (False, True):
                try:
                    peer.start()
                    found.append(_one(bench, peer, clients, resume))
                except (LoadFailed, RuntimeError) as failure:
                    found.append(Storm(peer.name, resume, why=str(failure)))
                finally:
                    peer.stop()
    backend.stop()
    return found


def render(storms: list[Storm]) -> str:
    header = ("terminator", "handshakes", "served", "last served, s after the cut", "waited over 5 s",
              "failed attempts", "others' messages: p50, ms", "p99, ms", "max, ms")
    found = ["| " + " | ".join(header) + " |", "|---|---" + "|---:" * (len(header) - 2) + "|"]
    for storm in storms:
        handshakes = "resumed" if storm.resume else "full"
        if storm.phones is None:
            found.append(f"| {storm.peer} | {handshakes} | - {'| ' * (len(header) - 2)}|")
            continue
        phones, others = storm.phones, storm.others
        latencies = (f"{others[key] / 1e3:.2f}" for key in ("p50_us", "p99_us", "max_us"))
        cells = (storm.peer, handshakes, f"{phones['served']:,}", f"{phones['last_served_s']:.2f}",
                 f"{phones['over_5s']:,}", f"{phones['failed_attempts']:,}", *latencies)
        found.append("| " + " | ".join(cells) + " |")
    return "\n".join(found)
