"""A small TLS server on a thread of the test, to be loaded instead of a terminator."""

import socket
import ssl
import threading


def echo(connection) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def hang_up(connection) -> None:
    connection.recv(1)


def only_the_first(count: int):
    """Serves that many connections; those after them are left without an answer."""
    served = iter(range(count))

    def behave(connection) -> None:
        if next(served, None) is None:
            while connection.recv(65536):
                pass
        else:
            echo(connection)

    return behave


def when_all_have_spoken(count: int):
    """Holds each connection of a crowd of that many until the first bytes of all are here."""
    crowd = threading.Barrier(count)

    def hold(connection) -> None:
        connection.recv(1, socket.MSG_PEEK)
        try:
            crowd.wait(timeout=10)
        except threading.BrokenBarrierError as broken:
            raise OSError("not everybody came") from broken

    return hold


class Server:
    """Hands each connection to `behave` after its handshake; without a certificate, bare, at once. `before` is called
    with each connection first."""

    def __init__(self, behave, pem=None, before=lambda connection: None):
        self._behave = behave
        self._before = before
        self._tls = None
        if pem:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(pem)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        try:
            self._before(connection)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._behave(connection)
        except OSError:
            pass  # what the load makes of it is the test
        finally:
            connection.close()
