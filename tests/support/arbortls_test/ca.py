"""A certificate authority for tests: root, intermediate, leaves of any key type and dates."""

import datetime
import hashlib
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER
_MAKERS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
}
_rsa_keys = []  # RSA keys take long to make; a test process needs few different ones


def make_key(kind="p256", fresh=False):
    """A private key; the RSA-2048 key is made once per process unless `fresh`."""
    if kind != "rsa2048" or fresh:
        return _MAKERS[kind]()
    if not _rsa_keys:
        _rsa_keys.append(_MAKERS[kind]())
    return _rsa_keys[0]


def days(count):
    """A moment so many days from now."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return now + datetime.timedelta(days=count)


def _digest(key):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def _subject(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Leaf:
    """A private key, its certificate and the chain above it, in every form a file may have."""

    def __init__(self, key, certificate, chain=()):
        self.key = key
        self.certificate = certificate
        self.chain = list(chain)

    @property
    def der(self):
        return self.certificate.public_bytes(_DER)

    @property
    def sha256(self):
        return hashlib.sha256(self.der).hexdigest()

    @property
    def key_pem(self):
        return self.key_text()

    def key_text(self, passphrase=None, traditional=False):
        form = serialization.PrivateFormat
        lock = (serialization.BestAvailableEncryption(passphrase.encode()) if passphrase
                else serialization.NoEncryption())
        shape = form.TraditionalOpenSSL if traditional else form.PKCS8
        return self.key.private_bytes(_PEM, shape, lock).decode()

    @property
    def certificate_pem(self):
        """The certificate alone."""
        return self.certificate.public_bytes(_PEM).decode()

    @property
    def chain_pem(self):
        return "".join(each.public_bytes(_PEM).decode() for each in self.chain)

    @property
    def pem(self):
        """Key, certificate, chain: what `certificate_pem` holds."""
        return self.key_pem + self.certificate_pem + self.chain_pem

    def pkcs12(self, passphrase="secret"):
        return pkcs12.serialize_key_and_certificates(
            b"arbortls", self.key, self.certificate, self.chain,
            serialization.BestAvailableEncryption(passphrase.encode()))

    def write_certdir(self, directory, *more):
        """`server.key` and `server.crt`; further leaves of other key types behind the first."""
        directory.mkdir(exist_ok=True)
        pairs = (self, *more)
        key = directory / "server.key"
        key.touch(0o600)
        key.write_text("".join(leaf.key_pem for leaf in pairs))
        chains = "".join(leaf.certificate_pem + leaf.chain_pem for leaf in pairs)
        (directory / "server.crt").write_text(chains)
        return directory


class Authority:
    """A root and, if asked, an intermediate; issues leaves."""

    def __init__(self, name="Test Root", intermediate=False, intermediate_end=None):
        self.root_key = make_key()
        self.root = self._certify(name, self.root_key.public_key(), name, self.root_key, [],
                                  days(-30), days(3650), ca=True)
        self.issuer_key, self.issuer, self.chain = self.root_key, self.root, []
        if intermediate:
            key = make_key()
            middle = self._certify(f"{name} Intermediate", key.public_key(), name, self.root_key,
                                   [], days(-30), intermediate_end or days(1825), ca=True)
            self.issuer_key, self.issuer, self.chain = key, middle, [middle]

    @property
    def root_pem(self):
        return self.root.public_bytes(_PEM).decode()

    def issue(self, *names, key="p256", start=None, end=None, common_name=None):
        """A leaf for `names` (host names, wildcards or addresses)."""
        key = make_key(key) if isinstance(key, str) else key
        issuer = self.issuer.subject.rfc4514_string().removeprefix("CN=")
        certificate = self._certify(common_name or names[0], key.public_key(), issuer,
                                    self.issuer_key, names, start or days(-1), end or days(90))
        return Leaf(key, certificate, self.chain)

    @staticmethod
    def _certify(name, public_key, issuer, issuer_key, names, start, end, ca=False):
        builder = (x509.CertificateBuilder()
                   .subject_name(_subject(name[:64])).issuer_name(_subject(issuer[:64]))
                   .public_key(public_key).serial_number(x509.random_serial_number())
                   .not_valid_before(start).not_valid_after(end)
                   .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
        if names:
            alternatives = [_alternative(each) for each in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        if not ca:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(usage, critical=False)
        return builder.sign(issuer_key, _digest(issuer_key))
