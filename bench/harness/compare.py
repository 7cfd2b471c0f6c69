"""The comparison: every row on every terminator, in turns, for some rounds."""

import os
import subprocess
import sys
import time
from pathlib import Path

import peers
from peers.peer import Site

from . import certificates, limit, machine, results
from .load import Backend, LoadFailed

DOMAIN = "bench.example"


def set_up(kinds, directory: Path, backend_port: int, core: int | None, threads: int = 1) -> list:
    """The terminators, not yet started."""
    made = certificates.make(directory / "certificates", DOMAIN)
    sites = [Site(directory / kind.name, core, {key: machine.free_port() for key in made}, made,
                  backend_port, threads=threads) for kind in kinds]
    return [kind(site) for kind, site in zip(kinds, sites)]


def warm_up(bench, terminators) -> dict:
    """{kind and TLS version: what was negotiated}; fails unless it is the same with all."""
    agreed = {}
    for peer in terminators:
        for kind in peer.site.ports:
            for tls in ("1.2", "1.3"):
                with bench.load("handshakes", peer, kind, count=100, tls=tls) as load:
                    load.expect("ready")
                    load.go()
                    negotiated = load.expect("done")["negotiated"]
                first = agreed.setdefault(f"{kind} {tls}", negotiated)
                if negotiated != first:
                    raise SystemExit(f"unequal terms: {peer.name} agreed on {negotiated}, others on {first}")
    return agreed


def measure_all(bench, chosen, terminators, rounds: int) -> tuple[dict, list]:
    """({row: {peer: [figures of each round]}}, failures). Peers take turns within each round."""
    found = {row.name: {peer.name: [] for peer in terminators} for row in chosen}
    failures = []
    for turn in range(rounds):
        order = terminators if turn % 2 == 0 else terminators[::-1]
        for row in chosen:
            if turn >= row.rounds(bench, rounds):
                continue
            for peer in filter(row.is_for, order):
                try:
                    found[row.name][peer.name].append(row.measure(bench, peer))
                except (LoadFailed, RuntimeError, OSError, subprocess.SubprocessError) as failure:
                    failures.append(f"{row.name}, {peer.name}, round {turn + 1}: {failure}")
        print(f"round {turn + 1} of {rounds} done", file=sys.stderr)
    return found, failures


def compare(bench, chosen, kinds, directory: Path, server_core: int, rounds: int) -> dict:
    """The report."""
    os.sched_setaffinity(0, {bench.core})
    backend = Backend(bench.program, bench.core)
    terminators = set_up(kinds, directory, backend.port, server_core)
    try:
        for peer in terminators:
            peer.start()
        agreed = warm_up(bench, terminators)
        found, failures = measure_all(bench, chosen, terminators, rounds)
        limits = limit.measure(bench, chosen, terminators[0].site.certificates)
    finally:
        for peer in terminators:
            peer.stop()
        backend.stop()
    return {"date": time.strftime("%Y-%m-%d"), "machine": machine.description(), "quick": bench.quick,
            "round_count": rounds, "peers": [peer.name for peer in terminators],
            "versions": {peer.name: peer.version() for peer in terminators},
            "negotiated": agreed, "failures": failures,
            "rows": [results.report_row(row, found[row.name], limits.get(row.name, {})) for row in chosen]}
