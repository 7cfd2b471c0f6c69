"""Actors do one thing again and again, each in a thread, and can be asked for silence."""

import contextlib
import threading


class Findings:
    """What went wrong: all of it counted, many different texts kept."""

    def __init__(self, keep=50):
        self.count = 0
        self._texts = {}  # text: how often
        self._keep = keep
        self._lock = threading.Lock()

    def add(self, text):
        with self._lock:
            self.count += 1
            if text in self._texts or len(self._texts) < self._keep:
                self._texts[text] = self._texts.get(text, 0) + 1

    def __str__(self):
        lines = [f"{count} x {text}" for text, count in self._texts.items()]
        return "\n".join([f"{self.count} findings", *lines])


class Floor:
    """Who acts takes a turn; `silence` begins when all turns are over and holds new ones off."""

    def __init__(self):
        self._changed = threading.Condition()
        self._acting = 0
        self._silent = False

    @contextlib.contextmanager
    def turn(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._silent)
            self._acting += 1
        try:
            yield
        finally:
            with self._changed:
                self._acting -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def silence(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._silent)
            self._silent = True
            self._changed.wait_for(lambda: self._acting == 0)
        try:
            yield
        finally:
            with self._changed:
                self._silent = False
                self._changed.notify_all()


class Actor:
    """Calls `step` every `period` seconds until stopped; whatever it raises is a finding."""

    period = 1.0

    def __init__(self, stage):
        self.stage = stage
        self.done = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self):
        raise NotImplementedError

    def take_turn(self):
        with self.stage.floor.turn():
            self.step()

    def stop(self, timeout=60):
        self._stop.set()
        self._thread.join(timeout)
        if self._thread.is_alive():
            self.stage.findings.add(f"{type(self).__name__} does not end")

    def _run(self):
        while not self._stop.wait(self.period):
            try:
                self.take_turn()
                self.done += 1
            except Exception as error:  # a thread that ends would end what it tests unseen
                self.stage.findings.add(f"{type(self).__name__}: {error!r}")
