"""What is measured. A row runs one load against one terminator and returns {metric: figure}."""

from .base import Bench, Row
from .bulk import BULK
from .domains import DOMAINS
from .handshakes import HANDSHAKES
from .idle import Idle
from .messages import Flood, Messages, Paced
from .reload import Reload

ROWS = (*HANDSHAKES, Messages(), Paced(), Flood(), *BULK, Idle(), *DOMAINS, Reload())
