"""The terminators that are compared. A new one is a small class beside these and its name in ALL."""

from .arbortls import Arbortls
from .haproxy import Haproxy

ALL = {peer.name: peer for peer in (Haproxy, Arbortls)}
