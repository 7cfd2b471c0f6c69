"""The terminators that are compared. A new one is a small class beside these and its name in ALL."""

from pathlib import Path

from harness import build

from .arbortls import Arbortls
from .haproxy import Haproxy
from .hitch import Hitch
from .nginx import Nginx
from .stunnel import Stunnel

ALL = {peer.name: peer for peer in (Haproxy, Nginx, Hitch, Stunnel, Arbortls)}


def add_arguments(parser) -> None:
    """What every program here lets one choose."""
    parser.add_argument("--peers", default=",".join(ALL), help="comma-separated (%(default)s)")
    parser.add_argument("--build-dir", type=Path, default=build.ROOT / "build" / "release")
    parser.add_argument("--no-build", action="store_true", help="take the programs as they are")
    parser.add_argument("--arbortls", type=Path, help="another arbortls than the build's")


def chosen(options) -> list:
    """The classes of the terminators asked for."""
    names = options.peers.split(",")
    unknown = [name for name in names if name not in ALL]
    if unknown:
        raise SystemExit(f"no such peer: {', '.join(unknown)}; there are {', '.join(ALL)}")
    Arbortls.program = str(options.arbortls or options.build_dir / "daemon" / "arbortls")
    return [ALL[name] for name in names]
