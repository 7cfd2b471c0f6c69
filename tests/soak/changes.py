"""What an operator does to a running platform, right and wrong, and whether it has its effect."""

import random

from actor import Actor
from arbortls_test.case import MASTER
from arbortls_test.client import served
from arbortls_test.wait import eventually

BROKEN_KEY = "soak_breaks_this"


class Renewals(Actor):
    """A new certificate by rename is served soon."""

    def step(self):
        name = random.choice(self.stage.steady)
        self.stage.renew(name)
        self.stage.await_own(name)


class Breakages(Actor):
    """Behind a broken file the last good certificate stays, the problem is shown, and goes."""

    period = 3.0

    def step(self):
        name = random.choice(self.stage.frail)
        good = self.stage.leaves[name]
        other = self.stage.authority.issue(name)
        broken = (good.pem[:len(good.pem) // 3], other.key_pem + good.certificate_pem, "no PEM\n")
        self.stage.put(name, random.choice(broken))
        self.until(lambda: name in self.stage.daemon.problems(), f"{name}'s problem")
        digest = served(self.stage.any_address(), name)
        assert digest == good.sha256, f"{name} lost its certificate"
        self.stage.renew(name)
        self.stage.await_own(name)
        self.until(lambda: name not in self.stage.daemon.problems(), f"the end of {name}'s problem")

    def until(self, condition, what):
        eventually(condition, self.stage.patience, what, interval=0.05)


class Comings(Actor):
    """A domain never seen before comes, is served, and goes."""

    period = 3.0

    def step(self):
        name = f"guest{self.done}.{MASTER}"
        path = self.stage.renew(name)
        self.stage.await_own(name)
        path.unlink()
        owners, address = self.stage.owners, self.stage.any_address()
        eventually(lambda: owners[served(address, name)] == MASTER, self.stage.patience,
                   f"the end of {name}", interval=0.05)
        self.stage.forget(name)


class Reloads(Actor):
    """SIGHUP; every fourth time with a broken configuration, which changes nothing."""

    period = 5.0

    def step(self):
        daemon = self.stage.daemon
        broken = self.done % 4 == 3
        drain = random.randint(2, 9)
        daemon.write_config({**self.stage.settings, "drain_timeout": f"{drain}s",
                             **({BROKEN_KEY: 1} if broken else {})})
        daemon.hang_up(3 * self.stage.patience)
        told = daemon.status()["last_reload"]
        assert told["ok"] != broken, f"a {'broken' if broken else 'good'} configuration: {told}"


class Outages(Actor):
    """One of two backends stops listening, later listens again."""

    period = 15.0

    def take_turn(self):
        # A connection between the kernel's queue and the backend would be lost with the listener.
        with self.stage.floor.silence():
            eventually(lambda: self.stage.daemon.status()["connections"] == self.stage.call_count,
                       self.stage.patience, "the end of all but the calls", interval=0.05)
            self.step()

    def step(self):
        backend = self.stage.leaving
        backend.leave() if backend.present else backend.come()


class Watching(Actor):
    """Monitoring asks all the time."""

    def step(self):
        daemon = self.stage.daemon
        status = daemon.status()
        assert status["pid"] == daemon.pid and status["state"] == "serving", status
        assert status["connections"] >= self.stage.call_count, "a long connection is gone"
        for path in ("/metrics", "/certs", "/tree"):
            code, _ = daemon.request("GET", path)
            assert code == 200, f"{path}: {code}"
