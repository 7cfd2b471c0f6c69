"""Samples of the daemon at rest, a line for each, and what they have to look like in the end."""

import re
import time
from dataclasses import dataclass

from arbortls_test.daemon import binary_is_sanitized
from arbortls_test.wait import eventually
from changes import BROKEN_KEY

_COMPLAINT = re.compile(r"^\S+ +(warning|error|critical) ")
# A guest may go between being listed and being read.
_PROVOKED = re.compile(rf"frail\d+\.|guest\d+\..*No such file|{BROKEN_KEY}")
# None of these is provoked by what the soak does.
_NEVER = re.compile(
    r"refused\.|accept_pauses|all_backends_down|handshake_failures\.(no_|waited|bad_proxy|internal)"
    r"|ended\.(idle|half_close|no_backend|backend_|no_source|drained|out_of_memory)")
_ENOUGH = 10 * 60  # seconds from which on memory must have settled


@dataclass
class Sample:
    resident: int  # bytes
    descriptors: int


def growth(samples):
    """By how many bytes the mean of the last third exceeds that of the first, and the latter."""
    third = max(1, len(samples) // 3)
    first, last = (sum(each.resident for each in part) / third
                   for part in (samples[:third], samples[-third:]))
    return last - first, first


class Record:
    """Takes samples while actors pause and calls go on; judges them when all is over."""

    def __init__(self, stage, calls, actors):
        self._stage, self._calls, self._actors = stage, calls, actors
        self._samples = []
        self._counters = {}
        self._start = time.monotonic()

    def take(self):
        daemon = self._stage.daemon
        try:
            with self._stage.floor.silence():
                eventually(self._at_rest, self._stage.handshake_timeout + self._stage.patience,
                           "the end of all but the calls, and of all problems", interval=0.1)
                self._samples.append(Sample(daemon.resident(), self._descriptors()))
        except (AssertionError, OSError) as error:
            self._stage.findings.add(f"no rest: {error}")
        if self._samples and daemon.alive():
            self._say()

    def judge(self):
        """Adds what is wrong to the stage's findings."""
        for text in (*self._complaints(), *self._forbidden(), *self._drift()):
            self._stage.findings.add(text)

    def _at_rest(self):
        status = self._stage.daemon.status()
        self._counters = status["counters"]
        return (status["connections"], status["handshakes"], status["problems"]) == (
            self._stage.call_count, 0, [])

    def _descriptors(self):
        """Without that of the control connection which has just asked and may still be closing."""
        counts = []
        for _ in range(5):
            counts.append(self._stage.daemon.descriptors())
            time.sleep(0.05)
        return min(counts)

    def _say(self):
        sample, passed = self._samples[-1], time.monotonic() - self._start
        done = {}
        for actor in self._actors:
            name = type(actor).__name__.lower()
            done[name] = done.get(name, 0) + actor.done
        print(f"{passed / 60:5.1f} min  {sample.resident / 1e6:.1f} MB  {sample.descriptors} fds  "
              f"{self._stage.daemon.cpu_seconds() / passed:.0%} cpu  "
              f"{sum(sum(call.rounds) for call in self._calls)} messages  "
              + "  ".join(f"{count} {name}" for name, count in done.items())
              + f"  {self._counters.get('handshakes_resumed', 0)} resumed"
              + f"  {self._stage.findings.count} findings", flush=True)

    def _complaints(self):
        """Lines of the log that nobody asked for."""
        return [line for line in self._stage.daemon.lines
                if _COMPLAINT.match(line) and not _PROVOKED.search(line)]

    def _forbidden(self):
        """Counters that should have stayed at zero, and one that should not."""
        if not self._counters.get("handshakes_resumed"):
            yield "nothing was resumed"
        for name, value in self._counters.items():
            if value and _NEVER.search(name):
                yield f"{name} = {value}"

    def _drift(self):
        """Descriptors that are not given back, memory that grows. The first sixth is warm-up."""
        settled = self._samples[max(1, len(self._samples) // 6):]
        if len(settled) < 3:
            yield "too few samples"
            return
        if settled[-1].descriptors != settled[0].descriptors:
            yield f"{settled[0].descriptors} descriptors became {settled[-1].descriptors}"
        grown, first = growth(settled)
        share, slack = self._allowed()
        print(f"memory: {grown / 1e6:+.2f} MB from {first / 1e6:.1f} MB, "
              f"allowed {share:.0%} and {slack / 1e6:.0f} MB")
        if grown > first * share + slack:
            yield f"memory grew by {grown / 1e6:.1f} MB"

    def _allowed(self):
        """A share of what was there, and bytes."""
        if binary_is_sanitized() or time.monotonic() - self._start < _ENOUGH:
            return 0.10, 16e6
        return 0.02, 1e6
