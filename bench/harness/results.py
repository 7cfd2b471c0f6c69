"""Medians of the rounds, and how ours stand against the best of the others."""

import statistics
from dataclasses import asdict, dataclass

from .metric import Metric

OURS = "arbortls"


@dataclass
class Line:
    """One figure of one row, for all terminators."""

    row: str
    title: str
    metric: Metric
    figures: dict  # {terminator: median}, those that have one
    limit: float | None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the best of the others; None when one side is missing."""
        others = [figure for peer, figure in self.figures.items() if peer != OURS]
        ours = self.figures.get(OURS)
        if ours is None or not others:
            return None
        best = self.metric.best(others)
        return ours / best if best > 0 else None

    @property
    def met(self) -> bool | None:
        return self.metric.met(self.figures.get(OURS), self.ratio)


def medians(rounds: list[dict]) -> dict:
    """{metric: median} of the rounds that succeeded."""
    keys = rounds[0] if rounds else ()
    return {key: statistics.median(one[key] for one in rounds) for key in keys}


def report_row(row, rounds: dict, limit: dict) -> dict:
    """A row as the report holds it; `rounds`: {terminator: [figures of each round]}."""
    return {"name": row.name, "title": row.title, "metrics": [asdict(metric) for metric in row.metrics],
            "medians": {peer: medians(figures) for peer, figures in rounds.items()},
            "rounds": rounds, "limit": limit}


def lines(report: dict) -> list[Line]:
    found = []
    for row in report["rows"]:
        for metric in (Metric(**fields) for fields in row["metrics"]):
            figures = {peer: figures[metric.key] for peer, figures in row["medians"].items()
                       if metric.key in figures}
            found.append(Line(row["name"], row["title"], metric, figures, row["limit"].get(metric.key)))
    return found
