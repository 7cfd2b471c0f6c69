"""What a larger machine would hold, computed from what one connection costs on this one."""

from .results import OURS

CORES, MEMORY_GB = 16, 64
SYSTEM_GB = 4                # for everything else on the machine
KERNEL_KB = 10               # two idle TCP sockets, an estimate
PORTS = 60_999 - 32_768 + 1  # Linux's net.ipv4.ip_local_port_range
DESCRIPTORS = 1_048_576      # LimitNOFILE of the unit file
FRAMES_A_PHONE = 0.09        # a second: 900 for 10,000 phones, the busiest that was seen
LATE_S = 3                   # a phone that comes back 2 s after the cut then has been away for 5


def _ours(report: dict) -> dict:
    return {row["name"]: row["medians"].get(OURS, {}) for row in report["rows"]}


def section(report: dict) -> str:
    """Markdown; a sentence of regret where the report lacks a row that is needed."""
    costs = _ours(report)
    if any(not costs.get(row) for row in ("connection", "resumed", "messages", "idle")):
        return "Not computed: the last run that was written here lacks a row that it needs."
    full, resumed = costs["connection"]["cpu_us"], costs["resumed"]["cpu_us"]
    message, idle = costs["messages"]["cpu_us"], costs["idle"]["kb"]
    lane = CORES // 2
    by_memory = (MEMORY_GB - SYSTEM_GB) * 1e6 / (idle + KERNEL_KB)
    rows = [
        ("local ports to one backend server", "1", f"{PORTS:,} phones a server and source address"),
        ("descriptors", f"2 of {DESCRIPTORS:,}", f"{DESCRIPTORS // 2:,} phones"),
        ("memory", f"{idle:.1f} kB and about {KERNEL_KB} kB of the kernel's", f"{by_memory:,.0f} phones"),
        (f"full handshakes and connects, {lane} cores", f"{full:.0f} µs", f"{lane * 1e6 / full:,.0f} a second"),
        (f"resumed handshakes, {lane} cores", f"{resumed:.0f} µs", f"{lane * 1e6 / resumed:,.0f} a second"),
        (f"messages there and back, {lane} cores", f"{message:.1f} µs", f"{lane * 1e6 / message:,.0f} a second, "
         f"as {lane * 1e6 / message / FRAMES_A_PHONE:,.0f} phones send them"),
        (f"a storm of all phones, all served {LATE_S} s after the first try", f"{full:.0f} µs",
         f"{LATE_S * lane * 1e6 / full:,.0f} phones; {LATE_S * lane * 1e6 / resumed:,.0f} if all resume"),
    ]
    return "\n".join(["| what | one connection takes | the machine holds |", "|---|---|---|",
                      *(f"| {' | '.join(row)} |" for row in rows)])
