"""Repeated YAML keys, parents that loop or dangle, repeated domains and illegal names are refused
at start, by `check` and at reload, each with file, line and column; the running configuration
stays."""

import json
import unittest

from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.daemon import run

HEAD = """\
master_domain: softphone.example
state_dir: {directory}/state
control_socket: {directory}/control.sock
listeners: [{{name: tls, role: ws, address: "127.0.0.1:0", backend: main}}]
backends: [{{name: main, servers: ["127.0.0.1:9"]}}]
"""
# What follows HEAD (so it begins at line 6); the place and a word of what is said.
CASES = {
    "a top key twice": ("master_domain: other.example\n", r":6:1: .*master_domain.*"),
    "a domain's key twice": (
        "domains:\n  - name: a.example\n    backend: main\n    backend: main\n",
        r":9:5: .*backend"),
    "one name twice": ("domains:\n  - name: a.example\n  - name: A.example.\n", r":8:\d+: "),
    "a loop": ("domains:\n  - {name: a.example, parent: b.example}\n"
               "  - {name: b.example, parent: a.example}\n", r":[78]:\d+: .*"),
    "its own parent": ("domains:\n  - {name: a.example, parent: a.example}\n", r":7:\d+: "),
    "a parent that is not there": (
        "domains:\n  - {name: a.example, parent: nowhere.example}\n",
        r":7:\d+: .*nowhere\.example"),
    "a wildcard": ("domains:\n  - name: '*.example'\n", r":7:\d+: "),
    "an empty label": ("domains:\n  - name: a..example\n", r":7:\d+: "),
    "an address": ("domains:\n  - name: 192.0.2.1\n", r":7:\d+: "),
    "no YAML at all": ("domains: [\n", r":\d+:\d+: "),
    "a wrong range": ("drain_timeout: -1s\n", r":6:\d+: .*drain_timeout"),
    "an unknown alias": (
        "domains_dir: alias://paths/nosuch\n", r":6:\d+: .*nosuch"),
}


class Refused(PromiseCase):
    def text(self, rest):
        return HEAD.format(directory=self.directory) + rest

    def test_check_and_serve_refuse(self):
        file = self.directory / "broken.yaml"
        for what, (rest, place) in CASES.items():
            with self.subTest(what):
                file.write_text(self.text(rest))
                for command in ("check", "serve"):
                    result = run(command, "-c", file)
                    self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
                    self.assertRegex(result.stdout + result.stderr, r"broken\.yaml" + place)

    def test_reload_refuses_and_the_old_stays(self):
        daemon = self.start(self.text(""))
        for what, (rest, place) in CASES.items():
            with self.subTest(what):
                daemon.write_config(self.text(rest))
                result = daemon.command("reload", "--socket", daemon.control)
                self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
                self.assertRegex(result.stdout + result.stderr, r"arbortls\.yaml" + place)
                self.assertEqual(daemon.explain(MASTER)["settings"]["backend"]["value"], "main")
        daemon.write_config(self.text(""))
        self.assertEqual(daemon.reload().returncode, 0)

    def test_json_is_yaml(self):
        file = self.directory / "sound.json"
        file.write_text(json.dumps(self.config(["127.0.0.1:9"], state_dir="state"), indent=2))
        result = run("check", "-c", file)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_the_sound_head_is_accepted(self):
        file = self.directory / "sound.yaml"
        file.write_text(self.text(""))
        result = run("check", "-c", file)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
