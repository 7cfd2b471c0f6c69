"""Serves the softphone's page by plain HTTP, as a web server behind the terminator."""

import contextlib
import functools
import http.server
import threading


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A browser that leaves is no error."""


@contextlib.contextmanager
def page_server(directory):
    """Yields the address, `host:port`."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
