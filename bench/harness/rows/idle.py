"""Connections that had a message there and back once; a fresh process, warmed up a little."""

from dataclasses import dataclass

from ..load import LoadFailed
from ..metric import Metric
from .base import Bench, Row


@dataclass
class Idle(Row):
    name: str = "idle"
    title: str = "idle connection, 4,000 of them"
    connections: int = 4000
    metrics = (Metric("kb", "memory (PSS)", "kB", ratio=0.90, chart="memory of an idle connection"),)
    most_rounds = 3
    quick_rounds = 1

    def measure(self, bench: Bench, peer) -> dict:
        peer.restart()
        with bench.load("idle", peer, "p256", connections=50) as warm_up:
            warm_up.expect("ready")
            warm_up.go()
            warm_up.expect("done")
        before = peer.pss_bytes()
        with bench.load("idle", peer, "p256", connections=self.connections) as load:
            load.expect("ready")
            grown = peer.pss_bytes() - before
            load.go()
            done = load.expect("done")
        if done["ended_early"]:
            raise LoadFailed(f"{done['ended_early']} idle connections were ended by the server")
        return {"kb": grown / 1e3 / self.connections, "empty_mb": before / 1e6}
