"""talk.py --ca FILE HOST:PORT NAME [TEXT...]: a WebSocket over TLS that stays open.

Sends each TEXT, or each line of standard input, and prints what comes back. The certificate is checked
against the name; its number is printed, so that one sees which certificate a connection began with.
"""

import argparse
import base64
import os
import socket
import ssl
import sys

import websocket


def connect(address, name, roots):
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(cafile=roots)
    plain = socket.create_connection((host.strip("[]"), int(port)), timeout=30)
    return context.wrap_socket(plain, server_hostname=name)


def upgrade(tls, name):
    """The stream to read frames from."""
    key = base64.b64encode(os.urandom(16)).decode()
    tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    stream = tls.makefile("rb")
    status = stream.readline().decode().strip()
    answer = None
    while (line := stream.readline().strip()):
        field, _, value = line.decode().partition(":")
        answer = value.strip() if field.lower() == "sec-websocket-accept" else answer
    if answer != websocket.accept_key(key):
        sys.exit(f"no WebSocket: {status}")
    return stream


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca", required=True)
    parser.add_argument("address")
    parser.add_argument("name")
    parser.add_argument("text", nargs="*")
    chosen = parser.parse_args()
    with connect(chosen.address, chosen.name, chosen.ca) as tls:
        print("connected; certificate", tls.getpeercert()["serialNumber"], flush=True)
        stream = upgrade(tls, chosen.name)
        for line in chosen.text or sys.stdin:
            text = line.rstrip("\n").encode()
            tls.sendall(websocket.frame(websocket.TEXT, text, masked=True))
            opcode, payload = websocket.read_frame(stream)
            if opcode != websocket.TEXT or payload != text:
                sys.exit("what came back is not what was sent")
            print("echo:", payload.decode(), flush=True)


if __name__ == "__main__":
    main()
