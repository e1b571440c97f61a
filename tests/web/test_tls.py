"""https: the certificates it is served with, the local authority's and others', and the page that says how to trust it."""

import http.client
import plistlib
import re
import socket
import ssl
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from werkzeug.serving import make_server

from web import authority, group, tls
from web.commands import main, serving
from web.settings import SettingError
from web.surroundings import Surroundings

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


# -- a certificate of somebody else's


@pytest.fixture
def pair(tmp_path) -> authority.Files:
    return made(tmp_path / "given")


def test_a_good_pair_is_taken(pair):
    assert tls.read(pair.certificate, pair.key, now=NOW) == served(pair)


def test_a_key_of_another_certificate_is_refused(pair, tmp_path):
    with pytest.raises(SettingError, match=r"server\.key: this key does not belong to server\.pem"):
        tls.read(pair.certificate, made(tmp_path / "other").key, now=NOW)


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (NOW + timedelta(days=400), r"this certificate ended on 2027-11-06: renew it"),
        (NOW - timedelta(days=5), r"this certificate begins on 2026-10-05: check the clock"),
    ],
)
def test_a_certificate_of_another_time_is_refused(pair, at, sentence):
    with pytest.raises(SettingError, match=sentence):
        tls.read(pair.certificate, pair.key, now=at)


def test_a_file_that_is_missing_or_something_else_is_named(pair, tmp_path):
    nothing = tmp_path / "nothing.pem"
    with pytest.raises(SettingError, match=r"nothing\.pem: cannot be read \(No such file or directory\)"):
        tls.read(nothing, pair.key, now=NOW)

    with pytest.raises(SettingError, match=r"server\.key: expected a certificate in PEM form"):
        tls.read(pair.key, pair.key, now=NOW)
    with pytest.raises(SettingError, match=r"server\.pem: expected a private key in PEM form"):
        tls.read(pair.certificate, pair.certificate, now=NOW)


def test_a_key_behind_a_password_is_a_sentence(pair, tmp_path):
    locked = tmp_path / "locked.key"
    key = ec.generate_private_key(ec.SECP256R1())
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))

    with pytest.raises(SettingError, match=r"locked\.key: this key is locked by a password"):
        tls.read(pair.certificate, locked, now=NOW)


# -- what people type


@pytest.fixture
def here(tmp_path, monkeypatch) -> Surroundings:
    """A machine called depot with one address."""
    monkeypatch.setattr(tls, "lan_addresses", lambda: ["192.168.1.20", "fd00::20"])
    monkeypatch.setattr(socket, "gethostname", lambda: "Depot")
    return Surroundings(instance=tmp_path, port=8443)


def test_phones_are_told_the_address_they_reach_and_links_begin_with_it(here):
    told, found = tls.local(here, "0.0.0.0")  # noqa: S104 - the machine of a test

    assert found.addresses[:2] == ("https://192.168.1.20:8443", "https://[fd00::20]:8443")
    assert told.config.server.public_url == "https://192.168.1.20:8443"
    assert {"192.168.1.20", "[fd00::20]", "depot", "depot.local"} <= set(told.config.server.hosts)
    names = part(served(found.made), x509.SubjectAlternativeName)
    assert {"depot", "depot.local", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert "127.0.0.1" in map(str, names.get_values_for_type(x509.IPAddress))


def test_one_address_is_all_there_is_when_only_it_is_listened_on(here):
    told, found = tls.local(here, "127.0.0.1")

    assert found.addresses == ("https://127.0.0.1:8443",)
    assert told.public_url == "https://127.0.0.1:8443"


def test_a_public_address_that_says_https_stays_and_is_vouched_for(here, config):
    server = replace(config.server, public_url="https://depot.example", port=443)
    here.__dict__["config"] = replace(config, server=server)

    told, found = tls.local(here, "0.0.0.0")  # noqa: S104 - the machine of a test

    assert told.public_url == "https://depot.example"
    assert found.addresses[0] == "https://depot.example"


def test_with_a_given_certificate_links_begin_with_its_name(here, tmp_path):
    given = made(tmp_path / "given", ("depot.example",), datetime.now(UTC))

    told, found = tls.given(here, "0.0.0.0", given.certificate, given.key)  # noqa: S104 - the machine of a test

    assert told.config.server.public_url == "https://depot.example:8443"
    assert "depot.example" in told.config.server.hosts
    assert found.made is None
    assert told.authority is None


def test_the_processes_of_a_group_are_told_the_same(here):
    told, _found = tls.local(here, "0.0.0.0")  # noqa: S104 - the machine of a test

    read = Surroundings.read(told.environment())

    assert (read.public_url, read.hosts, read.authority) == (told.public_url, told.hosts, told.authority)
    assert read.config.server == told.config.server


def test_the_web_server_is_handed_the_certificate(tmp_path):
    web = group.parts("127.0.0.1", 8443, 1, 8, (tmp_path / "a.pem", tmp_path / "a.key"))[0].command

    assert web[web.index("--certfile") + 1] == str(tmp_path / "a.pem")
    assert web[web.index("--keyfile") + 1] == str(tmp_path / "a.key")
    assert "--certfile" not in group.parts("127.0.0.1", 8443, 1, 8)[0].command


# -- what is typed


def test_what_cannot_be_served_with_is_one_sentence(pair, here, tmp_path):
    def typed(*words: object) -> tuple[int, str]:
        CliRunner().invoke(main, ["migrate"], obj=here)
        answer = CliRunner().invoke(main, ["run", *map(str, words)], obj=here)
        return answer.exit_code, answer.stderr

    assert typed("--cert", pair.certificate) == (1, "--cert and --key belong together: give both, or neither.\n")
    code, sentence = typed("--cert", tmp_path / "no.pem", "--key", pair.key)
    assert code == 1
    assert sentence.endswith("no.pem: cannot be read (No such file or directory).\n")


def test_the_configs_certificate_is_served_with_unasked(here, config, tmp_path):
    given = made(tmp_path / "given", now=datetime.now(UTC))
    (tmp_path / "config.toml").touch()
    server = replace(config.server, certificate="given/server.pem", key="given/server.key")
    here = replace(here, config_path=tmp_path / "config.toml")
    here.__dict__["config"] = replace(config, server=server)

    _told, found = serving.secured(here, "127.0.0.1", serving.Wish(tls=False, cert=None, key=None))

    assert (found.certificate, found.key) == (given.certificate, given.key)


def test_without_a_wish_there_is_no_https(here):
    assert serving.secured(here, "127.0.0.1", serving.Wish(tls=False, cert=None, key=None)) == (here, None)
    assert not (here.instance / "tls").exists()


def test_the_terminal_says_where_to_go_and_what_to_compare(here, capsys):
    _told, found = tls.local(here, "0.0.0.0")  # noqa: S104 - the machine of a test

    serving.greet(found)

    said = capsys.readouterr().out
    assert "Phones reach it on https://192.168.1.20:8443" in said
    assert "https://192.168.1.20:8443/trust\n" in said
    assert authority.fingerprint(authority.load(found.made.authority)) in said
    assert "every phone has to be told" in said


# -- the page


@pytest.fixture
def trusted(make_app, config, tmp_path):
    """A client of an app that serves with the local authority, and the authority."""
    files = made(tmp_path / "tls")
    server = replace(config.server, public_url="https://192.168.1.20:8443", hosts=("192.168.1.20",))
    client = make_app(replace(config, server=server), authority=files.authority).test_client()
    return client, authority.load(files.authority)


def test_the_page_shows_the_fingerprint_the_terminal_shows(trusted):
    client, root = trusted

    page = client.get("/trust").text

    assert "".join(re.findall(r"<code>([0-9A-F:]+)</code>", page)).replace(":", "") == authority.fingerprint(root).replace(
        ":", ""
    )
    assert 'href="/trust/ca.crt"' in page
    assert 'href="/trust/ca.mobileconfig"' in page


def test_android_gets_the_certificate(trusted):
    client, root = trusted

    answer = client.get("/trust/ca.crt")

    assert answer.mimetype == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(answer.data) == root


def test_ios_gets_a_profile_with_the_certificate(trusted):
    client, root = trusted

    answer = client.get("/trust/ca.mobileconfig")

    assert answer.mimetype == "application/x-apple-aspen-config"
    profile = plistlib.loads(answer.data)
    (payload,) = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration"
    assert payload["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(payload["PayloadContent"]) == root
    assert profile["PayloadUUID"] != payload["PayloadUUID"]


def test_the_key_is_nowhere_on_the_pages(trusted):
    client, _root = trusted

    assert [client.get(f"/trust/{name}").status_code for name in ("ca.key", "server.key", "ca.pem")] == [404, 404, 404]


@pytest.mark.parametrize("path", ["/trust", "/trust/ca.crt", "/trust/ca.mobileconfig"])
def test_without_a_local_authority_there_is_nothing_to_trust(client, path):
    assert client.get(path).status_code == 404


def test_nobody_is_locked_out_of_plain_http_by_a_local_authority(trusted, make_app, config):
    client, _root = trusted
    server = replace(config.server, public_url="https://depot.example")
    demo = make_app(replace(config, server=server), demo=True).test_client()

    answer = client.get("/trust", base_url="https://192.168.1.20:8443")

    assert "Strict-Transport-Security" not in answer.headers
    assert "Strict-Transport-Security" not in demo.get("/points", base_url="https://depot.example").headers
    assert client.application.config["SESSION_COOKIE_SECURE"]
