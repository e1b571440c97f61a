"""The page that says how a phone learns to trust the local authority."""

import plistlib
import re
from dataclasses import replace

import pytest
from cryptography import x509

from web import authority

from .test_authority import made


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
