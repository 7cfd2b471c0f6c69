"""least_conn, round_robin and source_hash choose as they say; servers may be UNIX sockets;
`connect: early` reaches a server that speaks first, otherwise a backend is dialled only when the
client has spoken; health checks connect and close, and take a dead server out before a client
meets it."""

import time
import unittest

from arbortls_test import proxy_header
from arbortls_test.backend import Refusing, echo, greet, say_name
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient
from arbortls_test.wait import eventually


class Sharing(PromiseCase):
    def serve(self, servers, listener=None, **backend):
        self.daemon = self.start(self.config(servers, backend=backend, listener=listener))
        self.address = self.daemon.address()

    def open(self, **more):
        client = TlsClient(self.address, MASTER, **more)
        self.addCleanup(client.sock.close)
        client.send(b"who")
        return client, client.receive()

    def three(self):
        return [self.backend(say_name(name)) for name in ("a", "b", "c")]

    def test_round_robin(self):
        self.serve(self.three(), balance="round_robin")
        names = [self.open()[1] for _ in range(12)]
        self.assertEqual({name: names.count(name) for name in names}, {b"a": 4, b"b": 4, b"c": 4})

    def test_least_conn(self):
        servers = self.three()
        self.serve(servers, balance="least_conn")
        opened = [self.open() for _ in range(9)]
        self.assertEqual([server.accepted for server in servers], [3, 3, 3])
        for client, name in opened:
            if name == b"b":
                client.close()
        eventually(lambda: not servers[1].open_peers(), what="their end")
        self.assertEqual([self.open()[1] for _ in range(3)], [b"b"] * 3)

    def test_source_hash(self):
        self.serve(self.three(), listener={"accept_proxy": ["127.0.0.1"]}, balance="source_hash")
        chosen = {}
        for index in range(40):
            source = f"192.0.2.{index}"
            preambles = [proxy_header.v1(source, port) for port in (1000, 2000)]
            names = {self.open(preamble=preamble)[1] for preamble in preambles}
            self.assertEqual(len(names), 1, "one address, two servers")
            chosen[source] = names.pop()
        counts = [list(chosen.values()).count(name) for name in (b"a", b"b", b"c")]
        self.assertGreater(min(counts), 3, counts)

    def test_a_unix_server_beside_a_tcp_server(self):
        servers = [self.backend(say_name("tcp")),
                   self.backend(say_name("unix"), path=self.directory / "b.sock")]
        self.serve(servers, balance="round_robin")
        self.assertEqual({self.open()[1] for _ in range(4)}, {b"tcp", b"unix"})

    def test_no_backend_is_dialled_before_the_client_speaks(self):
        server = self.backend()
        self.serve([server])
        with TlsClient(self.address, MASTER) as client:
            eventually(lambda: self.daemon.counter("handshakes_ok") == 1, what="the handshake")
            self.assertEqual(server.accepted, 0)
            self.assertEqual(client.talk(b"hello"), b"hello")

    def test_connect_early_lets_the_server_speak_first(self):
        self.serve([self.backend(greet(b"220 ready\r\n"))], connect="early")
        with TlsClient(self.address, MASTER) as client:
            self.assertEqual(client.receive(), b"220 ready\r\n")
            self.assertEqual(client.talk(b"hello"), b"hello")

    def test_connect_early_sends_the_proxy_header_at_once(self):
        server = self.backend(echo)
        self.serve([server], connect="early", send_proxy="v1")
        with TlsClient(self.address, MASTER) as client:
            first = client.receive()
            self.assertEqual(proxy_header.read(first).source, client.local_address)

    def test_connect_early_with_all_down_is_an_orderly_close(self):
        self.serve([self.hold(Refusing())], connect="early")
        with TlsClient(self.address, MASTER) as client:
            self.assertEqual(client.receive(), b"")

    def test_health_checks_connect_and_close(self):
        server = self.backend()
        self.serve([server], health_check={"interval": "100ms"})
        eventually(lambda: server.accepted >= 3, what="three checks")
        for peer in server.peers[:3]:
            self.assertTrue(peer.ended.wait(2))
            self.assertEqual(peer.received, b"")
        self.assert_works(self.address)

    def test_a_health_check_takes_a_dead_server_out_and_back(self):
        live, dying = self.backend(say_name("live")), self.backend(say_name("dying"))
        self.serve([live, dying], balance="round_robin", health_check={"interval": "100ms"})
        self.assertEqual({self.open()[1] for _ in range(4)}, {b"live", b"dying"})
        dying.close()
        failures = self.daemon.counter("backend_connect_failures")
        eventually(lambda: self.down_in_status(dying.address), what="the server being down")
        for _ in range(6):
            self.assertEqual(self.open()[1], b"live")
        self.assertEqual(self.daemon.counter("backend_connect_failures"), failures)
        self.backend(say_name("again"), port=int(dying.address.split(":")[1]))
        deadline = time.monotonic() + 5
        while self.open()[1] != b"again":
            self.assertLess(time.monotonic(), deadline)

    def down_in_status(self, address):
        servers = [server for pool in self.daemon.status()["backends"]
                   for server in pool["servers"]]
        return any(server["address"] == address and not server["up"] for server in servers)

    def test_source_addresses(self):
        server = self.backend()
        self.serve([server], source_addresses=["127.0.0.11", "127.0.0.12"])
        for _ in range(4):
            self.assert_works(self.address)
        hosts = {peer.address.split(":")[0] for peer in server.peers}
        self.assertEqual(hosts, {"127.0.0.11", "127.0.0.12"})


if __name__ == "__main__":
    unittest.main()
