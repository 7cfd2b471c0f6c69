"""One figure of a row: what it is, which way is better, and what it is to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """`ratio` bounds ours divided by the best of the others, `bound` our figure itself: from above where less is
    better, else from below."""

    key: str
    label: str
    unit: str
    lower_is_better: bool = True
    ratio: float | None = None
    bound: float | None = None
    chart: str = ""  # what the chart calls its bar; none: it has none

    def best(self, figures):
        return min(figures) if self.lower_is_better else max(figures)

    def target(self) -> str:
        sign = "≤" if self.lower_is_better else "≥"
        if self.ratio is not None:
            return f"{sign} {self.ratio:.2f}"
        return f"{sign} {self.bound:g} {self.unit}".strip() if self.bound is not None else ""

    def met(self, ours: float | None, ratio: float | None) -> bool | None:
        """None: there is nothing to reach, or nothing to hold against it."""
        value, limit = (ratio, self.ratio) if self.ratio is not None else (ours, self.bound)
        if value is None or limit is None:
            return None
        return value <= limit if self.lower_is_better else value >= limit
