"""IPv4, IPv6, dual stack, UNIX and systemd-passed sockets serve side by side, each with its own
certdir and backend; a stale UNIX socket file is replaced, one in use is not, and a passed socket
survives reload."""

import os
import socket
import subprocess
import unittest

from arbortls_test.backend import say_name
from arbortls_test.case import MASTER, PromiseCase
from arbortls_test.client import TlsClient, served
from arbortls_test.daemon import BINARY, Daemon, Notifications
from arbortls_test.wait import eventually


class Kinds(PromiseCase):
    def config_of(self, **addresses):
        """One listener per keyword."""
        config = self.config([self.backend()])
        config["listeners"] = [self.listener(name=name, address=address)
                               for name, address in addresses.items()]
        return config

    def test_ipv4_ipv6_and_unix(self):
        path = self.directory / "front.sock"
        daemon = self.start(self.config_of(four="127.0.0.1:0", six="[::1]:0",
                                           local=f"unix:{path}"))
        for name, start in (("four", "127.0.0.1:"), ("six", "[::1]:"), ("local", f"unix:{path}")):
            address = daemon.address(name)
            self.assertTrue(address.startswith(start), address)
            self.assert_works(address)
        daemon.stop()
        self.assertFalse(path.exists(), "the socket's file stayed behind")

    def test_dual_stack(self):
        daemon = self.start(self.config_of(both="[::]:0"))
        port = daemon.address().rpartition(":")[2]
        self.assert_works(f"127.0.0.1:{port}")
        self.assert_works(f"[::1]:{port}")

    def test_a_stale_unix_socket_is_replaced(self):
        path = self.directory / "front.sock"
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(path))
        stale.close()
        self.assert_works(self.start(self.config_of(local=f"unix:{path}")).address())

    def test_a_unix_socket_in_use_is_not_taken(self):
        other = self.backend(path=self.directory / "taken.sock")
        daemon = Daemon(self.directory, self.config_of(local=other.address))
        daemon.launch()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("taken.sock", daemon.log)

    def test_each_listener_has_its_own_certdir_and_backend(self):
        leaves = {name: self.authority.issue(f"{name}.example") for name in ("ws", "sg")}
        servers = {name: self.backend(say_name(name)) for name in ("ws", "sg")}
        for name, leaf in leaves.items():
            leaf.write_certdir(self.directory / name)
        daemon = self.start({
            "master_domain": MASTER,
            "listeners": [{"name": name, "role": name, "address": "127.0.0.1:0",
                           "certdir": str(self.directory / name), "backend": name}
                          for name in leaves],
            "backends": [{"name": name, "servers": [server.address]}
                         for name, server in servers.items()]})
        for name, leaf in leaves.items():
            with TlsClient(daemon.address(name)) as client:
                self.assertEqual(client.sha256, leaf.sha256)
                client.send(b"who")
                self.assertEqual(client.receive(), name.encode())

    def test_an_address_in_use_stops_the_start_with_a_reason(self):
        taken = self.backend()
        daemon = Daemon(self.directory, self.config_of(tls=taken.address))
        daemon.launch()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn(taken.address, daemon.log)


class Passed(PromiseCase):
    def test_a_socket_passed_by_hand(self):
        sock = socket.create_server(("127.0.0.1", 0))
        self.hold(sock)
        address = "127.0.0.1:%d" % sock.getsockname()[1]
        # LISTEN_PID must name the daemon itself, so a shell sets it and becomes the daemon.
        shell = ["/bin/sh", "-c", 'exec 3<&"$0"; export LISTEN_PID=$$; exec "$@"',
                 str(sock.fileno())]
        daemon = self.start(self.config([self.backend()], listener={"address": "systemd:wss"}),
                            wrapper=shell, pass_fds=(sock.fileno(),),
                            environment={"LISTEN_FDS": "1", "LISTEN_FDNAMES": "wss"})
        self.assert_works(address)
        self.assertEqual(daemon.address(), address)
        daemon.hang_up()
        self.assert_works(address)

    def test_systemd_socket_activate(self):
        notifications = Notifications(self.directory / "notify")
        self.addCleanup(notifications.close)
        probe = socket.create_server(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        daemon = Daemon(self.directory, self.config([self.backend()],
                                                    listener={"address": "systemd:sips"}))
        try:
            process = subprocess.Popen(
                ["systemd-socket-activate", f"--listen=127.0.0.1:{port}", "--fdname=sips",
                 f"--setenv=NOTIFY_SOCKET={notifications.path}", BINARY, "serve", "-c",
                 str(daemon.config_file)], stderr=subprocess.PIPE)
        except FileNotFoundError:
            self.skipTest("no systemd-socket-activate here")
        try:
            eventually(lambda: served(f"127.0.0.1:{port}"), 10, "the activated daemon")
            self.assert_works(f"127.0.0.1:{port}")
        finally:
            process.terminate()
            self.assertEqual(process.wait(10), 0)
            process.stderr.close()

    def test_a_name_that_was_not_passed_is_an_error(self):
        daemon = Daemon(self.directory, self.config([self.backend()],
                                                    listener={"address": "systemd:nosuch"}))
        daemon.launch()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("nosuch", daemon.log)
        self.assertTrue(os.path.exists(daemon.config_file))


if __name__ == "__main__":
    unittest.main()
