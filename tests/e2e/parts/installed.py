"""What the tests need from outside: installed when missing, else the test is skipped with the reason."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("ARBORTLS_E2E_CACHE") or HERE.parents[1] / "build" / "e2e")
SKIPPED = 77


def require():
    """Returns when all is there; ends the process as skipped when something cannot be had."""
    done = subprocess.run([HERE / "install"], stdin=subprocess.DEVNULL, check=False)
    if done.returncode == SKIPPED:
        sys.exit(SKIPPED)
    assert done.returncode == 0, f"tests/e2e/install failed with {done.returncode}"
