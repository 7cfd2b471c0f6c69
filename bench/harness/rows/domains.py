"""Many domains, each with a certificate of its own: start, memory, and one certificate changed."""

import shutil
import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .. import machine, probe
from ..certificates import Certificate
from ..load import LoadFailed
from ..many_domains import Pool, name_of
from ..metric import Metric
from .base import Bench, Row

PATIENCE_S = 300


@contextmanager
def terminator_with(bench: Bench, peer, numbers, core):
    """A terminator of the same kind for these domains, not yet started, and the pool they come from."""
    pool = Pool(bench.program, bench.cache)
    directory = Path(tempfile.mkdtemp(dir=bench.cache, prefix=f"{peer.name}-"))
    pool.give(numbers, directory / "domains")
    first = Certificate(name_of(numbers[0]), directory / "domains" / f"{name_of(numbers[0])}.pem")
    ports = {kind: machine.free_port() for kind in peer.site.ports}
    site = replace(peer.site, directory=directory, ports=ports, domains=directory / "domains", core=core,
                   certificates={**peer.site.certificates, "p256": first})
    one = type(peer)(site)
    try:
        yield one, pool
    finally:
        one.stop()
        shutil.rmtree(directory, ignore_errors=True)


def serve(peer, number: int) -> float:
    """Starts it; seconds until that domain's own certificate is served."""
    name = name_of(number)
    wanted = probe.of_file(peer.site.domains / f"{name}.pem")
    peer.spawn()
    took = probe.seconds_until_served(peer.site.ports["p256"], name, wanted, peer.started_at, PATIENCE_S,
                                      peer.alive)
    if took is None:
        raise LoadFailed(f"{name} is not served: {peer.log()}")
    return took


def load_all(peer, first: float) -> float:
    """Seconds from its start until nothing is left to be loaded; `first`: until it served for the first time."""
    deadline = time.monotonic() + PATIENCE_S
    took = first
    while not peer.loaded() and time.monotonic() < deadline:
        time.sleep(0.02)
        took = time.monotonic() - peer.started_at
    return took


def quiet_cpu_ns(peer) -> int:
    """Its CPU time once nothing is left for it to do and it has stopped to use any."""
    now = peer.cpu_ns()
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        time.sleep(0.25)
        before, now = now, peer.cpu_ns()
        # Asked last: the answer costs some, too.
        if now - before <= 1_000_000 and peer.settled():
            return now
    raise LoadFailed(f"{peer.name} does not come to rest")


def change(pool: Pool, peer, number: int) -> float:
    """Seconds from the new certificate's being put in place until it is served."""
    name, pem = name_of(number), pool.another(number)
    wanted = probe.of_file(pem)
    since = time.monotonic()
    peer.change(name, pem)
    took = probe.seconds_until_served(peer.site.ports["p256"], name, wanted, since, PATIENCE_S)
    pem.parent.rmdir()
    if took is None:
        raise LoadFailed(f"the changed certificate of {name} is not served")
    return took


def change_cpu_ns(pool: Pool, peer, number: int) -> int:
    """CPU time of one change that nobody asks for."""
    pem = pool.another(number)
    quiet_cpu_ns(peer)
    before = peer.cpu_ns()
    peer.change(name_of(number), pem)
    spent = quiet_cpu_ns(peer) - before
    pem.parent.rmdir()
    return spent


def handshake_cpu_us(bench: Bench, peer) -> float:
    """Of a domain that has been asked for before; who keeps no certificates in memory pays for it here."""
    count = bench.amount(2000, 300)
    with bench.load("handshakes", peer, "p256", count=count) as load:
        load.expect("ready")
        before = peer.cpu_ns()
        load.go()
        load.expect("done")
        return (peer.cpu_ns() - before) / 1e3 / count


@dataclass
class Domains(Row):
    name: str
    title: str
    count: int
    start_bound: float | None = None
    memory_bound: float | None = None
    change_bounds: tuple = (None, None)
    only: tuple | None = None
    full_only: bool = True
    most_rounds = 1

    @property
    def metrics(self) -> tuple:
        return (Metric("first_s", "start to first connection served", "s", bound=self.start_bound),
                Metric("loaded_s", "start to all loaded", "s"),
                Metric("kb", "memory (PSS) a domain", "kB", bound=self.memory_bound),
                Metric("handshake_us", "server CPU a full handshake", "µs"),
                Metric("change_ms", "one certificate changed, until served", "ms", bound=self.change_bounds[0]),
                Metric("change_cpu_ms", "CPU of that", "ms", bound=self.change_bounds[1]))

    def measure(self, bench: Bench, peer) -> dict:
        last = self.count - 1
        with terminator_with(bench, peer, [last], peer.site.core) as (alone, _):
            serve(alone, last)
            quiet_cpu_ns(alone)
            empty = alone.pss_bytes()
        with terminator_with(bench, peer, range(self.count), peer.site.core) as (full, pool):
            first = serve(full, last)
            loaded = load_all(full, first)
            quiet_cpu_ns(full)
            memory = max(full.pss_bytes() - empty, 0) / self.count
            handshake = handshake_cpu_us(bench, full)
            changes = [change(pool, full, number) for number in range(bench.amount(5, 3))]
            cpu = change_cpu_ns(pool, full, self.count // 2)
        return {"first_s": first, "loaded_s": loaded, "kb": memory / 1e3, "handshake_us": handshake,
                "change_ms": statistics.median(changes) * 1e3, "change_cpu_ms": cpu / 1e6}


DOMAINS = (
    Domains("domains-1k", "1,000 domains", 1000, full_only=False),
    Domains("domains-10k", "10,000 domains", 10_000, start_bound=1),
    Domains("domains-100k", "100,000 domains", 100_000, 5, 4, (50, 5), ("haproxy", "arbortls")),
)
