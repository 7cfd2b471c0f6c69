"""Bytes in one direction on 4 connections."""

from dataclasses import dataclass, field

from ..metric import Metric
from .base import Bench, Row, measured_part


@dataclass
class Bulk(Row):
    name: str
    title: str
    limit: dict = field(default_factory=dict)

    @property
    def metrics(self) -> tuple:
        return (Metric("cpu_s_per_gb", "server CPU", "s/GB", ratio=0.95, chart=self.title),
                Metric("mb_per_second", "rate", "MB/s", lower_is_better=False))

    def measure(self, bench: Bench, peer) -> dict:
        size = bench.amount(1_000_000_000, 200_000_000)
        with bench.load(self.name, peer, "p256", connections=4, bytes=size) as load:
            cpu, done = measured_part(load, peer)
        return {"cpu_s_per_gb": cpu / size, "mb_per_second": done["mb_per_second"],
                "busy": cpu / 1e9 / done["seconds"]}


BULK = (Bulk("download", "bulk, backend to client", {"cpu_s_per_gb": "download_s_per_gb"}),
        Bulk("upload", "bulk, client to backend", {"cpu_s_per_gb": "upload_s_per_gb"}))
