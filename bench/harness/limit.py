"""What the same OpenSSL needs for the server's part alone, in memory, with no sockets."""

import json
import subprocess

from . import machine
from .load import arguments


def _in_memory(bench, pem, tls: str, short: bool) -> dict:
    options = {"pem": pem, "tls": tls, "handshakes": bench.amount(2000, 300)}
    if short:
        options |= {"messages": 1, "bytes": 1}
    command = machine.pinned(bench.core, [bench.program, "in-memory", *arguments(options)])
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(bench, rows, made: dict) -> dict:
    """{row: {metric: figure}} for the rows that have such a limit."""
    found, limits = {}, {}
    for row in rows:
        if not row.limit:
            continue
        kind = getattr(row, "kind", "p256")
        tls = getattr(row, "options", {}).get("tls", "1.3")
        if (kind, tls) not in found:
            short = (kind, tls) != ("p256", "1.3")
            found[kind, tls] = _in_memory(bench, made[kind].pem, tls, short)
        limits[row.name] = {key: found[kind, tls][name] for key, name in row.limit.items()}
    return limits
