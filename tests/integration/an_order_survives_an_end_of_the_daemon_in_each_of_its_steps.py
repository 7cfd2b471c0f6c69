"""The daemon ends in the midst of an order, once in each of its steps: killed or told to, before
the CA hears of the step or before its answer comes back. The order goes on where it stood: one
account, one order, and every challenge that was published is taken away again."""

import queue
import textwrap
import unittest

from arbortls_test.acme import AcmeCase

NAME = "acme.softphone.example"
STEPS = ("/dir", "/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/",
         "/finalize-order/", "/my-order/", "/certZ/")


class Restarts(AcmeCase):
    def end_in_each_step(self, steps, reply, **settings):
        front = self.front_of_ca()
        gates = [front.gate(step, reply) for step in steps]
        daemon = self.start(self.acme_config({NAME: {"acme_enabled": True, **settings}},
                                             master={"acme_directory": front.directory}))
        for index in range(len(gates)):
            try:
                gate = front.reached.get(timeout=30)
            except queue.Empty:
                self.fail(f"not asked for: {[each.part for each in gates if not each.passed]}\n"
                          + daemon.log)
            if index % 2:
                daemon.stop()
            else:
                daemon.kill()
            daemon.start()
            gate.open()
        self.await_issued(daemon, NAME)
        self.assertEqual(self.ca.log.count("accounts in memory"), 1)
        self.assertNotIn("failures", self.row(daemon, NAME))

    def orders(self):
        return self.ca.log.count("Added order")

    def test_before_the_ca_has_heard(self):
        self.end_in_each_step(STEPS, reply=False)
        self.assertEqual(self.orders(), 1)

    def test_before_its_answer_is_heard(self):
        self.end_in_each_step(STEPS, reply=True)
        # Nobody was told of the first; the second's challenge may have been looked at in between.
        self.assertIn(self.orders(), (2, 3))

    def test_no_dns_record_is_left_behind(self):
        records = self.directory / "records"
        records.touch()
        records.chmod(0o666)
        hook = self.directory / "dns-hook"
        hook.write_text(textwrap.dedent(f"""\
            #!/bin/sh
            case $ARBORTLS_EVENT in dns-add) do=set ;; *) do=clear ;; esac
            echo "$do $ARBORTLS_VALUE" >>{records}
            exec curl -sf "$1/$do-txt" \\
              -d "{{\\"host\\":\\"$ARBORTLS_RECORD.\\",\\"value\\":\\"$ARBORTLS_VALUE\\"}}"
            """))
        hook.chmod(0o755)
        self.directory.chmod(0o755)  # the hook runs as somebody else
        management = f"http://127.0.0.1:{self.ca_ports[3]}"
        self.end_in_each_step(("/chalZ/", "/my-order/"), reply=True, acme_challenges=["dns-01"],
                              acme_dns_hook=[str(hook), management])
        lines = records.read_text().split("\n")[:-1]
        published = {line.split()[1] for line in lines if line.startswith("set")}
        self.assertTrue(published)
        for value in published:
            last = [line for line in lines if value in line][-1]
            self.assertEqual(last, f"clear {value}")


if __name__ == "__main__":
    unittest.main()
