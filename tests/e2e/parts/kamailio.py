"""A real Kamailio: SIP registrar and proxy on one plain TCP port, WebSocket included."""

import pathlib

from arbortls_test.wait import eventually
from parts.process import Process, connects, free_port

TEMPLATE = pathlib.Path(__file__).with_name("kamailio.cfg")


class Kamailio(Process):
    """Listens on 127.0.0.1:`port`; believes the PROXY header; tells each phone the address it sees."""

    def __init__(self, directory):
        self.port = free_port()
        config = directory / "kamailio.cfg"
        config.write_text(TEMPLATE.read_text().replace("@PORT@", str(self.port)))
        run_dir = directory / "kamailio"
        run_dir.mkdir()
        super().__init__(["/usr/sbin/kamailio", "-f", config, "-DD", "-E", "-m", "32", "-M", "8",
                          "-Y", run_dir, "-P", run_dir / "pid"], directory / "kamailio.log")
        eventually(lambda: self.alive() and connects(self.port), 20, "Kamailio's listening")
