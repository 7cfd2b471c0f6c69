"""The terminators that are compared. A new one is a small class beside these and its name in ALL."""

from .arbortls import Arbortls
from .haproxy import Haproxy
from .hitch import Hitch
from .nginx import Nginx
from .stunnel import Stunnel

ALL = {peer.name: peer for peer in (Haproxy, Nginx, Hitch, Stunnel, Arbortls)}
