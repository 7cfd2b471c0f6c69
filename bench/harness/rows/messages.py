"""400 bytes there and back: as fast as they return, at a set pace, and at that pace during a flood."""

from dataclasses import dataclass, replace

from ..load import LoadFailed
from ..metric import Metric
from .base import CPU, Bench, Row, measured_part

P50 = Metric("p50_us", "p50", "µs")
P99 = Metric("p99_us", "p99", "µs")
P999 = Metric("p999_us", "p99.9", "µs")
PACE = {"connections": 500, "size": 400, "interval": 500}


@dataclass
class Messages(Row):
    """On 100 connections that stand, each one's next when the last is back."""

    name: str = "messages"
    title: str = "400-byte message there and back, 100 connections"
    metrics = (replace(CPU, ratio=0.85, chart="400-byte message there and back"),
               Metric("per_second", "messages", "1/s", lower_is_better=False), P50, P99)
    limit = {"cpu_us": "message_us"}

    def measure(self, bench: Bench, peer) -> dict:
        count = bench.amount(150_000, 30_000)
        with bench.load("ping-pong", peer, "p256", connections=100, size=400, count=count) as load:
            cpu, done = measured_part(load, peer)
        return {"cpu_us": cpu / 1e3 / count, "per_second": done["per_second"],
                "busy": cpu / 1e9 / done["seconds"], **done["latency"]}


@dataclass
class Paced(Row):
    """1,000 a second, evenly spread: what one message takes when nothing is full."""

    name: str = "paced"
    title: str = "paced 400-byte messages, 500 connections, calm"
    metrics = (CPU, P50, P99, P999)
    quick_rounds = 2

    def measure(self, bench: Bench, peer) -> dict:
        with bench.load("paced", peer, "p256", duration=bench.amount(6, 1), **PACE) as load:
            cpu, done = measured_part(load, peer)
        return {"cpu_us": cpu / 1e3 / done["count"], **done["latency"]}


@dataclass
class Flood(Row):
    """The same while 64 clients do nothing but full handshakes. The flood takes what the paced load leaves of its
    core, so that what the messages wait for is the server."""

    name: str = "flood"
    title: str = "the same while 64 clients flood full handshakes"
    metrics = (P50, replace(P99, ratio=0.25, chart="p99 of messages in a flood"), P999,
               Metric("per_second", "handshakes in the flood", "1/s", lower_is_better=False, ratio=0.95,
                      chart="handshakes a second in it, inverse"))
    quick_rounds = 2

    def measure(self, bench: Bench, peer) -> dict:
        seconds = bench.amount(6, 1)
        with bench.load("paced", peer, "p256", duration=seconds, **PACE) as paced, \
                bench.load("handshakes", peer, "p256", background=True, parallel=64, sources=64,
                           duration=seconds * 1000 + 500) as flood:
            flood.expect("ready")
            paced.expect("ready")
            flood.go()
            paced.go()
            paced.expect("measured")
            flooded = flood.expect("done")
            paced.go()
            done = paced.expect("done")
        if flooded["failed"] > flooded["count"] / 100:
            raise LoadFailed(f"{flooded['failed']} of the flood failed: {flooded['why']}")
        return {**done["latency"], "per_second": flooded["per_second"], "failed": flooded["failed"]}
