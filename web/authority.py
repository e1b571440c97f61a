"""A local authority: it signs the certificate of this machine, for phones that were told to trust it.

Cameras, service workers and lasting storage need https, and a machine in a depot has no public name that others could
vouch for. The authority lives in one folder; it may vouch for private addresses and this machine's names only, so that
whoever takes its key cannot pose as anybody else.

| file | is |
|---|---|
| ca.key | the authority's key, readable by nobody else |
| ca.pem | the authority's certificate: phones are told to trust it |
| server.key | this machine's key, readable by nobody else |
| server.pem | this machine's certificate, made anew before it ends or when the names change |

References
----------
Apple, "About upcoming limits on trusted certificates" (2020) and "Requirements for trusted certificates in iOS 13": names in
the alternative names, the purpose serverAuth, at most 398 days, 825 where a person added the authority.
RFC 5280, 4.2.1.10: name constraints.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .settings import SettingError

AUTHORITY_LASTS = timedelta(days=730)
SERVER_LASTS = timedelta(days=397)
EARLY = timedelta(days=1)
"""Certificates begin so long ago, for phones whose clocks are late; it counts towards how long they last."""
NEAR = timedelta(days=30)
"""What ends within this is made anew."""

BLOCKS = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 fc00::/7 fe80::/10 ::1/128"
PRIVATE = tuple(ip_network(block) for block in BLOCKS.split())
"""Addresses that belong to nobody in particular: an authority may vouch for all of them, since a machine's address moves."""
OWN = ("localhost", "local")
"""Names that mean something only nearby."""

Key = ec.EllipticCurvePrivateKey
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Files:
    """Where the parts are, and whether the authority was made just now: then every phone has to be told again."""

    folder: Path
    is_new: bool = False

    @property
    def authority(self) -> Path:
        """The authority's certificate."""
        return self.folder / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """The authority's key."""
        return self.folder / "ca.key"

    @property
    def certificate(self) -> Path:
        """The certificate of this machine."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The key of this machine."""
        return self.folder / "server.key"


def ensure(folder: Path, names: Sequence[str], owner: str, *, now: datetime) -> Files:
    """Have a certificate for these names and addresses that lasts a while; the authority stays as long as it can.

    Raises
    ------
    SettingError
        What is in the folder cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Files(folder)
    is_new = not (files.authority.exists() and files.authority_key.exists())
    if not is_new:
        authority, _key = _read(files.authority, files.authority_key)
        is_new = authority.not_valid_after_utc - now < NEAR or not permits(authority, names)
    if is_new:
        _make_authority(files, names, owner, now)
    authority, authority_key = _read(files.authority, files.authority_key)
    if not _serves(files, authority, names, now):
        _sign(files, authority, authority_key, names, now)
    return Files(folder, is_new)


def fingerprint(authority: x509.Certificate) -> str:
    """Write the SHA-256 of a certificate as phones show it."""
    return authority.fingerprint(hashes.SHA256()).hex(":").upper()


def load(path: Path) -> x509.Certificate:
    """Read a certificate that was made here."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def permits(authority: x509.Certificate, names: Iterable[str]) -> bool:
    """Say whether an authority may vouch for all these names."""
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or ()
    blocks = [name.value for name in allowed if isinstance(name, x509.IPAddress)]
    suffixes = [name.value for name in allowed if isinstance(name, x509.DNSName)]
    return all(
        any(f".{name}".endswith(f".{suffix}") for suffix in suffixes)
        if (address := as_address(name)) is None
        else any(address in block for block in blocks if isinstance(block, IPv4Network | IPv6Network))
        for name in names
    )


def as_address(name: str) -> Address | None:
    """Read an IP address; None for a name."""
    try:
        return ip_address(name)
    except ValueError:
        return None


def _read(certificate: Path, key: Path) -> tuple[x509.Certificate, Key]:
    try:
        pair = load(certificate), load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingError(f"{certificate.parent}: the local authority cannot be read ({error}): {ANEW}") from error
    if not isinstance(pair[1], Key) or pair[0].public_key() != pair[1].public_key():
        raise SettingError(f"{certificate.parent}: {key.name} does not belong to {certificate.name}: {ANEW}")
    return pair[0], pair[1]


ANEW = "remove that folder, and a new authority is made, which phones must be told to trust."


def _make_authority(files: Files, names: Iterable[str], owner: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # phones list authorities by this name: two that follow each other must not look the same
    called = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{owner[:50]} {now:%Y-%m-%d}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner[:64]),
        ]
    )
    own = [x509.DNSName(name) for name in sorted({*OWN, *(name for name in names if as_address(name) is None)})]
    strange = [ip_network(a) for name in names if (a := as_address(name)) and not any(a in block for block in PRIVATE)]
    made = (
        _begun(called, called, key, now - EARLY, now - EARLY + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([*own, *map(x509.IPAddress, (*PRIVATE, *strange))], None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _keep(files.authority_key, _pem(key))
    _keep(files.authority, made.public_bytes(Encoding.PEM), mode=0o644)


def _serves(files: Files, authority: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    """Say whether this machine's certificate is good for these names, and for a while."""
    try:
        made, _key = _read(files.certificate, files.key)
        made.verify_directly_issued_by(authority)
    except (SettingError, ValueError, TypeError, InvalidSignature):
        return False
    lasts = made.not_valid_after_utc - now >= NEAR
    return lasts and set(_alternatives(names)) <= set(
        made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    )


def _sign(files: Files, authority: x509.Certificate, authority_key: Key, names: Sequence[str], now: datetime) -> None:
    key = _server_key(files)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    ends = min(now - EARLY + SERVER_LASTS, authority.not_valid_after_utc)
    made = (
        _begun(called, authority.subject, key, now - EARLY, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _keep(files.certificate, made.public_bytes(Encoding.PEM), mode=0o644)


def _server_key(files: Files) -> Key:
    """Return this machine's key; it stays, so that a certificate is renewed by changing one file."""
    try:
        kept = load_pem_private_key(files.key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        kept = None
    if isinstance(kept, Key):
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    _keep(files.key, _pem(key))
    return key


def _begun(called: x509.Name, issuer: x509.Name, key: Key, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    pairs = ((name, as_address(name)) for name in names)
    return [x509.DNSName(name) if address is None else x509.IPAddress(address) for name, address in pairs]


def _pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _keep(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, with its permissions from the first byte."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    new.replace(path)
