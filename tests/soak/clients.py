"""Connections that come and go: good ones of every kind, and what scanners and bad networks do."""

import random
import time
from collections import deque

from actor import Actor
from arbortls_test.case import MASTER
from arbortls_test.client import TlsClient, client_hello, connect, wait_for_end

VERSIONS = ("1.2", "1.3")
_BLOCK = random.Random(1).randbytes(1 << 16)


def any_message():
    """1 to 20,000 bytes."""
    size = random.randint(1, 20_000)
    at = random.randrange(len(_BLOCK) - size)
    return _BLOCK[at:at + size]


class Churn(Actor):
    """One short connection a step; each kind must end as it has to."""

    period = 0.15

    def __init__(self, stage):
        self._sessions = {}  # (version, name): what its last connection left
        self._kinds = 3 * [self.full] + 3 * [self.again] + [
            self.half_closed, self.gone_after_talk, self.gone_before_answer, self.garbage,
            self.truncated, self.gone_in_handshake]
        super().__init__(stage)

    def step(self):
        random.choice(self._kinds)()

    def full(self):
        version, name = random.choice(VERSIONS), self.any_name()
        with self.client(name, version) as client:
            self.talk(client)
            self._sessions[version, name] = client.session
            client.close()

    def again(self):
        if not self._sessions:
            return self.full()
        version, name = key = random.choice(list(self._sessions))
        with self.client(name, version, session=self._sessions.pop(key)) as client:
            self.talk(client)
            client.close()

    def half_closed(self):
        message = any_message()
        with self.client(self.any_name()) as client:
            client.send(message)
            client.close_notify()
            assert client.receive_all() == message, "wrong bytes after half-close"
            client.at_tcp_end()

    def gone_after_talk(self):
        with self.client(self.any_name()) as client:
            self.talk(client)
            client.reset()

    def gone_before_answer(self):
        with self.client(self.any_name()) as client:
            client.send(any_message())
            client.reset()

    def garbage(self):
        with self.raw() as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n" + any_message()[:500])
            wait_for_end(sock, self.stage.patience)

    def truncated(self):
        hello = client_hello(MASTER)
        with self.raw() as sock:
            sock.sendall(hello[:random.randrange(len(hello))])

    def gone_in_handshake(self):
        with self.raw() as sock:
            sock.sendall(client_hello(self.any_name()))
            if random.random() < 0.5:
                sock.recv(100)

    def client(self, name, version=None, **more):
        version = version or random.choice(VERSIONS)
        client = TlsClient(self.stage.any_address(), name, version=version, source=any_source(),
                           **more)
        owner = self.stage.owners.get(client.sha256)
        # Without SNI it is the default certificate, which is nobody's.
        expected = name if name is None or name in self.stage.leaves else MASTER
        assert owner == expected, f"{name} was shown the certificate of {owner}"
        return client

    def talk(self, client):
        message = any_message()
        assert client.talk(message) == message, "wrong bytes"

    def raw(self):
        return connect(self.stage.any_address(), source=any_source())

    def any_name(self):
        chance = random.random()
        if chance < 0.1:
            return None
        if chance < 0.2:
            return f"unknown{random.getrandbits(40)}.example.net"
        return random.choice(self.stage.lasting)


class Stalled(Actor):
    """Handshakes that never go on must be ended by the daemon, in time."""

    def __init__(self, stage):
        self._held = deque()  # (when it must have ended, socket)
        super().__init__(stage)

    def step(self):
        sock = connect(self.stage.any_address(), source=any_source())
        sock.sendall(client_hello(MASTER)[:random.choice((0, 1, 5, 60))])
        self._held.append((time.monotonic() + self.stage.handshake_timeout, sock))
        while self._held[0][0] < time.monotonic():
            with self._held.popleft()[1] as old:
                wait_for_end(old, self.stage.patience)


def any_source():
    """Some address of this machine: tables kept by address see many."""
    return f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
