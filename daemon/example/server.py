"""server.py SOCKET: an example softphone server behind a TLS terminator; plain HTTP on a UNIX socket.

Serves one page and echoes WebSocket frames. Believes the PROXY v1 line in front of each connection, and
shows the address in it.
"""

import html
import pathlib
import socketserver
import sys

import websocket

PAGE = pathlib.Path(__file__).with_name("page.html")


class Phone(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.client = self.read_proxy_line()
            while request := self.read_request():
                if not self.answer(*request):
                    return
        except (ConnectionError, UnicodeDecodeError):
            pass

    def read_proxy_line(self):
        """`PROXY TCP4 192.0.2.7 198.51.100.9 40000 443`: who the client is."""
        words = self.rfile.readline(108).decode("ascii").split()
        if len(words) < 6 or words[0] != "PROXY":
            raise ConnectionError("no PROXY v1 line")
        return f"{words[2]} port {words[4]}"

    def read_request(self):
        """(path, headers) of the next request; None at the end."""
        line = self.rfile.readline(8192).decode("latin-1").split()
        if len(line) != 3:
            return None
        headers = {}
        while (header := self.rfile.readline(8192).decode("latin-1").strip()):
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        return line[1], headers

    def answer(self, path, headers):
        """Whether another request may follow."""
        if headers.get("upgrade", "").lower() == "websocket":
            self.echo(headers)
            return False
        found = path.partition("?")[0] == "/"
        self.reply("200 OK" if found else "404 Not Found", self.page(headers) if found else "nothing here\n")
        return headers.get("connection", "").lower() != "close"

    def page(self, headers):
        values = {"@host@": headers.get("host", "?"), "@client@": self.client}
        page = PAGE.read_text()
        for mark, value in values.items():
            page = page.replace(mark, html.escape(value))
        return page

    def reply(self, status, body):
        body = body.encode()
        self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def echo(self, headers):
        key = websocket.accept_key(headers.get("sec-websocket-key", ""))
        protocol = headers.get("sec-websocket-protocol", "").partition(",")[0].strip()
        chosen = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
        self.wfile.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n{chosen}"
                         f"Connection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n\r\n".encode())
        while True:
            opcode, payload = websocket.read_frame(self.rfile)
            reply = websocket.PONG if opcode == websocket.PING else opcode
            self.wfile.write(websocket.frame(reply, payload))
            if opcode == websocket.CLOSE:
                return


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    with Server(sys.argv[1], Phone) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
