"""What every row needs."""

from dataclasses import dataclass
from pathlib import Path

from ..load import Load
from ..metric import Metric

CPU = Metric("cpu_us", "server CPU", "µs")


@dataclass
class Bench:
    """The load generator, its core, where certificates by the thousand lie, and whether to be quick."""

    program: str
    core: int
    quick: bool
    cache: Path | None = None

    def load(self, mode: str, peer, kind: str, background: bool = False, **options) -> Load:
        return Load(self.program, self.core, mode, background, port=peer.site.ports[kind],
                    sni=peer.site.certificates[kind].name, **options)

    def amount(self, full, quick):
        return quick if self.quick else full


class Row:
    """A subclass is a dataclass with `name` and `title`, and has `metrics` and measure()."""

    only = None         # names of the terminators it is for; None: all
    full_only = False   # too long for a quick run
    most_rounds = None  # where more would tell nothing new
    quick_rounds = None  # the same of a quick run
    limit = {}          # {metric: what `arbortls_bench in-memory` calls it, kind and TLS version as options say}

    def rounds(self, bench: Bench, rounds: int) -> int:
        most = self.quick_rounds if bench.quick and self.quick_rounds else self.most_rounds
        return min(rounds, most or rounds)

    def is_for(self, peer) -> bool:
        return (self.only is None or peer.name in self.only) and self.name not in peer.cannot

    def measure(self, bench: Bench, peer) -> dict:
        """{metric or more: figure} of one round."""
        raise NotImplementedError


def measured_part(load: Load, peer) -> tuple[int, dict]:
    """(the peer's CPU time between "ready" and "measured", what the load says in the end)."""
    load.expect("ready")
    before = peer.cpu_ns()
    load.go()
    load.expect("measured")
    cpu = peer.cpu_ns() - before
    load.go()
    return cpu, load.expect("done")
