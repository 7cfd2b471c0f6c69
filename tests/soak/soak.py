"""The stage: a platform of two hundred domains, its calls, and everybody who disturbs it."""

import random
import time

from actor import Findings, Floor
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import served
from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.load import Calls
from arbortls_test.wait import eventually
from backend import LeavingBackend
from changes import Breakages, Comings, Outages, Reloads, Renewals, Watching
from clients import Churn, Stalled, any_message
from record import Record

DOMAINS = 200
CALLS = 100
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=16:detect_leaks=1"}


class Soak(PromiseCase):
    handshake_timeout = 5  # seconds

    def __init__(self, minutes=30):
        super().__init__()
        self._seconds = minutes * 60
        self.patience = 30 if binary_is_sanitized() else 10  # seconds until an effect must be seen
        self.call_count = CALLS
        self.findings, self.floor = Findings(), Floor()
        self.leaves = {}  # by name: what is to be served now
        self.owners = {}  # digest: whose certificate it is

    def runTest(self):
        self.set_up_platform()
        calls = [Calls(address, random.choices(self.lasting, k=CALLS // 2), pause=0.5,
                       message=any_message) for address in self.addresses]
        actors = [Churn(self) for _ in range(4)] + [
            kind(self)
            for kind in (Stalled, Renewals, Breakages, Comings, Reloads, Outages, Watching)]
        record = Record(self, calls, actors)
        self.let_run(record)
        self.end(calls, actors)
        record.judge()
        self.assertEqual(self.findings.count, 0, self.findings)

    def let_run(self, record):
        """A sample a minute, at least ten in all."""
        end = time.monotonic() + self._seconds
        while self.alive_until(min(time.monotonic() + min(60, self._seconds / 10), end)):
            record.take()
            if time.monotonic() >= end:
                return
        self.findings.add(f"the daemon ended by itself, status {self.daemon.process.poll()}")

    def alive_until(self, moment):
        while (alive := self.daemon.alive()) and time.monotonic() < moment:
            time.sleep(0.2)
        return alive

    def end(self, calls, actors):
        """Everybody leaves in order; what was wrong on the way, or is now, is a finding."""
        for actor in actors:
            actor.stop()
        for part in (*(each.finish for each in calls), self.await_empty, self.daemon.stop):
            try:
                part()
            except (AssertionError, OSError) as error:
                text = str(error)  # may hold the whole log
                self.findings.add(f"{text[:200]} ... {text[-6000:]}" if text[6200:] else text)

    def await_empty(self):
        eventually(lambda: self.daemon.status()["connections"] == 0, self.patience,
                   "the end of all connections")

    # The platform

    def set_up_platform(self):
        self.frail = [f"frail{index}.{MASTER}" for index in range(20)]
        self.steady = [MASTER] + [f"steady{index}.{MASTER}" for index in range(DOMAINS - 21)]
        self.lasting = self.steady + self.frail
        self.domains_dir.mkdir()
        for name in self.lasting:
            self.renew(name)
        self.leaving = self.hold(LeavingBackend())
        self.settings = self.config(
            [self.leaving, self.hold(LeavingBackend())],
            listener={"handshake_timeout": f"{self.handshake_timeout}s"},
            domains_dir=str(self.domains_dir),
            limits={"handshakes": 10000, "connections_per_second_per_address": 1000})
        self.settings["listeners"].append(
            {**self.settings["listeners"][0], "name": "sips", "role": "sg"})
        self.daemon = self.start(self.settings, environment=SANITIZERS)
        self.addresses = [self.daemon.address(name) for name in ("tls", "sips")]

    def any_address(self):
        return random.choice(self.addresses)

    def renew(self, name):
        """Puts a new certificate of `name` in place."""
        leaf = self.authority.issue(name)
        self.owners[leaf.sha256] = name
        self.leaves[name] = leaf
        return self.put(name, leaf)

    def await_own(self, name):
        address, leaf = self.any_address(), self.leaves[name]
        eventually(lambda: served(address, name) == leaf.sha256, self.patience,
                   f"the new certificate of {name}", interval=0.05)

    def forget(self, name):
        del self.owners[self.leaves.pop(name).sha256]
