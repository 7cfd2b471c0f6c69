"""CPU time and memory of a process and all its descendants."""

import os
import re
import signal
import time
from pathlib import Path

PROC = Path("/proc")


def tree(root: int) -> list[int]:
    """`root` and its descendants."""
    found = [root]
    for pid in found:
        for children in PROC.glob(f"{pid}/task/*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def end(pid: int) -> None:
    """Kills it, if it is still there, and waits until it is not."""
    deadline = time.monotonic() + 5
    while (PROC / str(pid)).exists() and time.monotonic() < deadline:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def cpu_ns(root: int) -> int:
    """Nanoseconds on a CPU so far, of every thread, those that have ended too."""
    return sum(_cpu_clock_ns(pid) for pid in tree(root))


def _cpu_clock_ns(pid: int) -> int:
    # clock_getcpuclockid(3) for another process: the id is made of the inverted pid and the scheduler's clock.
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0  # it has just ended


def pss_bytes(root: int) -> int:
    """Proportional set size: private pages, and shared ones by the share of each process."""
    total = 0
    for pid in tree(root):
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE).group(1)) * 1024
    return total
