"""Real SIP phones that speak TLS. Both write every SIP message they send and receive into their log."""

import os
import subprocess

from parts.process import Process

BARESIP = """\
sip_listen 127.0.0.1:0
dns_server 127.0.0.1:{dns_port}
module_path /usr/lib/baresip/modules
module_app account.so
module_app contact.so
"""
BARESIP_ACCOUNT = ('<sip:{user}@{domain}>;auth_pass=unused;outbound="sip:{server}:{port};transport=tls"'
                   ";regint=3600\n")
LINPHONE = """\
[sip]
root_ca={roots}
verify_server_certs=1
verify_server_cn=1
sip_port=0
sip_tcp_port=0
sip_tls_port=-1
default_proxy=0
[proxy_0]
reg_proxy=<sip:{server}:{port};transport=tls>
reg_identity=sip:{user}@{domain}
reg_expires=3600
reg_sendregister=1
"""


class Baresip(Process):
    """Finds its server by DNS and sends the server's name as SNI. Its 1.0 checks no certificate."""

    def __init__(self, directory, dns_port, **account):
        directory.mkdir()
        (directory / "config").write_text(BARESIP.format(dns_port=dns_port))
        (directory / "accounts").write_text(BARESIP_ACCOUNT.format(**account))
        super().__init__(["/usr/bin/baresip", "-4", "-s", "-v", "-f", directory],
                         directory / "baresip.log")


class Linphone(Process):
    """Checks chain and name. Given an address for a server it sends that address as SNI."""

    def __init__(self, directory, roots, **account):
        (directory / ".local" / "share" / "linphone").mkdir(parents=True)
        (directory / "roots.pem").write_text(roots)
        config = directory / "linphonerc"
        config.write_text(LINPHONE.format(roots=directory / "roots.pem", **account))
        self._trace = directory / "trace.log"
        self._trace.touch()
        super().__init__(["/usr/bin/linphonec", "-c", config, "-d", "6", "-l", self._trace],
                         directory / "linphone.log", stdin=subprocess.PIPE,
                         env=dict(os.environ, HOME=str(directory)))

    def output(self):
        return super().output() + self._trace.read_text(errors="replace")
