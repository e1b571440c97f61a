"""Which certificate https is served with, under which names, and what people type to get here."""

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from . import authority, utc_now
from .authority import as_address
from .settings import SettingError
from .surroundings import Surroundings

ANY = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
"""Hosts that stand for every address of this machine."""
DEFAULT_PORT = 443


@dataclass(frozen=True)
class Served:
    """How a group serves https."""

    certificate: Path
    key: Path
    addresses: tuple[str, ...]
    """What may be typed, the best one for a phone first."""
    names: tuple[str, ...] = ()
    """What the local authority vouches for."""
    made: authority.Files | None = None
    """The local authority, when there is one."""


def local(here: Surroundings, host: str) -> tuple[Surroundings, Served]:
    """Serve with a certificate of the local authority, and say so to every process of the group."""
    names = names_here(here, host)
    made = renew(here, names)
    reached = [name for name in names if not _is_loopback(name)] if host in ANY else [host]
    told, addresses = _told(here, reached or ["localhost"])
    told = replace(told, hosts=tuple(_as_host(name) for name in names), authority=made.authority)
    return told, Served(made.certificate, made.key, addresses, tuple(names), made)


def renew(here: Surroundings, names: Sequence[str]) -> authority.Files:
    """Have a certificate that lasts a while; by the real clock, whatever day a demo believes in."""
    return authority.ensure(here.instance / "tls", names, here.config.territory.name, now=utc_now())


def given(here: Surroundings, host: str, certificate: Path, key: Path) -> tuple[Surroundings, Served]:
    """Serve with a certificate that somebody else vouches for."""
    found = read(certificate, key, now=utc_now())
    names = [name for name in _vouched(found) if not name.startswith("*")]
    told, addresses = _told(here, names or [host if host not in ANY else "localhost"])
    return replace(told, hosts=tuple(_as_host(name) for name in names)), Served(certificate, key, addresses)


def read(certificate: Path, key: Path, *, now: datetime) -> x509.Certificate:
    """Read a certificate and prove that it can be served with.

    Raises
    ------
    SettingError
        A file is missing, locked or something else; the key is another's; the certificate is of another time.
    """
    found, opener = _certificate(certificate), _key(key)
    if found.public_key() != opener.public_key():
        raise SettingError(
            f"{key}: this key does not belong to {certificate.name}: give the key the certificate was made with."
        )
    if found.not_valid_after_utc <= now:
        raise SettingError(f"{certificate}: this certificate ended on {found.not_valid_after_utc:%Y-%m-%d}: renew it.")
    if found.not_valid_before_utc > now:
        raise SettingError(f"{certificate}: this certificate begins on {found.not_valid_before_utc:%Y-%m-%d}: check the clock.")
    return found


def _certificate(path: Path) -> x509.Certificate:
    content = _bytes(path)
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError:
        raise SettingError(f"{path}: expected a certificate in PEM form, the server's first and those above it next.") from None


def _key(path: Path) -> PrivateKeyTypes:
    content = _bytes(path)
    try:
        return load_pem_private_key(content, None)
    except TypeError:
        raise SettingError(f"{path}: this key is locked by a password: give one without, readable by nobody else.") from None
    except ValueError:
        raise SettingError(f"{path}: expected a private key in PEM form.") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingError(f"{path}: cannot be read ({error.strerror}).") from error


def _vouched(certificate: x509.Certificate) -> list[str]:
    """List the names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def names_here(here: Surroundings, host: str) -> list[str]:
    """List what this machine may be called: the best for a phone first, then what only it understands itself."""
    server, called = here.config.server, socket.gethostname().lower()
    public = urlsplit(server.public_url).hostname or ""
    wished = [public if not _is_loopback(public) else "", "" if host in ANY else host, *server.hosts]
    nearby = [*lan_addresses(), called, "" if "." in called else f"{called}.local"]
    found = dict.fromkeys((*wished, *nearby, "localhost", "127.0.0.1", "::1"))
    return [name for name in found if as_address(name) or re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name)]


def lan_addresses() -> list[str]:
    """List the addresses of this machine that others reach, IPv4 first, as far as it knows them."""
    found: list[str] = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # which of our addresses would be used: connecting a datagram socket sends nothing
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += sorted(str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM))
    usable = (as_address(text) for text in dict.fromkeys(found))
    return [str(address) for address in usable if address and not (address.is_loopback or address.is_link_local)]


def _told(here: Surroundings, names: Sequence[str]) -> tuple[Surroundings, tuple[str, ...]]:
    """Return surroundings whose links begin with https, and what may be typed; a config that says https knows better."""
    server = here.config.server
    listed = dict.fromkeys(f"https://{_as_host(name)}{_port(server.port)}" for name in names)
    public = server.public_url if server.public_url.startswith("https://") else ""
    return replace(here, public_url=public or next(iter(listed))), tuple(listed)


def _port(port: int) -> str:
    return "" if port == DEFAULT_PORT else f":{port}"


def _as_host(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _is_loopback(name: str) -> bool:
    address = as_address(name)
    return address.is_loopback if address else name in ("", "localhost")
