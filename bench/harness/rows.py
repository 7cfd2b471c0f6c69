"""What is measured. A row runs one load against one peer and returns {metric: figure}."""

import time
from dataclasses import dataclass, field

from .load import Load, LoadFailed


@dataclass(frozen=True)
class Metric:
    key: str
    label: str
    unit: str
    lower_is_better: bool = True


CPU_HANDSHAKE = Metric("cpu_us", "server CPU", "µs")
RATE = Metric("per_second", "rate, load on one core", "1/s", lower_is_better=False)


@dataclass
class Bench:
    """What every row needs: the load generator, its core, and whether to be quick."""

    program: str
    core: int
    quick: bool

    def load(self, mode: str, peer, kind: str, **options) -> Load:
        return Load(self.program, self.core, mode, port=peer.site.ports[kind],
                    sni=peer.site.certificates[kind].name, **options)

    def amount(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def _measured_part(load: Load, peer) -> tuple[int, dict]:
    """(the peer's CPU time between "ready" and "measured", what the load says in the end)."""
    load.expect("ready")
    before = peer.cpu_ns()
    load.go()
    load.expect("measured")
    cpu = peer.cpu_ns() - before
    load.go()
    return cpu, load.expect("done")


@dataclass
class Handshakes:
    """Connections one after the other, 16 at a time, each ended in an orderly way."""

    name: str
    title: str
    kind: str = "p256"
    full: int = 5000
    quick: int = 1500
    options: dict = field(default_factory=dict)
    metrics = (CPU_HANDSHAKE, RATE)

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


@dataclass
class Messages:
    """400 bytes there and back on 100 connections that stand, each one's next when the last is back."""

    name: str = "messages"
    title: str = "400-byte message there and back, 100 connections"
    metrics = (Metric("cpu_us", "server CPU", "µs"),
               Metric("per_second", "rate", "1/s", lower_is_better=False),
               Metric("p50_us", "p50", "µs"), Metric("p99_us", "p99", "µs"))

    def measure(self, bench: Bench, peer) -> dict:
        count = bench.amount(150_000, 40_000)
        with bench.load("ping-pong", peer, "p256", connections=100, size=400, count=count) as load:
            cpu, done = _measured_part(load, peer)
        return {"cpu_us": cpu / 1e3 / count, "per_second": done["per_second"],
                "busy": cpu / 1e9 / done["seconds"], **done["latency"]}


@dataclass
class Paced:
    """The same messages at 1,000 a second, evenly spread: what one message takes when nothing is full."""

    name: str = "paced"
    title: str = "400-byte message there and back, 1,000 a second on 100 connections"
    metrics = (Metric("cpu_us", "server CPU", "µs"),
               Metric("p50_us", "p50", "µs"), Metric("p99_us", "p99", "µs"))

    def measure(self, bench: Bench, peer) -> dict:
        with bench.load("paced", peer, "p256", connections=100, size=400, interval=100,
                        duration=bench.amount(5, 2)) as load:
            cpu, done = _measured_part(load, peer)
        return {"cpu_us": cpu / 1e3 / done["count"], **done["latency"]}


@dataclass
class Bulk:
    """Bytes in one direction on 4 connections."""

    name: str
    title: str
    metrics = (Metric("cpu_s_per_gb", "server CPU", "s/GB"),
               Metric("mb_per_second", "rate", "MB/s", lower_is_better=False))

    def measure(self, bench: Bench, peer) -> dict:
        size = bench.amount(1_000_000_000, 300_000_000)
        with bench.load(self.name, peer, "p256", connections=4, bytes=size) as load:
            cpu, done = _measured_part(load, peer)
        return {"cpu_s_per_gb": cpu / size, "mb_per_second": done["mb_per_second"],
                "busy": cpu / 1e9 / done["seconds"]}


@dataclass
class Idle:
    """2,000 connections that had a message there and back once; a fresh process, warmed up a little."""

    name: str = "idle"
    title: str = "idle connection, 2,000 of them"
    connections: int = 2000
    metrics = (Metric("kb", "memory (PSS)", "kB"),)

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


ROWS = (
    Handshakes("handshake-p256", "full handshake, TLS 1.3, P-256"),
    Handshakes("handshake-rsa", "full handshake, TLS 1.3, RSA-2048", kind="rsa", full=4000, quick=1200),
    Handshakes("handshake-tls12", "full handshake, TLS 1.2, P-256", options={"tls": "1.2"}),
    Handshakes("resumed", "resumed handshake, TLS 1.3", options={"resume": True}),
    Handshakes("connection", "full handshake, TLS 1.3, P-256, and one 400-byte message",
               options={"message": 400}),
    Messages(),
    Paced(),
    Bulk("download", "bulk, backend to client"),
    Bulk("upload", "bulk, client to backend"),
    Idle(),
)
