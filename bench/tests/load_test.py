"""The load generator counts what happened, and says so when it could not measure."""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import certificates, machine  # noqa: E402
from harness.load import Backend, Load, LoadFailed  # noqa: E402
from tls_server import Server, echo, hang_up, only_the_first, when_all_have_spoken  # noqa: E402

PROGRAM = os.environ["ARBORTLS_BENCH"]
CORE = machine.cores()[1]


def run(mode, port, **options):
    """(exit code, the last line as an object or None, standard error)."""
    arguments = [part for key, value in {"deadline": 10, **options}.items()
                 for part in ([f"--{key}"] if value is True else [f"--{key}", str(value)])]
    done = subprocess.run([PROGRAM, mode, "--port", str(port), *arguments],
                          capture_output=True, text=True, timeout=30)
    lines = done.stdout.splitlines()
    last = json.loads(lines[-1]) if lines else None
    return done.returncode, last, done.stderr


class WithCertificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.made = certificates.make(Path(cls.directory.name) / "made", "bench.example")

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()


class Handshakes(WithCertificates):
    def test_every_full_handshake_is_counted_with_either_key_and_version(self):
        for kind in ("p256", "rsa"):
            for version in ("1.2", "1.3"):
                with self.subTest(kind=kind, version=version), \
                        Server(echo, self.made[kind].pem) as server:
                    code, done, _ = run("handshakes", server.port, count=20, tls=version)
                    self.assertEqual(code, 0)
                    self.assertEqual((done["count"], done["failed"], done["resumed"]), (20, 0, 0))
                    self.assertGreater(done["handshake"]["p50_us"], 0)

    def test_every_handshake_but_the_first_is_resumed(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version), Server(echo, self.made["p256"].pem) as server:
                code, done, _ = run("handshakes", server.port, count=40, parallel=4, tls=version,
                                    resume=True)
                self.assertEqual(code, 0)
                self.assertEqual((done["count"], done["failed"], done["resumed"]), (40, 0, 40))

    def test_a_message_goes_there_and_back_after_the_handshake(self):
        with Server(echo, self.made["p256"].pem) as server:
            code, done, _ = run("handshakes", server.port, count=10, message=400)
            self.assertEqual((code, done["failed"], done["early"]), (0, 0, 0))

    def test_a_server_that_hangs_up_before_the_answer_is_seen(self):
        with Server(hang_up, self.made["p256"].pem) as server:
            _, done, _ = run("handshakes", server.port, count=10, message=400)
            self.assertEqual(done["early"] + done["reset"] + done["failed"], 10)

    def test_handshakes_with_a_server_that_speaks_no_tls_have_failed(self):
        with Server(lambda connection: connection.sendall(b"220 hello\r\n")) as server:
            _, done, _ = run("handshakes", server.port, count=5)
            self.assertEqual(done["failed"], 5)
            self.assertNotEqual(done["why"], "")

    def test_handshakes_with_nobody_have_failed(self):
        _, done, _ = run("handshakes", machine.free_port(), count=5)
        self.assertEqual(done["failed"], 5)

    def test_a_silent_server_ends_the_run_at_the_deadline(self):
        with Server(lambda connection: connection.recv(100_000) and echo(connection)) as server:
            code, _, said = run("handshakes", server.port, count=5, deadline=1)
            self.assertEqual(code, 1)
            self.assertIn("in time", said)


class StandingConnections(WithCertificates):
    def test_all_messages_come_back(self):
        with Server(echo, self.made["p256"].pem) as server:
            code, done, _ = run("ping-pong", server.port, connections=5, count=200)
            self.assertEqual((code, done["count"]), (0, 200))
            self.assertLessEqual(done["latency"]["p50_us"], done["latency"]["p99_us"])

    def test_paced_messages_keep_their_pace(self):
        with Server(echo, self.made["p256"].pem) as server:
            code, done, _ = run("paced", server.port, connections=5, interval=50, duration=1)
            self.assertEqual((code, done["count"]), (0, 100))
            self.assertGreater(done["seconds"], 0.95)

    def test_a_connection_that_is_cut_fails_the_run(self):
        with Server(hang_up, self.made["p256"].pem) as server:
            for mode in ("ping-pong", "paced", "idle"):
                with self.subTest(mode=mode):
                    code, _, said = run(mode, server.port, connections=3)
                    self.assertEqual(code, 1)
                    self.assertIn("could not be opened", said)

    def test_idle_connections_stand_until_told_to_end(self):
        with Server(echo, self.made["p256"].pem) as server, \
                Load(PROGRAM, CORE, "idle", port=server.port, connections=20) as load:
            load.expect("ready")
            load.go()
            self.assertEqual(load.expect("done")["ended_early"], 0)

    def test_a_failed_load_is_an_exception_with_its_reason(self):
        with Load(PROGRAM, CORE, "idle", port=machine.free_port(), connections=2) as load:
            with self.assertRaisesRegex(LoadFailed, "could not be opened"):
                load.expect("ready")


class Storms(WithCertificates):
    def test_all_phones_come_back_after_the_cut_with_their_own_tickets(self):
        for options, resumed in (({}, 0), ({"resume": True}, 30), ({"tls": "1.2"}, 0)):
            with self.subTest(**options), Server(echo, self.made["p256"].pem) as server:
                code, done, _ = run("storm", server.port, clients=30, hold=50, back=100, sources=3, **options)
                self.assertEqual(code, 0)
                self.assertEqual((done["served"], done["resumed"], done["failed_attempts"]), (30, resumed, 0))
                self.assertGreaterEqual(done["waited"]["p50_us"], 100_000)

    def test_no_phone_waits_for_another_before_it_speaks(self):
        with Server(echo, self.made["p256"].pem, before=when_all_have_spoken(30)) as server:
            code, done, _ = run("storm", server.port, clients=30, hold=50, back=100)
            self.assertEqual((code, done["served"], done["failed_attempts"]), (0, 30, 0))

    def test_an_attempt_that_is_not_served_is_given_up_and_made_again(self):
        with Server(only_the_first(5), self.made["p256"].pem) as server:
            _, done, _ = run("storm", server.port, clients=5, hold=10, back=100, deadline=2, **{"give-up": 200})
            self.assertEqual(done["served"], 0)
            self.assertGreater(done["attempts"], 10)
            self.assertEqual(done["over_5s"], 5)


class Floods(WithCertificates):
    def test_a_flood_goes_on_for_its_time_and_ends_what_it_began(self):
        with Server(echo, self.made["p256"].pem) as server:
            code, done, _ = run("handshakes", server.port, duration=300, parallel=4)
            self.assertEqual((code, done["failed"]), (0, 0))
            self.assertGreater(done["count"], 0)
            self.assertGreaterEqual(done["seconds"], 0.29)

    def test_what_was_negotiated_is_said(self):
        with Server(echo, self.made["p256"].pem) as server:
            _, done, _ = run("handshakes", server.port, count=1)
            self.assertEqual(done["negotiated"], "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519 SHA256")


class WithoutSockets(WithCertificates):
    def test_openssl_alone_is_measured_with_either_key_and_version(self):
        for kind in ("p256", "rsa"):
            for version in ("1.2", "1.3"):
                with self.subTest(kind=kind, version=version):
                    done = subprocess.run([PROGRAM, "in-memory", "--pem", self.made[kind].pem, "--tls", version,
                                           "--handshakes", "5", "--messages", "100", "--bytes", "100000"],
                                          capture_output=True, text=True, timeout=30, check=True)
                    figures = json.loads(done.stdout)
                    del figures["event"]
                    self.assertEqual(len(figures), 5)
                    self.assertGreater(min(figures.values()), 0)

    def test_each_domain_gets_a_key_and_a_valid_certificate_of_its_own(self):
        with tempfile.TemporaryDirectory() as directory:
            where = Path(directory)
            certificates.make_authority(where, where / "issuer.pem")
            subprocess.run([PROGRAM, "domains", "--directory", where, "--issuer", where / "issuer.pem",
                            "--suffix", "many.example", "--first", "7", "--count", "2"],
                           capture_output=True, timeout=30, check=True)
            names = ["d000007.many.example", "d000008.many.example"]
            for name in names:
                subprocess.run(["openssl", "verify", "-CAfile", where / "root.crt", "-untrusted",
                                where / "intermediate.crt", "-verify_hostname", name, where / f"{name}.pem"],
                               capture_output=True, timeout=30, check=True)
            keys = {(where / f"{name}.pem").read_text().split("-----END PRIVATE")[0] for name in names}
            self.assertEqual(len(keys), 2)


class PlainBackend(unittest.TestCase):
    def setUp(self):
        self.backend = Backend(PROGRAM, CORE)
        self.connection = socket.create_connection(("127.0.0.1", self.backend.port), 10)

    def tearDown(self):
        self.connection.close()
        self.backend.stop()

    def receive(self, size):
        """`size` bytes, or fewer where the backend ends first."""
        data = b""
        while len(data) < size and (more := self.connection.recv(size - len(data))):
            data += more
        return data

    def test_it_echoes_all_it_gets(self):
        data = b"E" + os.urandom(5_000_000)
        threading.Thread(target=self.connection.sendall, args=[data], daemon=True).start()
        self.assertEqual(self.receive(len(data)), data)

    def test_it_sends_what_is_asked_for_and_no_more(self):
        self.connection.sendall(b"D" + struct.pack(">Q", 1_000_000))
        self.assertEqual(len(self.receive(1_000_000)), 1_000_000)
        self.connection.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive(1), b"")

    def test_it_takes_all_before_it_answers_whatever_the_segments(self):
        request = b"U" + struct.pack(">Q", 300_000)
        for part in (request[:1], request[1:7], request[7:] + b"x" * 100, b"x" * 299_899):
            self.connection.sendall(part)
        self.connection.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            self.connection.recv(1)
        self.connection.settimeout(10)
        self.connection.sendall(b"x")
        self.assertEqual(self.receive(1), b"k")


if __name__ == "__main__":
    unittest.main()
