"""The one table, in Markdown that reads well as plain text too."""

from .results import OURS, Line, lines


def _number(value) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _cells(line: Line, title: str, peers: list[str]) -> list[str]:
    unit = f", {line.metric.unit}" if line.metric.unit else ""
    met = {None: "", True: "yes", False: "**no**"}[line.met]
    return [title, line.metric.label + unit, *(_number(line.figures.get(peer)) for peer in peers),
            "" if line.limit is None else _number(line.limit),
            "" if line.ratio is None else f"{line.ratio:.2f}", line.metric.target(), met]


def render(report: dict) -> str:
    """A ratio below 1 is good where less is better: everywhere but at rates."""
    peers = report["peers"]
    found = [["what", "figure", *peers, "OpenSSL alone", f"{OURS} : best other", "target", "met"]]
    last = None
    for line in lines(report):
        found.append(_cells(line, "" if line.row == last else line.title, peers))
        last = line.row
    widths = [max(len(cells[i]) for cells in found) for i in range(len(found[0]))]
    numeric = range(2, len(found[0]) - 2)

    def text(cells):
        return "| " + " | ".join(cell.rjust(width) if i in numeric else cell.ljust(width)
                                 for i, (cell, width) in enumerate(zip(cells, widths))) + " |"

    rule = "|" + "|".join("-" * (width + 1) + (":" if i in numeric else "-")
                          for i, width in enumerate(widths)) + "|"
    return "\n".join([text(found[0]), rule, *map(text, found[1:])])
