"""Traffic that runs beside a test and must not be disturbed by it."""

import os
import threading
import time

from .client import TlsClient


class Calls:
    """Long connections that talk without a pause; any lost or wrong byte is a failure.

    Needs an echo backend. `message()` makes what is said next. `finish()` asserts that every one
    lived and moved bytes to the end.
    """

    def __init__(self, address, names, pause=0.005, message=lambda: os.urandom(400)):
        self.failures = []
        self.rounds = [0] * len(names)
        self._stop = threading.Event()
        self._pause, self._message = pause, message
        clients = [TlsClient(address, name) for name in names]
        self._threads = [threading.Thread(target=self._talk, args=(index, client), daemon=True)
                         for index, client in enumerate(clients)]
        for thread in self._threads:
            thread.start()

    def _talk(self, index, client):
        try:
            while not self._stop.is_set():
                message = self._message()
                if client.talk(message) != message:
                    self.failures.append(f"call {index}: wrong bytes")
                    return
                self.rounds[index] += 1
                self._stop.wait(self._pause)
            client.close()
        except (OSError, AssertionError) as error:
            self.failures.append(f"call {index}: {error!r} after {self.rounds[index]} rounds")

    def finish(self):
        before = list(self.rounds)
        deadline = time.monotonic() + 5
        while any(now <= then for now, then in zip(self.rounds, before)) and not self.failures:
            assert time.monotonic() < deadline, "a call stands still"
            time.sleep(0.01)
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        assert not self.failures, self.failures
        return sum(self.rounds)


class Arrivals:
    """New connections one after the other from a few threads; each must be answered."""

    def __init__(self, address, names, threads=2, pause=0.0):
        self.failures = []
        self.done = 0
        self.slowest = 0.0
        self._seen = {}  # name -> (begun, ended, digest) of each connection
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._arguments = (address, names, pause)
        self._threads = [threading.Thread(target=self._run, args=(index,), daemon=True)
                         for index in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, index):
        address, names, pause = self._arguments
        count = index
        while not self._stop.is_set():
            name = names[count % len(names)]
            count += 1
            self._once(address, name)
            self._stop.wait(pause)

    def _once(self, address, name):
        start = time.monotonic()
        try:
            with TlsClient(address, name) as client:
                digest = client.sha256
                assert client.talk(b"OPTIONS") == b"OPTIONS", "wrong bytes"
                client.close()
        except (OSError, AssertionError) as error:
            with self._lock:
                self.failures.append(f"{name}: {error!r}")
            return
        with self._lock:
            self.done += 1
            end = time.monotonic()
            self.slowest = max(self.slowest, end - start)
            self._seen.setdefault(name, []).append((start, end, digest))

    def certificates(self, name):
        return {digest for _, _, digest in self._seen.get(name, [])}

    def went_back(self, name, expected):
        """Digests that were seen after a newer one, in the order `expected`. Connections that
        overlap have no order: one counts as later only if it began after the other had ended."""
        ended = sorted((end, expected.index(digest)) for _, end, digest in self._seen[name])
        back, newest, passed = [], 0, 0
        for start, _, digest in sorted(self._seen[name]):
            while passed < len(ended) and ended[passed][0] < start:
                newest = max(newest, ended[passed][1])
                passed += 1
            if expected.index(digest) < newest:
                back.append(digest)
        return back

    def finish(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(15)
        assert not self.failures, (len(self.failures), self.failures[:5])
        assert self.done, "no connection was made"
        return self.done
