"""A listener of `kind: http_redirect` redirects to https on the same host, answers no challenge that
is not its own but hands it to the backend that is set for them, comes, changes and goes with reloads, and is
shown with its kind."""

import http.server
import socket
import subprocess
import threading
import unittest

from arbortls_test.case import PromiseCase
from arbortls_test.wait import eventually

CHALLENGE = "/.well-known/acme-challenge/"


def curl(address, path, *options):
    """Status, redirect and body of one request to `address`, as curl sees them."""
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "10", "-w", "\n%{http_code} %{redirect_url}", *options, f"http://{address}{path}"],
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    body, _, last = done.stdout.rpartition("\n")
    status, _, location = last.partition(" ")
    return int(status), location, body


class Platform(http.server.BaseHTTPRequestHandler):
    """A server with an ACME client of its own."""

    def do_GET(self):
        body = f"{self.path} for {self.headers['Host']} from {self.headers['X-Forwarded-For']}".encode()
        self.send_response(200 if "mine" in self.path else 404)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class HttpRedirect(PromiseCase):
    def platform(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platform)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"127.0.0.1:{server.server_address[1]}"

    def config_with(self, **keys):
        """A door before the listener for TLS, so that order cannot matter."""
        config = self.config([self.backend()])
        config["listeners"].insert(0, {"name": "door", "kind": "http_redirect", "address": "127.0.0.1:0", **keys})
        return config

    def test_everything_is_redirected_on_the_same_host(self):
        daemon = self.start(self.config_with())
        door = daemon.address("door")
        for host, path, expected in (
                ("phone.example", "/", "https://phone.example/"),
                ("Phone.Example:80", "/a/b?c=d&e=http://evil.example", "https://phone.example/a/b?c=d&e=http://evil.example"),
                ("phone.example", "//evil.example/", "https://phone.example//evil.example/"),
                ("10.0.0.1", "/", "https://10.0.0.1/")):
            with self.subTest(host=host, path=path):
                self.assertEqual(curl(door, path, "--path-as-is", "-H", f"Host: {host}")[:2], (301, expected))
        self.assertEqual(curl(door, "/x", "-X", "POST", "-d", "body", "-H", "Host: phone.example")[:2],
                         (308, "https://phone.example/x"))
        self.assert_works(daemon.address("tls"))

    def test_a_host_that_is_none_is_refused(self):
        daemon = self.start(self.config_with())
        for host in ("evil.example/x", "a@evil.example", "a b", "a.example:x", "..", "[::1"):
            with self.subTest(host=host):
                status, location, _ = curl(daemon.address("door"), "/", "-H", f"Host: {host}")
                self.assertEqual((status, location), (400, ""))

    def test_another_port_of_https_stands_in_the_redirect(self):
        daemon = self.start(self.config_with(redirect_to=8443))
        self.assertEqual(curl(daemon.address("door"), "/x", "-H", "Host: a.example")[1], "https://a.example:8443/x")

    def test_unknown_challenges_are_for_the_backend_that_is_set(self):
        daemon = self.start(self.config_with(acme_backend=self.platform()))
        door = daemon.address("door")
        self.assertEqual(curl(door, CHALLENGE + "mine", "-H", "Host: a.example"),
                         (200, "", f"{CHALLENGE}mine for a.example from 127.0.0.1"))
        self.assertEqual(curl(door, CHALLENGE + "other", "-H", "Host: a.example")[0], 404)
        self.assertEqual(curl(door, "/x", "-H", "Host: a.example")[0], 301)

    def test_without_one_they_are_unknown_and_a_dead_one_is_a_bad_gateway(self):
        daemon = self.start(self.config_with())
        self.assertEqual(curl(daemon.address("door"), CHALLENGE + "mine")[0], 404)
        with socket.socket() as dead:
            dead.bind(("127.0.0.1", 0))
            config = self.config_with(acme_backend=f"127.0.0.1:{dead.getsockname()[1]}")
            daemon.write_config(config)
            self.assertEqual(daemon.command("reload").returncode, 0)
            self.assertEqual(curl(daemon.address("door"), CHALLENGE + "mine")[0], 502)

    def test_it_comes_and_goes_with_reloads(self):
        with_door = self.config_with()
        without = {**with_door, "listeners": with_door["listeners"][1:]}
        daemon = self.start(without)
        tls = daemon.address("tls")
        daemon.write_config(with_door)
        self.assertEqual(daemon.command("reload").returncode, 0)
        door = daemon.address("door")
        self.assertEqual(curl(door, "/", "-H", "Host: a.example")[0], 301)
        self.assertEqual(daemon.address("tls"), tls)
        broken = {**with_door, "listeners": [*with_door["listeners"],
                                             {"name": "no", "kind": "http_redirect", "address": tls}]}
        daemon.write_config(broken)
        self.assertEqual(daemon.command("reload").returncode, 1)
        self.assertEqual(curl(door, "/", "-H", "Host: a.example")[0], 301)
        daemon.write_config(without)
        self.assertEqual(daemon.command("reload").returncode, 0)
        eventually(lambda: self.assert_closed(door))
        self.assert_works(tls)

    def assert_closed(self, address):
        host, _, port = address.rpartition(":")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5).close()
        return True

    def test_it_is_shown_with_its_kind_and_counted(self):
        daemon = self.start(self.config_with())
        curl(daemon.address("door"), "/", "-H", "Host: a.example")
        status = daemon.status()
        kinds = {listener["name"]: listener["kind"] for listener in status["listeners"]}
        self.assertEqual(kinds, {"tls": "tls", "door": "http_redirect"})
        self.assertEqual(status["http"]["requests"], 1)

    def test_garbage_and_silence_cost_only_themselves(self):
        daemon = self.start(self.config_with())
        host, _, port = daemon.address("door").rpartition(":")
        silent = [self.hold(socket.create_connection((host, int(port)))) for _ in range(20)]
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET /" + b"x" * 20000, b"GET / HTTP/1.1\r\n\r\n",
                        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a.example\r\n"
                        b"Content-Length: 999999\r\n\r\n"):
            with socket.create_connection((host, int(port)), timeout=10) as sock:
                sock.sendall(garbage)
                sock.shutdown(socket.SHUT_WR)
                self.assertRegex(sock.recv(65536), rb"^(HTTP/1.1 4\d\d |$)")
        self.assertEqual(curl(f"{host}:{port}", "/", "-H", "Host: a.example")[0], 301)
        for sock in silent:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
            self.assertIn(b"301", sock.recv(65536))


if __name__ == "__main__":
    unittest.main()
