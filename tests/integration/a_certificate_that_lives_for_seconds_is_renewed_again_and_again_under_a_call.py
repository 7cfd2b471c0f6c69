"""A certificate that lives for seconds is renewed at half of its life, hot, again and again: a
call talks on throughout, nothing is reloaded, and no moment is served without a valid one."""

import unittest

from arbortls_test.acme import AcmeCase
from arbortls_test.client import TlsClient
from arbortls_test.wait import eventually

NAME = "acme.softphone.example"
LIFE = 14  # seconds


class ShortLived(AcmeCase):
    def test_three_renewals_under_a_call(self):
        daemon = self.start_with_ca({NAME: {"acme_enabled": True}}, ca={"validity": LIFE})
        digests = {self.await_issued(daemon, NAME)}
        address = daemon.address("tls")
        call = self.hold(TlsClient(address, NAME))

        def renewed():
            self.assertEqual(call.talk(b"still here"), b"still here")
            digests.add(self.assert_works(address, NAME))
            row = self.row(daemon, NAME)
            self.assertGreater(row["not_after"], row["due"])
            self.assertNotIn("failures", row)
            return len(digests) == 4

        eventually(renewed, 4 * LIFE, "three renewals", interval=0.2)
        self.assertIn(self.ca.log.count("Added order"), (4, 5))
        self.assertIsNone(daemon.status()["last_reload"]["time"])


if __name__ == "__main__":
    unittest.main()
