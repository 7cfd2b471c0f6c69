"""The READMEs' parts about the benchmark, its chart and the figures both are made from."""

import json
from pathlib import Path

from . import chart, paper, table

BEGIN = "<!-- made by bench/run --write-readme -->"
END = "<!-- end of what bench/run made -->"


def part(report: dict) -> str:
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    hurry = "; a quick run" if report["quick"] else ""
    rounds = "1 round" if report["round_count"] == 1 else f"medians of {report['round_count']} rounds"
    busy = f"load average at the end {machine['load_average'][0]:.1f}"
    return "\n".join([
        "![what each thing costs, compared with the best of the other terminators](bench/chart.svg)", "",
        f"{report['date']}, {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; {rounds}"
        f"{hurry}; {busy}. {versions}.",
        "One worker on one core each, the load on another. What the rows are: [bench/README.md](bench/README.md).",
        "", table.render(report)])


def _replace(file: Path, made: str) -> None:
    before, rest = file.read_text().split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}")


def write(root: Path, report: dict) -> None:
    _replace(root / "README.md", part(report))
    _replace(root / "bench" / "README.md", paper.section(report))
    (root / "bench" / "chart.svg").write_text(chart.render(report))
    (root / "bench" / "result.json").write_text(json.dumps(report, indent=1) + "\n")
