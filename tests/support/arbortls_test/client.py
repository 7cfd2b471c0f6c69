"""A TLS client on a socket of its own, so that a test can shape every byte that goes out."""

import hashlib
import socket
import ssl
import struct
import time

RECORD_HEADER = 5


class Truncated(ConnectionError):
    """The peer ended the TCP stream without close_notify."""


def connect(address, timeout=10, source=None, receive_buffer=None):
    """A connected socket to `host:port`, `[v6]:port` or `unix:/path`."""
    if address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX)
        target = address.removeprefix("unix:")
    else:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        target = (host, int(port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if source:
        sock.bind((source, 0))
    sock.settimeout(timeout)
    try:
        sock.connect(target)
    except OSError:
        sock.close()
        raise
    return sock


def make_context(version=None, ciphers=None, alpn=None):
    """A context that checks nothing; `version` is "1.2", "1.3" or None for both."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    names = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
             "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    if version in ("1.0", "1.1"):
        ciphers = "ALL:@SECLEVEL=0"
    if ciphers:
        context.set_ciphers(ciphers)
    if version:
        context.minimum_version = context.maximum_version = names[version]
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


_CONTEXTS = {}


def _shared_context(version):
    if version not in _CONTEXTS:
        _CONTEXTS[version] = make_context(version)
    return _CONTEXTS[version]


def in_segments(size):
    """A shape for the first flight: pieces of `size` bytes."""
    return lambda data: [data[at:at + size] for at in range(0, len(data), size)]


def in_records(size):
    """A shape: the handshake message cut into TLS records of `size` bytes, in one segment."""
    def shape(data):
        kind, version, length = struct.unpack_from("!BHH", data)
        payload = data[RECORD_HEADER:RECORD_HEADER + length]
        assert len(payload) + RECORD_HEADER == len(data), "more than one record to cut"
        return [b"".join(struct.pack("!BHH", kind, version, len(piece)) + piece
                         for piece in in_segments(size)(payload))]
    return shape


def client_hello(name=None, version=None):
    """The bytes of a ClientHello."""
    outgoing = ssl.MemoryBIO()
    tls = _shared_context(version).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class TlsClient:
    """One TLS connection; the handshake is done when the constructor returns."""

    def __init__(self, address, name=None, *, version=None, context=None, session=None,
                 timeout=10, source=None, preamble=b"", shape=None, sock=None,
                 receive_buffer=None):
        self.sock = sock or connect(address, timeout, source, receive_buffer)
        self.context = context or _shared_context(version)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ready = []  # read, but not asked for yet
        self._tls = self.context.wrap_bio(self._incoming, self._outgoing, server_hostname=name,
                                          session=session)
        try:
            if preamble:
                self.sock.sendall(preamble)
            self._handshake(shape)
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    @property
    def sha256(self):
        """Digest of the certificate that the server showed."""
        return hashlib.sha256(self._tls.getpeercert(True)).hexdigest()

    @property
    def chain_length(self):
        return len(self._tls._sslobj.get_unverified_chain())  # no public way before Python 3.13

    @property
    def version(self):
        return self._tls.version()

    @property
    def cipher(self):
        return self._tls.cipher()[0]

    @property
    def session(self):
        return self._tls.session

    @property
    def resumed(self):
        return self._tls.session_reused

    @property
    def local_address(self):
        host, port = self.sock.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def send(self, data):
        """One TLS record (of 16 KiB at most) in one segment."""
        for at in range(0, len(data), 16384):
            self._tls.write(data[at:at + 16384])
            self._flush()

    def encrypt(self, data):
        """The records that `send` would send."""
        self._tls.write(data)
        return self._outgoing.read()

    def receive(self, size=262144):
        """Some bytes; b"" after close_notify; Truncated after a bare FIN."""
        if self._ready:
            part = self._ready.pop(0)
            self._ready[:0] = [part[size:]] if part[size:] else []
            return part[:size]
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush()
                self._feed()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError:
                raise Truncated("the stream ended without close_notify") from None

    def receive_exactly(self, size):
        parts, left = [], size
        while left:
            part = self.receive(left)
            assert part, f"the stream ended {left} bytes early"
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def receive_all(self):
        """Everything up to close_notify."""
        parts = []
        while part := self.receive():
            parts.append(part)
        return b"".join(parts)

    def talk(self, data):
        """Sends, and returns as many bytes of answer."""
        self.send(data)
        return self.receive_exactly(len(data))

    def close_notify(self):
        """Ends the sending half; reading goes on."""
        self.sock.sendall(self.encrypt_close_notify())

    def encrypt_close_notify(self):
        """The record that `close_notify` would send."""
        self._take_what_came()  # OpenSSL's shutdown would choke on it
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def _take_what_came(self):
        while True:
            try:
                part = self._tls.read(262144)
            except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
                return
            if not part:
                return
            self._ready.append(part)

    def at_tcp_end(self):
        """Whether FIN follows at once; raises if data follows."""
        rest = self.sock.recv(65536)
        assert not rest, f"{len(rest)} bytes after the end of TLS"
        return True

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        """Orderly: close_notify, then the socket."""
        try:
            self.close_notify()
        except (OSError, ssl.SSLError):
            pass
        self.sock.close()

    def _handshake(self, shape):
        while True:
            try:
                self._tls.do_handshake()
                self._flush()
                return
            except ssl.SSLWantReadError:
                self._flush(shape)
                shape = None
                self._feed()

    def _flush(self, shape=None):
        data = self._outgoing.read()
        if not data:
            return
        for piece in shape(data) if shape else [data]:
            self.sock.sendall(piece)

    def _feed(self):
        data = self.sock.recv(262144)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def served(address, name=None, **more):
    """The digest of the certificate that a new connection gets."""
    with TlsClient(address, name, **more) as client:
        return client.sha256


def wait_for_end(sock, timeout=5):
    """Reads a raw socket until FIN or RST; returns the bytes that came and how it ended."""
    sock.settimeout(timeout)
    parts = []
    try:
        while part := sock.recv(65536):
            parts.append(part)
        return b"".join(parts), "fin"
    except ConnectionResetError:
        return b"".join(parts), "rst"


def seconds_until_end(sock, timeout=20):
    """How long until the peer ends the connection."""
    start = time.monotonic()
    wait_for_end(sock, timeout)
    return time.monotonic() - start
