"""The figures are what they are said to be."""

import string
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import certificates, procfs, rows, table  # noqa: E402
import peers  # noqa: E402
from peers.peer import Site  # noqa: E402

LESS = rows.Metric("cpu", "CPU", "µs")
MORE = rows.Metric("rate", "rate", "1/s", lower_is_better=False)


class Ratios(unittest.TestCase):
    def test_ours_is_held_against_the_best_of_the_others(self):
        figures = {"arbortls": {"cpu": 8, "rate": 50}, "one": {"cpu": 10, "rate": 100},
                   "two": {"cpu": 16, "rate": 40}}
        self.assertEqual(table.ratio_to_best(LESS, figures), 0.8)
        self.assertEqual(table.ratio_to_best(MORE, figures), 0.5)

    def test_there_is_none_where_a_side_is_missing(self):
        for figures in ({"arbortls": {"cpu": 8}}, {"one": {"cpu": 8}},
                        {"arbortls": {}, "one": {"cpu": 8}}):
            self.assertIsNone(table.ratio_to_best(LESS, figures))

    def test_the_median_is_taken_of_each_metric_by_itself(self):
        rounds = [{"a": 1, "b": 9}, {"a": 5, "b": 1}, {"a": 3, "b": 2}]
        self.assertEqual(table.medians(rounds), {"a": 3, "b": 2})
        self.assertEqual(table.medians([]), {})

    def test_the_table_has_a_line_for_each_figure_of_each_row(self):
        results = {row.name: {"haproxy": {}, "arbortls": {}} for row in rows.ROWS}
        text = table.render(rows.ROWS, ["haproxy", "arbortls"], results)
        lines = text.splitlines()
        self.assertEqual(len(lines), 2 + sum(len(row.metrics) for row in rows.ROWS))
        self.assertEqual(len({len(line) for line in lines}), 1)


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

    def test_every_template_is_filled_by_what_a_site_knows(self):
        made = {kind: certificates.Certificate(kind, Path("/nowhere")) for kind in ("p256", "rsa")}
        site = Site(Path("/nowhere"), 0, {"p256": 1, "rsa": 2}, made, 3)
        for peer in peers.ALL.values():
            template = string.Template((Path(peers.__file__).parent / peer.template).read_text())
            self.assertNotIn("$", template.substitute(site.values()))


if __name__ == "__main__":
    unittest.main()
