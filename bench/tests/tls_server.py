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


class Server:
    """Hands each connection to `behave` after its handshake; without a certificate, bare, at once."""

    def __init__(self, behave, pem=None):
        self._behave = behave
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
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._behave(connection)
        except OSError:
            pass  # what the load makes of it is the test
        finally:
            connection.close()
