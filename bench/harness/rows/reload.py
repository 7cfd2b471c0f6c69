"""Everything is read again and nothing has changed, while messages go there and back."""

import time
from dataclasses import dataclass, replace

from ..metric import Metric
from .base import Bench, Row
from .domains import load_all, quiet_cpu_ns, serve, terminator_with
from .messages import PACE, P99


@dataclass
class Reload(Row):
    name: str = "reload"
    title: str = "reload of all domains, unchanged (100,000; quick: 1,000)"
    only = ("arbortls",)
    most_rounds = 1
    metrics = (Metric("reload_s", "until done", "s", bound=2), P99, replace(P99, key="calm_p99_us", label="p99, calm"),
               Metric("times_calm", "p99 : calm", "", bound=1.5), Metric("lost", "connections lost", "", bound=0))

    def measure(self, bench: Bench, peer) -> dict:
        count = bench.amount(100_000, 1000)
        with terminator_with(bench, peer, range(count), peer.site.core) as (full, _):
            load_all(full, serve(full, count - 1))
            quiet_cpu_ns(full)
            calm = self._paced(bench, full, lambda: None)
            took = []
            during = self._paced(bench, full, lambda: took.append(self._reload(full)))
        return {"reload_s": took[0], "p99_us": during["p99_us"], "calm_p99_us": calm["p99_us"],
                "times_calm": during["p99_us"] / calm["p99_us"], "lost": 0}

    @staticmethod
    def _reload(peer) -> float:
        since = time.monotonic()
        peer.control("reload")
        return time.monotonic() - since

    @staticmethod
    def _paced(bench: Bench, peer, meanwhile) -> dict:
        """The latencies; a connection that is lost fails the run."""
        with bench.load("paced", peer, "p256", duration=bench.amount(4, 2), **PACE) as load:
            load.expect("ready")
            load.go()
            time.sleep(0.2)
            meanwhile()
            load.expect("measured")
            load.go()
            return load.expect("done")["latency"]
