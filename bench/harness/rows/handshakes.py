"""Connections one after the other, 16 at a time, each ended in an orderly way."""

import time
from dataclasses import dataclass, field, replace

from ..load import LoadFailed
from ..metric import Metric
from .base import CPU, Bench, Row

RATE = Metric("per_second", "handshakes", "1/s", lower_is_better=False)


@dataclass
class Handshakes(Row):
    name: str
    title: str
    kind: str = "p256"
    options: dict = field(default_factory=dict)
    ratio: float | None = None
    limit: dict = field(default_factory=lambda: {"cpu_us": "handshake_us"})
    short: str = ""  # the title, for the chart
    full: int = 5000
    quick: int = 500

    @property
    def metrics(self) -> tuple:
        return replace(CPU, ratio=self.ratio, chart=self.short or self.title), RATE

    def measure(self, bench: Bench, peer) -> dict:
        count = bench.amount(self.full, self.quick)
        with bench.load("handshakes", peer, self.kind, count=count, **self.options) as load:
            load.expect("ready")
            before = peer.cpu_ns()
            load.go()
            done = load.expect("done")
            time.sleep(0.02)
            cpu = peer.cpu_ns() - before
        if done["failed"]:
            raise LoadFailed(f"{done['failed']} of {count} handshakes failed: {done['why']}")
        if done["resumed"] != (count if "resume" in self.options else 0):
            raise LoadFailed(f"{done['resumed']} of {count} handshakes were resumed")
        return {"cpu_us": cpu / 1e3 / count, "per_second": done["per_second"],
                "busy": cpu / 1e9 / done["seconds"], "p50_us": done["handshake"]["p50_us"],
                "p99_us": done["handshake"]["p99_us"], "reset": done["reset"]}


HANDSHAKES = (
    Handshakes("handshake-p256", "full handshake, TLS 1.3, P-256", ratio=0.85),
    Handshakes("handshake-rsa", "full handshake, TLS 1.3, RSA-2048", "rsa", ratio=0.90),
    Handshakes("handshake-tls12", "full handshake, TLS 1.2, P-256", options={"tls": "1.2"}),
    Handshakes("handshake-tls12-rsa", "full handshake, TLS 1.2, RSA-2048", "rsa", {"tls": "1.2"}),
    Handshakes("resumed", "resumed handshake, TLS 1.3", options={"resume": True}, ratio=0.85,
               limit={"cpu_us": "resumed_us"}),
    Handshakes("connection", "full handshake, TLS 1.3, P-256, and one 400-byte message",
               options={"message": 400}, limit={}, short="full handshake, and a message"),
)
