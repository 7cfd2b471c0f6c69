"""What stands between the daemon and its CA: sees each request, can lose it, answer it or change
the answer."""

import base64
import http.client
import http.server
import json
import queue
import socketserver
import ssl
import threading


class Front:
    """An HTTPS server that hands everything on to a Pebble. Pebble makes its URLs of the Host
    field, so the daemon comes back here with each request of an order.

    `answer(method, path, body)` may give (status, body as a dictionary) in the CA's place;
    `change(path, body)` may give another body in place of the CA's, such as a directory."""

    def __init__(self, directory, authority, ca_port):
        leaf = authority.issue("127.0.0.1")
        pem = directory / "front.pem"
        pem.write_text(leaf.pem)
        self.requests = []  # (method, path, payload)
        self.answer = lambda method, path, body: None
        self.change = lambda path, body: None
        self.reached = queue.Queue()  # gates that hold a request now
        self._gates = []
        self._to_ca = ssl._create_unverified_context()
        self._ca_port = ca_port
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler(),
                                                       bind_and_activate=True)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                  do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self):
        return "https://127.0.0.1:%d" % self._server.server_address[1]

    @property
    def directory(self):
        return self.address + "/dir"

    def count(self, part):
        """How many requests there were for such a path."""
        return sum(part in path for _, path, _ in self.requests)

    def payloads(self, part):
        """What was signed in the requests for such a path."""
        return [payload for _, path, payload in self.requests if part in path]

    def gate(self, part, reply=False):
        """The next request for such a path is held until the gate opens, and then lost: before the
        CA gets it, or (`reply`) when it has answered."""
        made = Gate(part, reply)
        self._gates.append(made)
        return made

    def close(self):
        for gate in self._gates:
            gate.open()
        self._server.shutdown()
        self._server.server_close()

    # Of one request

    def _pass(self, path, reply):
        for gate in self._gates:
            if gate.part in path and gate.reply == reply and not gate.passed:
                gate.passed = True
                self.reached.put(gate)
                gate.opened.wait(60)
                raise ConnectionAbortedError(path)

    def _forward(self, method, path, headers, body):
        connection = http.client.HTTPSConnection("127.0.0.1", self._ca_port, timeout=30,
                                                 context=self._to_ca)
        try:
            connection.request(method, path, body or None, headers)
            reply = connection.getresponse()
            return reply.status, list(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def _exchange(self, method, path, headers, body):
        self.requests.append((method, path, _payload(body)))
        self._pass(path, reply=False)
        own = self.answer(method, path, body)
        if own:
            return own[0], [("Content-Type", "application/json")], json.dumps(own[1]).encode()
        status, fields, content = self._forward(method, path, headers, body)
        self._pass(path, reply=True)
        return status, fields, self.change(path, content) or content

    def _handler(front):
        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {name: value for name, value in self.headers.items()
                        if name.lower() not in ("connection", "content-length")}
                status, fields, content = front._exchange(self.command, self.path, kept, body)
                self.send_response_only(status)
                for name, value in fields:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_HEAD = handle_any

            def handle(self):
                try:
                    super().handle()
                except OSError:  # the daemon has gone, or was ended
                    pass

            def log_message(self, *_):
                pass

        return Handler


class Gate:
    """Holds one request, which goes no further."""

    def __init__(self, part, reply):
        self.part, self.reply = part, reply
        self.passed = False
        self.opened = threading.Event()

    def open(self):
        self.passed = True
        self.opened.set()


def _payload(body):
    """The JSON within a signed request; None where there is none."""
    try:
        text = json.loads(body)["payload"]
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) or "null")
    except (ValueError, KeyError, TypeError):
        return None
