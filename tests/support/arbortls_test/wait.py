"""Waiting for a condition that no event announces."""

import time


class NotYet(AssertionError):
    """The condition did not come true in time."""


def eventually(condition, timeout=5.0, what="the condition", interval=0.01):
    """Calls `condition` each 10 ms until it returns something true, and returns that.

    An OSError or an AssertionError inside counts as "not yet" and is shown if time runs out.
    """
    deadline = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = value
        except (OSError, AssertionError, LookupError) as error:
            last = error
        if time.monotonic() >= deadline:
            raise NotYet(f"{what} did not come true within {timeout} s; last seen: {last!r}")
        time.sleep(interval)


def stays(condition, seconds, what="the condition", interval=0.01):
    """Asserts that `condition` holds from now on for so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"{what} did not hold"
        time.sleep(interval)
