"""https: which certificate it is served with, and what people type to get there."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from web import authority, group, tls
from web.commands import main, serving
from web.settings import SettingError
from web.surroundings import Surroundings

from .test_authority import NOW, made, part, served

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
