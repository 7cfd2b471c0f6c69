"""The daemon under test: starts it, learns when it is ready and where it listens, ends it."""

import http.client
import itertools
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import threading
import time

import yaml

from .wait import eventually

BINARY = os.environ.get("ARBORTLS", "arbortls")
_numbers = itertools.count(1)  # for names that no two starts share
SANITIZER = re.compile(r"(ERROR|WARNING): (Address|Leak|Thread|Memory)Sanitizer|runtime error: ")


def binary_is_sanitized():
    """Memory figures of such a build say nothing, and it is slower."""
    content = pathlib.Path(BINARY).read_bytes()
    return b"__asan_init" in content or b"__tsan_init" in content


def run(*arguments, timeout=20, **more):
    """One arbortls command to its end."""
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, **more)


class Notifications:
    """A NOTIFY_SOCKET: keeps every datagram as a dictionary."""

    def __init__(self, path):
        self.path = str(path)
        self.seen = []
        self._changed = threading.Condition()
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(self.path)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                data = self._sock.recv(65536)
            except OSError:
                return
            if not data:
                return
            pairs = [line.partition("=") for line in data.decode().splitlines()]
            with self._changed:
                self.seen.append({key: value for key, _, value in pairs})
                self._changed.notify_all()

    def mark(self):
        return len(self.seen)

    def wait_for(self, key, value=None, since=0, timeout=10, alive=lambda: True):
        """Returns the index behind the first notification with `key` at or after `since`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for index in range(since, len(self.seen)):
                    if key in self.seen[index] and value in (None, self.seen[index][key]):
                        return index + 1
                left = deadline - time.monotonic()
                assert alive(), "the daemon ended"
                assert left > 0, f"no {key} notification; seen {self.seen[since:]}"
                self._changed.wait(min(left, 0.2))

    def close(self):
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._sock.close()


class _UnixHttp(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Daemon:
    """`arbortls serve` with its configuration in `directory`."""

    def __init__(self, directory, config, *, nofile=None, user=None, environment=None,
                 pass_fds=(), wrapper=()):
        self.directory = pathlib.Path(directory)
        self.config_file = self.directory / "arbortls.yaml"
        self.control = str(self.directory / "control.sock")
        self.state_dir = self.directory / "state"
        self.lines = []
        self.process = None
        self._line_came = threading.Condition()
        self.log_may_flow = threading.Event()  # cleared, the log's reader stalls
        self.log_may_flow.set()
        self._options = (nofile, user, environment or {}, pass_fds, wrapper)
        self.write_config(config)

    # Starting and ending

    def write_config(self, config):
        """A dictionary, or the text itself. Written aside and renamed."""
        text = config
        if not isinstance(config, str):
            whole = {"control_socket": self.control, "state_dir": str(self.state_dir), **config}
            self.state_dir = pathlib.Path(whole["state_dir"])
            text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)
        aside = self.config_file.with_suffix(".new")
        aside.write_text(text)
        aside.rename(self.config_file)

    def launch(self):
        """Starts the process and does not wait for anything."""
        nofile, user, environment, pass_fds, wrapper = self._options
        self.notifications = Notifications(self.directory / f"notify{next(_numbers)}")
        if user:
            os.chmod(self.notifications.path, 0o666)

        def limit():
            if nofile:
                resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))

        whole = {**os.environ, "NOTIFY_SOCKET": self.notifications.path, **environment}
        self.process = subprocess.Popen(
            [*wrapper, BINARY, "serve", "-c", str(self.config_file)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=whole, pass_fds=pass_fds,
            user=user, group=user and "nogroup", preexec_fn=limit if nofile else None)
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr,),
                                        daemon=True)
        self._reader.start()
        return self

    def start(self, timeout=20):
        """Returns when the daemon has said READY=1."""
        self.launch()
        try:
            self.notifications.wait_for("READY", "1", timeout=timeout, alive=self.alive)
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}; log:\n{self.log}") from None
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=20):
        """Waits for the end; returns the exit status. The log is complete then."""
        status = self.process.wait(timeout)
        self._reader.join(5)
        self.process.stderr.close()
        self.notifications.close()
        return status

    def stop(self, timeout=20):
        """SIGTERM; asserts an orderly end and that no sanitizer complained."""
        self.log_may_flow.set()
        if self.alive():
            self.terminate()
        try:
            status = self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {timeout} s after SIGTERM; log:\n{self.log}")
        self.process = None
        assert status == 0, f"exit status {status}; log:\n{self.log}"
        self.check_log()

    def check_log(self):
        assert not SANITIZER.search(self.log), f"a sanitizer complained:\n{self.log}"

    def kill(self):
        if self.process is None:
            return
        self.log_may_flow.set()
        self.process.kill()
        self.wait()
        self.process = None

    # The log

    @property
    def log(self):
        return "\n".join(self.lines)

    def mark(self):
        """A place in the log to look from."""
        return len(self.lines)

    def wait_for_log(self, pattern, timeout=5, since=0):
        """The match of the first line from `since` on."""
        expression = re.compile(pattern)

        def search():
            found = (expression.search(line) for line in self.lines[since:])
            return next(filter(None, found), None)

        with self._line_came:
            match = self._line_came.wait_for(search, timeout)
        assert match, f"no log line like {pattern!r}:\n" + "\n".join(self.lines[since:])
        return match

    def _read_log(self, stream):
        for line in stream:
            self.log_may_flow.wait()
            with self._line_came:
                self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                self._line_came.notify_all()

    # The control socket and the commands

    def request(self, method, path, timeout=10):
        """HTTP over the control socket: the status code and the JSON body (None if empty)."""
        connection = _UnixHttp(self.control, timeout)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        try:
            return response.status, json.loads(body) if body else None
        except ValueError:
            return response.status, body.decode()

    def status(self):
        code, body = self.request("GET", "/status")
        assert code == 200, (code, body)
        return body

    def counter(self, name):
        return self.status()["counters"].get(name, 0)

    def problems(self):
        """Every present problem as one text."""
        return json.dumps(self.status()["problems"])

    def address(self, listener=None):
        """Where the (first or named) listener really listens."""
        listeners = self.status()["listeners"]
        return next(each["address"] for each in listeners if listener in (None, each["name"]))

    def command(self, *arguments, **more):
        return run(*arguments, "-c", self.config_file, **more)

    def explain(self, name, listener=None, live=True):
        """What `explain --json` prints; `name` None asks for --no-sni."""
        arguments = ["explain", "--json", "-c", self.config_file]
        arguments += ["--live", "--socket", self.control] if live else []
        arguments += ["--listener", listener] if listener else []
        result = run(*arguments, "--no-sni" if name is None else name)
        assert result.returncode == 0, (result.returncode, result.stdout, result.stderr)
        return json.loads(result.stdout)

    def reload(self):
        """The `reload` command, to its end."""
        return self.command("reload")

    def hang_up(self, timeout=15):
        """SIGHUP; returns when the daemon has said RELOADING and then READY."""
        mark = self.notifications.mark()
        self.process.send_signal(signal.SIGHUP)
        mark = self.notifications.wait_for("RELOADING", since=mark, timeout=timeout) - 1
        self.notifications.wait_for("READY", "1", since=mark, timeout=timeout)

    # The process

    def pause(self):
        """SIGSTOP; returns when every thread stands still, which the signal alone does not promise."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        eventually(lambda: all(task.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "T"
                               for task in tasks.iterdir()), what="the daemon to stand still")

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    @property
    def pid(self):
        return self.process.pid

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident(self):
        """Bytes of resident memory."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
