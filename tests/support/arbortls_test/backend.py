"""Servers to stand behind the daemon: echo, silent, resetting, recording and the like."""

import errno
import os
import socket
import struct
import threading
import time

_DATA_SEGMENTS_IN = 152  # offset of tcpi_data_segs_in in struct tcp_info


def text_of(sockname):
    """A socket's own name as the configuration writes addresses."""
    if isinstance(sockname, str):
        return f"unix:{sockname}"
    host, port = sockname[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Peer:
    """One connection as the backend sees it."""

    def __init__(self, sock):
        self.sock = sock
        self.chunks = []  # what each recv returned
        self.ended = threading.Event()  # the backend is through with it
        self.error = None
        self.end_of_input = False
        self.changed = threading.Condition()
        self.address = text_of(sock.getpeername()) if sock.family != socket.AF_UNIX else "unix"

    @property
    def received(self):
        return b"".join(self.chunks)

    def read(self, size=262144):
        """One recv, recorded; b"" at the end of input."""
        chunk = self.sock.recv(size)
        with self.changed:
            if chunk:
                self.chunks.append(chunk)
            else:
                self.end_of_input = True
            self.changed.notify_all()
        return chunk

    def wait_for_bytes(self, count, timeout=5):
        with self.changed:
            done = self.changed.wait_for(lambda: sum(map(len, self.chunks)) >= count, timeout)
        assert done, f"backend got {len(self.received)} of {count} bytes"
        return self.received

    def wait_for_end_of_input(self, timeout=5):
        with self.changed:
            assert self.changed.wait_for(lambda: self.end_of_input, timeout), "no FIN came"

    def data_segments(self):
        """How many TCP segments with data have come in."""
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return struct.unpack_from("I", info, _DATA_SEGMENTS_IN)[0]

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def echo(peer):
    while chunk := peer.read():
        peer.sock.sendall(chunk)


def record(peer):
    """Reads and keeps all; says nothing."""
    while peer.read():
        pass


def silent(peer):
    """Neither reads nor writes until the backend is closed."""
    peer.ended.wait()


def reset_at_once(peer):
    peer.reset()


def reset_after_first_bytes(peer):
    peer.read()
    peer.reset()


def http(peer):
    """Answers any request with 200 and closes."""
    request = b""
    while b"\r\n\r\n" not in request:
        chunk = peer.read()
        if not chunk:
            return
        request += chunk
    peer.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")


def greet(greeting):
    """Speaks first, then echoes."""
    def serve(peer):
        peer.sock.sendall(greeting)
        echo(peer)
    return serve


def say_name(name):
    """Answers each chunk with the backend's own name."""
    def serve(peer):
        while peer.read():
            peer.sock.sendall(name.encode())
    return serve


class Backend:
    """Listens on 127.0.0.1 (or another host, or a UNIX path) and serves each peer in a thread."""

    def __init__(self, serve=echo, host="127.0.0.1", port=0, path=None, receive_buffer=None):
        self._serve = serve
        self._changed = threading.Condition()
        self.peers = []
        family = socket.AF_UNIX if path else socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family)
        if not path:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(str(path) if path else (host, port))
        self._listener.listen(4096)
        self.address = text_of(self._listener.getsockname())
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    @property
    def accepted(self):
        return len(self.peers)

    def wait_for_peers(self, count=1, timeout=5):
        """The newest of at least `count` connections."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.peers) >= count, timeout), \
                f"backend got {len(self.peers)} of {count} connections"
            return self.peers[count - 1]

    def open_peers(self):
        return [peer for peer in self.peers if not peer.ended.is_set()]

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError as error:
                if error.errno in (errno.EBADF, errno.EINVAL):
                    return
                time.sleep(0.01)
                continue
            peer = self._admit(sock)
            if peer:
                threading.Thread(target=self._run, args=(peer,), daemon=True).start()

    def _admit(self, sock):
        try:
            peer = Peer(sock)
        except OSError:  # gone already
            sock.close()
            return None
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self.peers.append(peer)
            self._changed.notify_all()
        return peer

    def _run(self, peer):
        try:
            self._serve(peer)
        except OSError as error:
            peer.error = error
        finally:
            peer.ended.set()
            peer.sock.close()

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for peer in list(self.peers):
            peer.ended.set()
            try:
                peer.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        path = self.address.removeprefix("unix:")
        if path != self.address:
            os.unlink(path)


class Refusing:
    """Holds a port on which nobody listens."""

    def __init__(self, host="127.0.0.1"):
        self._sock = socket.socket()
        self._sock.bind((host, 0))
        self.address = text_of(self._sock.getsockname())

    def close(self):
        self._sock.close()


class BlackHole:
    """A port that neither accepts nor refuses: its queue is full, so SYNs are dropped."""

    def __init__(self):
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self._sock.listen(0)
        self.address = text_of(self._sock.getsockname())
        self._fill = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._sock.getsockname())
            self._fill.append(filler)

    def close(self):
        for filler in self._fill:
            filler.close()
        self._sock.close()
