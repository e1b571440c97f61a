"""How phones learn to trust this machine's own authority: what to do, what to install, what to compare.

There is nothing here when the certificate is somebody else's. No plain-http port is opened for these pages: they are
reached over https after the browser's warning, and the fingerprint that the terminal printed proves what was fetched.
"""

import plistlib
import uuid
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from . import authority
from .auth import public
from .current import territory

bp = Blueprint("trust", __name__, url_prefix="/trust")


@bp.get("")
@public
def home() -> ResponseReturnValue:
    """Say step by step how Android and iOS are told to trust the authority."""
    found = _authority()
    marks = authority.fingerprint(found).split(":")
    rows = [":".join(marks[n : n + 8]) for n in range(0, len(marks), 8)]
    name = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return render_template("public/trust.html", name=name, rows=rows, ends=found.not_valid_after_utc)


@bp.get("/ca.crt")
@public
def certificate() -> ResponseReturnValue:
    """Give the authority's certificate, in the form that Android installs."""
    return _file(_authority().public_bytes(Encoding.DER), "application/x-x509-ca-cert", "bouteilles-ca.crt")


@bp.get("/ca.mobileconfig")
@public
def profile() -> ResponseReturnValue:
    """Give the authority as a profile, which iOS installs."""
    found = _authority()
    name, mark = territory().territory.name, authority.fingerprint(found)
    inner = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"org.bouteilles.authority.{mark[:11].replace(':', '').lower()}.root",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_OID, mark)).upper(),
        "PayloadDisplayName": name,
        "PayloadCertificateFileName": "bouteilles-ca.cer",
        "PayloadContent": found.public_bytes(Encoding.DER),
    }
    whole = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"org.bouteilles.authority.{mark[:11].replace(':', '').lower()}",
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, mark)).upper(),
        "PayloadDisplayName": name,
        "PayloadDescription": gettext("Lets this phone trust the machine that serves the routes."),
        "PayloadContent": [inner],
    }
    return _file(plistlib.dumps(whole), "application/x-apple-aspen-config", "bouteilles.mobileconfig")


def _authority() -> x509.Certificate:
    path: Path | None = current_app.extensions["authority"]
    if path is None:
        abort(404)
    return authority.load(path)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
