"""The figures are what they are said to be."""

import json
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import certificates, chart, paper, procfs, readme, results, rows, table  # noqa: E402
from harness.metric import Metric  # noqa: E402
import peers  # noqa: E402
from peers.peer import Site  # noqa: E402

LESS = Metric("cpu", "CPU", "µs", ratio=0.85, chart="CPU")
MORE = Metric("rate", "rate", "1/s", lower_is_better=False, ratio=0.95, chart="rate")
BOUND = Metric("s", "start", "s", bound=1)


def line(metric, **figures):
    return results.Line("row", "a row", metric, figures, None)


def report(**medians):
    """A report of one row with all three metrics."""
    row = {"name": "row", "title": "a <row>", "metrics": [asdict(metric) for metric in (LESS, MORE, BOUND)],
           "medians": medians, "rounds": {}, "limit": {"cpu": 5.0}}
    return {"date": "2026-01-02", "machine": {"cpu": "a & b", "cores": 2, "kernel": "6.1", "load_average": [0.1]}, "quick": False,
            "round_count": 3, "peers": list(medians), "versions": {peer: "1.0" for peer in medians},
            "failures": [], "rows": [row]}


FULL = report(one={"cpu": 10, "rate": 100, "s": 9}, two={"cpu": 16, "rate": 40, "s": 5},
              arbortls={"cpu": 8, "rate": 50, "s": 2})


class Ratios(unittest.TestCase):
    def test_ours_is_held_against_the_best_of_the_others(self):
        self.assertEqual(line(LESS, arbortls=8, one=10, two=16).ratio, 0.8)
        self.assertEqual(line(MORE, arbortls=50, one=100, two=40).ratio, 0.5)

    def test_there_is_none_where_a_side_is_missing_or_the_best_is_nothing(self):
        for figures in ({"arbortls": 8}, {"one": 8}, {"arbortls": 8, "one": 0}):
            self.assertIsNone(line(LESS, **figures).ratio)

    def test_a_target_is_met_from_the_right_side(self):
        for metric, ours, met in ((LESS, 8.5, True), (LESS, 8.6, False), (MORE, 9.5, True), (MORE, 9.4, False),
                                  (BOUND, 1, True), (BOUND, 1.1, False)):
            self.assertIs(line(metric, arbortls=ours, one=10).met, met, (metric, ours))
        self.assertIsNone(line(LESS, arbortls=8).met)
        self.assertIsNone(line(rows.base.CPU, arbortls=8, one=9).met)

    def test_the_median_is_taken_of_each_metric_by_itself(self):
        rounds = [{"a": 1, "b": 9}, {"a": 5, "b": 1}, {"a": 3, "b": 2}]
        self.assertEqual(results.medians(rounds), {"a": 3, "b": 2})
        self.assertEqual(results.medians([]), {})


class Output(unittest.TestCase):
    def test_the_table_says_figures_limit_ratio_target_and_whether_it_is_met(self):
        header, rule, *lines = [[cell.strip() for cell in text.strip("|").split("|")]
                                for text in table.render(FULL).splitlines()]
        self.assertEqual(header[2:5], ["one", "two", "arbortls"])
        self.assertEqual(lines[0], ["a <row>", "CPU, µs", "10.0", "16.0", "8.00", "5.00", "0.80", "≤ 0.85", "yes"])
        self.assertEqual(lines[1][-3:], ["0.50", "≥ 0.95", "**no**"])
        self.assertEqual(lines[2][-3:], ["0.40", "≤ 1 s", "**no**"])
        self.assertEqual({len(cells) for cells in (header, rule, *lines)}, {9})

    def test_who_cannot_do_something_shows_a_dash_and_is_no_best(self):
        rendered = table.render(report(one={"cpu": 10}, two={}, arbortls={"cpu": 8}))
        self.assertRegex(rendered, r"10\.0 \| +- \| +8\.00 \|.* 0\.80")

    def test_the_chart_is_well_formed_and_has_a_bar_for_each_ratio(self):
        drawn = ElementTree.fromstring(chart.render(FULL))
        svg = "{http://www.w3.org/2000/svg}"
        bars = [bar for bar in drawn.iter(f"{svg}rect") if bar.get("class") in ("better", "worse")]
        self.assertEqual([bar.get("class") for bar in bars], ["better", "worse"])
        self.assertLess(float(bars[0].get("width")), float(bars[1].get("width")))

    def test_a_chart_of_nothing_is_well_formed_too(self):
        ElementTree.fromstring(chart.render(report(arbortls={"cpu": 8})))

    def test_the_readme_keeps_what_stands_around_the_table(self):
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            (root / "bench").mkdir()
            text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
            for file in (root / "README.md", root / "bench" / "README.md"):
                file.write_text(text)
            readme.write(root, FULL)
            once = (root / "README.md").read_text()
            readme.write(root, json.loads((root / "bench" / "result.json").read_text()))
            self.assertEqual((root / "README.md").read_text(), once)
        self.assertRegex(once, r"(?s)\Abefore\n<!--.*2026-01-02.*-->\nafter\n\Z")
        self.assertNotIn("old", once)

    def test_what_a_larger_machine_holds_is_computed_from_our_own_figures(self):
        rows_of = {"connection": {"cpu_us": 400}, "resumed": {"cpu_us": 200}, "messages": {"cpu_us": 10},
                   "idle": {"kb": 14}}
        made = {"rows": [{"name": name, "medians": {"arbortls": figures, "one": {"cpu_us": 1, "kb": 1}}}
                         for name, figures in rows_of.items()]}
        text = paper.section(made)
        for figure in ("2,500,000 phones", "20,000 a second", "40,000 a second", "800,000 a second", "60,000 phones"):
            self.assertIn(figure, text)
        del made["rows"][0]
        self.assertIn("Not computed", paper.section(made))

    def test_every_row_has_a_name_of_its_own_and_figures_that_can_be_told_apart(self):
        self.assertEqual(len({row.name for row in rows.ROWS}), len(rows.ROWS))
        for row in rows.ROWS:
            keys = [metric.key for metric in row.metrics]
            self.assertEqual(len(set(keys)), len(keys), row.name)
            self.assertLessEqual(set(row.limit), set(keys), row.name)


class Processes(unittest.TestCase):
    def test_cpu_time_is_that_of_the_children_too(self):
        spin = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep 60"
        child = subprocess.Popen(["sh", "-c", f"sh -c '{spin}' & wait"])
        try:
            deadline = time.monotonic() + 20
            while procfs.cpu_ns(child.pid) < 20_000_000 and time.monotonic() < deadline:
                pass
            self.assertGreaterEqual(procfs.cpu_ns(child.pid), 20_000_000)
            self.assertGreaterEqual(len(procfs.tree(child.pid)), 2)
            self.assertGreater(procfs.pss_bytes(child.pid), 10_000)
        finally:
            for pid in reversed(procfs.tree(child.pid)):
                subprocess.run(["kill", str(pid)], check=False)
            child.wait(10)


class Certificates(unittest.TestCase):
    def test_each_one_is_valid_for_its_name_through_the_intermediate(self):
        with tempfile.TemporaryDirectory() as directory:
            where = Path(directory) / "made"
            for made in certificates.make(where, "bench.example").values():
                check = ["openssl", "verify", "-CAfile", where / "root.crt", "-untrusted",
                         where / "intermediate.crt", "-verify_hostname", made.name, made.pem]
                subprocess.run(check, check=True, capture_output=True)
                self.assertEqual(made.pem.read_text().count("BEGIN CERTIFICATE"), 2)
                self.assertEqual(made.pem.stat().st_mode & 0o777, 0o600)


class Peers(unittest.TestCase):
    def test_a_terminator_that_cannot_start_says_what_its_log_says(self):
        class Broken(peers.Haproxy):
            def command(self, configuration):
                return ["sh", "-c", "echo no such luck >&2"]

        with tempfile.TemporaryDirectory() as directory:
            made = {kind: certificates.Certificate(kind, Path("/nowhere")) for kind in ("p256", "rsa")}
            site = Site(Path(directory) / "broken", 0, {"p256": 1, "rsa": 1}, made, 1)
            with self.assertRaisesRegex(RuntimeError, "no such luck"):
                Broken(site).start()


if __name__ == "__main__":
    unittest.main()
