"""Serves the trust page by plain HTTP: every answer is the real one, only the listening is a test's."""

import contextlib
import http.server
import os
import subprocess
import threading

ANSWERS = os.environ.get("TRUST_PAGE_ANSWERS", "trust_page_answers")


class _Answers:
    """The program that makes them, asked one at a time."""

    def __init__(self, site, url, roots):
        self.lock = threading.Lock()
        self.child = subprocess.Popen([ANSWERS, site, url, *map(str, roots)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)

    def ask(self, *fields):
        with self.lock:
            self.child.stdin.write(("\t".join(fields) + "\n").encode())
            self.child.stdin.flush()
            status = int(self.child.stdout.readline())
            headers = []
            while (line := self.child.stdout.readline().decode().strip()):
                headers.append(line.split(": ", 1))
            return status, headers, self.child.stdout.read(int(dict(headers)["Content-Length"]))

    def close(self):
        self.child.stdin.close()
        self.child.wait(10)
        self.child.stdout.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        status, headers, body = self.server.answers.ask(
            self.command, self.path, self.headers.get("Host", ""), self.headers.get("User-Agent", ""))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def trust_page(site, roots, url=""):
    """Yields the port it listens on, on 127.0.0.1. `roots` are files."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.answers = _Answers(site, url, roots)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
        server.answers.close()
