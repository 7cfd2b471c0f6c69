"""Just enough of RFC 6455 for the example: the handshake's answer, and whole frames."""

import base64
import hashlib
import os
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FINAL, _MASKED = 0x80, 0x80
LARGEST = 1 << 20


def accept_key(key):
    """What `Sec-WebSocket-Accept` answers to `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()


def _mask(data, key):
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(data))


def _exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("the peer has left")
    return data


def read_frame(stream):
    """(opcode, payload) of the next frame."""
    first, second = _exactly(stream, 2)
    size = second & 0x7F
    if size == 126:
        size, = struct.unpack("!H", _exactly(stream, 2))
    elif size == 127:
        size, = struct.unpack("!Q", _exactly(stream, 8))
    if size > LARGEST:
        raise ConnectionError(f"a frame of {size} bytes is too large")
    key = _exactly(stream, 4) if second & _MASKED else None
    payload = _exactly(stream, size)
    return first & 0x0F, _mask(payload, key) if key else payload


def frame(opcode, payload, masked=False):
    """One frame; a client's have to be masked."""
    size = len(payload)
    mark = _MASKED if masked else 0
    if size < 126:
        head = struct.pack("!BB", _FINAL | opcode, mark | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _FINAL | opcode, mark | 126, size)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, mark | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + _mask(payload, key)
