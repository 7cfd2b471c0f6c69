"""The chart: what ours costs compared with the best of the others. SVG, for light and dark pages."""

from xml.sax.saxutils import escape

from .results import OURS, Line, lines

WIDTH, LEFT, RIGHT, TOP = 860, 270, 70, 78
STEP, BAR = 34, 16  # from row to row; height of a bar

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .faint { fill: #59636e; font-size: 12px; }
  .value { font-weight: 600; }
  .track { fill: #eaeef2; }
  .better { fill: #1a7f5a; }
  .worse { fill: #bc4c00; }
  .one { stroke: #59636e; stroke-width: 1.5; }
  .target { stroke: #24292f; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .faint { fill: #9198a1; }
    .track { fill: #262c36; }
    .better { fill: #3fb68b; }
    .worse { fill: #f0883e; }
    .one { stroke: #9198a1; }
    .target { stroke: #e6edf3; }
  }
"""


class Scale:
    """From a cost, 1 = the best of the others, to a place on the paper."""

    def __init__(self, costs):
        self.top = min(max([1.25, *(cost * 1.05 for cost in costs)]), 2.0)

    def x(self, cost: float) -> float:
        return LEFT + min(cost, self.top) / self.top * (WIDTH - LEFT - RIGHT)


def cost(line: Line, ratio: float) -> float:
    """A ratio where less is better whatever the metric: of a rate the inverse."""
    return ratio if line.metric.lower_is_better else 1 / ratio


def _row(line: Line, index: int, scale: Scale) -> str:
    y = TOP + index * STEP
    own = cost(line, line.ratio)
    kind = "better" if own < 1 else "worse"
    parts = [f'<text x="{LEFT - 12}" y="{y + 13}" text-anchor="end">{escape(line.metric.chart)}</text>',
             f'<rect class="track" x="{LEFT}" y="{y}" width="{WIDTH - LEFT - RIGHT}" height="{BAR}" rx="3"/>',
             f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{scale.x(own) - LEFT:.1f}" height="{BAR}" rx="3"/>',
             f'<text class="value" x="{WIDTH - RIGHT + 10}" y="{y + 13}">{own:.2f}</text>']
    if line.metric.ratio:
        x = scale.x(cost(line, line.metric.ratio))
        parts.append(f'<line class="target" x1="{x:.1f}" y1="{y - 3}" x2="{x:.1f}" y2="{y + BAR + 3}"/>')
    return "\n".join(parts)


def render(report: dict) -> str:
    charted = [line for line in lines(report) if line.metric.chart and line.ratio]
    scale = Scale([cost(line, line.ratio) for line in charted])
    bottom = TOP + len(charted) * STEP
    others = ", ".join(peer for peer in report["peers"] if peer != OURS)
    one = scale.x(1)
    head = [f'<text class="title" x="20" y="28">{OURS} : best of {escape(others)}</text>',
            '<text class="faint" x="20" y="48">Server CPU, unless it says otherwise, in the same run: shorter is '
            'better. Thick tick: the target.</text>',
            f'<line class="one" x1="{one:.1f}" y1="{TOP - 8}" x2="{one:.1f}" y2="{bottom - 8}"/>',
            f'<text class="faint" x="{one:.1f}" y="{TOP - 13}" text-anchor="middle">best other = 1</text>']
    where = f"{report['date']}, {report['machine']['cpu']}, {report['machine']['cores']} cores"
    foot = f'<text class="faint" x="20" y="{bottom + 14}">{escape(where)}</text>'
    rows = [_row(line, index, scale) for index, line in enumerate(charted)]
    height = bottom + 30
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
                      f'width="{WIDTH}" height="{height}">', f"<title>{OURS} compared with {escape(others)}</title>",
                      f"<style>{STYLE}</style>", *rows, *head, foot, "</svg>"]) + "\n"
