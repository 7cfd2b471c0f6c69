"""Medians of the rounds, and the one table."""

import statistics

OURS = "arbortls"


def medians(rounds: list[dict]) -> dict:
    """{metric: median} of the rounds that succeeded."""
    keys = rounds[0] if rounds else ()
    return {key: statistics.median(one[key] for one in rounds) for key in keys}


def ratio_to_best(metric, figures: dict) -> float | None:
    """Ours divided by the best of the others; None when one side is missing."""
    others = [figures[peer][metric.key] for peer in figures
              if peer != OURS and metric.key in figures[peer]]
    ours = figures.get(OURS, {}).get(metric.key)
    if ours is None or not others:
        return None
    best = min(others) if metric.lower_is_better else max(others)
    return ours / best if best else None


def _number(value) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def render(rows, peers: list[str], results: dict) -> str:
    """`results`: {row: {peer: {metric: median}}}. A ratio below 1 is good where less is better."""
    header = ["what", "figure", *peers, f"{OURS} : best other", "better"]
    lines = [header]
    for row in rows:
        title = row.title
        for metric in row.metrics:
            figures = results[row.name]
            ratio = ratio_to_best(metric, figures)
            cells = [_number(figures.get(peer, {}).get(metric.key)) for peer in peers]
            lines.append([title, f"{metric.label}, {metric.unit}", *cells,
                          "-" if ratio is None else f"{ratio:.2f}",
                          "less" if metric.lower_is_better else "more"])
            title = ""
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    numeric = range(2, 2 + len(peers) + 1)

    def text(line):
        return "| " + " | ".join(cell.rjust(w) if i in numeric else cell.ljust(w)
                                 for i, (cell, w) in enumerate(zip(line, widths))) + " |"

    rule = "|" + "|".join("-" * (w + 1) + (":" if i in numeric else "-")
                          for i, w in enumerate(widths)) + "|"
    return "\n".join([text(lines[0]), rule, *map(text, lines[1:])])
