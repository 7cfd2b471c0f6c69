"""An echo server that keeps nothing and can leave and come back without cutting whom it serves."""

import asyncio
import threading


class _Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._transport.write(data)


class LeavingBackend:
    """Listens on a port of its own; its connections outlive its listening."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._port = 0
        self.present = False
        self.come()

    @property
    def address(self):
        return f"127.0.0.1:{self._port}"

    def come(self):
        self._server = self._await(
            self._loop.create_server(_Echo, "127.0.0.1", self._port, backlog=1024))
        self._port = self._server.sockets[0].getsockname()[1]
        self.present = True

    def leave(self):
        """New connections are refused from now on. Whoever is being accepted is reset."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._await(asyncio.sleep(0))  # closing was queued before it
        self.present = False

    def close(self):
        if self.present:
            self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _await(self, awaitable):
        return asyncio.run_coroutine_threadsafe(awaitable, self._loop).result(10)
