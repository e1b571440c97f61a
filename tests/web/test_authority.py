"""The local authority: what it makes is what phones accept, lasts, and opens connections for whoever trusts it."""

import http.client
import socket
import ssl
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from werkzeug.serving import make_server

from web import authority
from web.settings import SettingError

NOW = datetime(2026, 10, 6, 7, 0, tzinfo=UTC)
NAMES = ("192.168.1.20", "depot", "localhost", "127.0.0.1")


def made(folder: Path, names=NAMES, now=NOW) -> authority.Files:
    return authority.ensure(folder, names, "Réemploi d’exemple", now=now)


def served(files: authority.Files) -> x509.Certificate:
    return authority.load(files.certificate)


def part(certificate: x509.Certificate, kind):
    return certificate.extensions.get_extension_for_class(kind).value


# -- the authority


def test_phones_may_accept_what_the_authority_makes(tmp_path):
    files = made(tmp_path)
    root, leaf = authority.load(files.authority), served(files)

    leaf.verify_directly_issued_by(root)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
    assert root.not_valid_after_utc - root.not_valid_before_utc == timedelta(days=730)
    assert list(part(leaf, x509.ExtendedKeyUsage)) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert part(leaf, x509.SubjectAlternativeName).get_values_for_type(x509.DNSName) == ["depot", "localhost"]
    assert part(root, x509.BasicConstraints).path_length == 0
    assert not part(leaf, x509.BasicConstraints).ca


def test_keys_are_readable_by_nobody_else(tmp_path):
    files = made(tmp_path / "tls")

    assert [stat.S_IMODE(key.stat().st_mode) for key in (files.authority_key, files.key)] == [0o600, 0o600]
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700


def test_a_second_start_changes_nothing(tmp_path):
    first = made(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    again = made(tmp_path)

    assert (first.is_new, again.is_new) == (True, False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("names", "later"),
    [(("192.168.1.77", *NAMES), timedelta(0)), (NAMES, authority.SERVER_LASTS - timedelta(days=20))],
    ids=["another address", "near its end"],
)
def test_the_certificate_is_renewed_and_the_authority_stays(tmp_path, names, later):
    first = made(tmp_path)
    root, key, leaf = first.authority.read_bytes(), first.key.read_bytes(), served(first)

    again = made(tmp_path, names, NOW + later)

    assert not again.is_new
    assert (again.authority.read_bytes(), again.key.read_bytes()) == (root, key)
    assert served(again) != leaf
    assert served(again).not_valid_after_utc >= leaf.not_valid_after_utc


def test_what_ends_with_its_authority_is_not_made_anew_each_time(tmp_path):
    made(tmp_path)
    late = NOW + authority.AUTHORITY_LASTS - timedelta(days=40)

    one = served(made(tmp_path, now=late))

    assert one.not_valid_after_utc == authority.load(tmp_path / "ca.pem").not_valid_after_utc
    assert served(made(tmp_path, now=late + timedelta(days=8))) == one


@pytest.mark.parametrize(
    ("names", "later"),
    [(("depot.example", *NAMES), timedelta(0)), (("203.0.113.9", *NAMES), timedelta(0)), (NAMES, timedelta(days=710))],
    ids=["a name beyond it", "an address beyond it", "near its end"],
)
def test_an_authority_that_cannot_vouch_any_more_is_made_anew(tmp_path, names, later):
    first = authority.load(made(tmp_path).authority)

    again = made(tmp_path, names, NOW + later)

    assert again.is_new
    assert authority.load(again.authority) != first
    assert authority.permits(authority.load(again.authority), names)


def test_the_authority_vouches_for_private_addresses_and_its_own_names_only(tmp_path):
    root = authority.load(made(tmp_path).authority)

    assert authority.permits(root, ["10.1.2.3", "fe80::1", "depot", "van.local", "localhost"])
    assert not any(authority.permits(root, [name]) for name in ("8.8.8.8", "bank.example", "notlocal", "2001:db8::1"))
    allowed = part(root, x509.NameConstraints).permitted_subtrees
    assert ip_network("0.0.0.0/0") not in [name.value for name in allowed]


@pytest.mark.parametrize("spoil", ["ca.pem", "ca.key"])
def test_an_authority_that_cannot_be_read_is_a_sentence_and_stays(tmp_path, spoil):
    made(tmp_path)
    (tmp_path / spoil).write_text("nothing")

    with pytest.raises(SettingError, match="the local authority cannot be read"):
        made(tmp_path)

    assert (tmp_path / spoil).read_text() == "nothing"


def test_another_authoritys_key_is_noticed(tmp_path):
    made(tmp_path / "one")
    (tmp_path / "one" / "ca.key").write_bytes(made(tmp_path / "two").authority_key.read_bytes())

    with pytest.raises(SettingError, match=r"ca\.key does not belong to ca\.pem"):
        made(tmp_path / "one")


# -- a handshake


def fetch(files: authority.Files, app, context: ssl.SSLContext, name: str) -> int:
    """Ask over https with an independent reader of certificates, under a name."""
    server = make_server("127.0.0.1", 0, app, ssl_context=(str(files.certificate), str(files.key)))
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    connection = http.client.HTTPSConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        plain = socket.create_connection(("127.0.0.1", server.server_port), 10)
        with closing(plain):  # what is wrapped goes on without it
            connection.sock = context.wrap_socket(plain, server_hostname=name)
        connection.request("GET", "/points", headers={"Host": "localhost"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("name", NAMES)
def test_whoever_trusts_the_authority_reads_the_pages_under_every_name(tmp_path, app, name):
    files = made(tmp_path, now=datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=str(files.authority))

    assert fetch(files, app, trusting, name) == 200


def test_whoever_does_not_trust_it_goes_no_further(tmp_path, app):
    files = made(tmp_path, now=datetime.now(UTC))

    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(files, app, ssl.create_default_context(), "localhost")


def test_a_name_it_was_not_made_for_is_refused(tmp_path, app):
    files = made(tmp_path, now=datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=str(files.authority))

    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(files, app, trusting, "van.local")
