"""A real ACME CA: Debian's pebble, with a DNS server that answers 127.0.0.1 for every name."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import unittest
import urllib.request

from .ca import Authority
from .wait import eventually


def free_ports(count):
    """Ports that nobody listens on now, for programs that cannot be told to choose one."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Pebble:
    """`http_port` and `tls_port` are where it looks for the answers to its challenges."""

    def __init__(self, directory, http_port, tls_port, *, switches=None, strict=True, eab=None,
                 ports=None, validity=None, blocklist=()):
        if not shutil.which("pebble"):
            raise unittest.SkipTest("pebble is not installed")
        self._directory = directory
        self._directory.mkdir(exist_ok=True)
        self._ports = ports or self.choose_ports()
        self._strict = strict
        self._processes = []
        self.switches = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0",
                         "PEBBLE_AUTHZREUSE": "0", **(switches or {})}
        self.authority = Authority("Pebble's own")
        leaf = self.authority.issue("127.0.0.1", "localhost")
        self.ca_file = directory / "pebble-ca.pem"
        self.ca_file.write_text(self.authority.root_pem)
        (directory / "pebble.crt").write_text(leaf.certificate_pem)
        (directory / "pebble.key").write_text(leaf.key_pem)
        self._config = {
            "listenAddress": f"127.0.0.1:{self._ports[0]}",
            "managementListenAddress": f"127.0.0.1:{self._ports[1]}",
            "certificate": str(directory / "pebble.crt"),
            "privateKey": str(directory / "pebble.key"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": eab is not None,
        }
        if eab:
            self._config["externalAccountMACKeys"] = eab
        if blocklist:
            self._config["domainBlocklist"] = list(blocklist)
        if validity:
            self._config["certificateValidityPeriod"] = validity
        self.log_file = directory / "pebble.log"

    @staticmethod
    def choose_ports():
        return free_ports(4)

    @staticmethod
    def directory_at(ports):
        return f"https://127.0.0.1:{ports[0]}/dir"

    @property
    def directory(self):
        return self.directory_at(self._ports)

    def start(self):
        dns, management = self._ports[2:]
        if not self._processes:
            self._launch(["pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
                          "-dns01", f"127.0.0.1:{dns}", "-http01", "", "-https01", "",
                          "-tlsalpn01", "", "-management", f"127.0.0.1:{management}"])
            self._await_port(management)
        (self._directory / "pebble.json").write_text(json.dumps({"pebble": self._config}))
        self._launch(["pebble", "-config", str(self._directory / "pebble.json"), "-dnsserver",
                      f"127.0.0.1:{dns}", *(["-strict"] if self._strict else [])])
        self._await_port(self._ports[0])
        return self

    def stop_ca(self):
        """The CA goes, and forgets everything: accounts, orders, its own root."""
        self._end(self._processes.pop())

    def close(self):
        while self._processes:
            self._end(self._processes.pop())

    @property
    def log(self):
        return self.log_file.read_text()

    def set_txt(self, name, value):
        """What a dns-01 hook does."""
        self._manage("set-txt", {"host": name + ".", "value": value})

    @property
    def dns_management(self):
        return f"http://127.0.0.1:{self._ports[3]}"

    def root_pem(self):
        """The root that issues now; each start makes a new one."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        url = f"https://127.0.0.1:{self._ports[1]}/roots/0"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            return answer.read().decode()

    def _manage(self, action, body):
        request = urllib.request.Request(f"{self.dns_management}/{action}",
                                         json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=10).close()

    def _launch(self, command):
        log = self.log_file.open("ab")
        self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                                stderr=log, env={**os.environ, **self.switches}))
        log.close()

    def _await_port(self, port):
        def answers():
            assert self._processes[-1].poll() is None, self.log
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True

        eventually(answers, 15, f"port {port} of pebble")

    @staticmethod
    def _end(process):
        process.kill()
        process.wait(10)
