"""The API's own document: its blueprint, the app that writes it, and the refusals every address has in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from flask_openapi.types import ResponseDict
from pydantic import ValidationError

from bottles.errors import Invalid, say
from web import races
from web.auth import public

from .shapes import Refused

INFO = Info(
    title="J’aime mes bouteilles",
    version="1",
    description="Hand in what was done with crates and bottles, and read where they are. "
    "Every refusal is a sentence for a person, in the language that Accept-Language asks for.",
)
SCHEMES: dict[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token made by `bouteilles token create`, or by a device that is signed in.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "Signed in to the site in this browser; `__Host-session` over https.",
    },
}

REFUSALS = {
    400: "Not readable at all. Nothing was kept.",
    401: "No token, or one that is not good any more.",
    403: "The token is good, but not for this.",
    404: "There is no such thing, or it is not yours.",
    409: "Not possible as things stand.",
    413: "More than is taken at once. Nothing was kept: send half of it at a time.",
    415: "This is no picture that we can read. Nothing was kept.",
    422: "A field is missing or wrong; `field` names it.",
    503: "The database does not answer. Nothing was kept: send the same again after `Retry-After` seconds.",
}
"""What each refusal means."""


def refusals(*statuses: int) -> ResponseDict:
    """Return how an address may refuse, as its document shows it."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
    return {status: {"description": REFUSALS[status], "content": content} for status in statuses}


class App(OpenAPI):
    """A Flask app that writes the document of its API, and shows no page for it; no request fails for another's sake."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(
            name,
            info=INFO,
            security_schemes=SCHEMES,
            doc_ui=False,
            validation_error_model=Refused,
            validation_error_callback=misread,
            **options,
        )
        # the version that the schemas of pydantic are written in, and that most tools read
        self.openapi_version = "3.1.0"

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request, from the beginning when another one got in its way."""
        return races.again(super().dispatch_request)


def misread(error: ValidationError) -> Response:
    """Refuse what an address was asked with, by the field that is wrong.

    Raises
    ------
    Invalid
        Always; `web.errors` makes the answer.
    """
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    raise Invalid(say("“%(name)s” cannot be read: /api/v1/openapi.json says what it may be."), field=field, name=field)


@contextmanager
def about(field: str) -> Iterator[None]:
    """Say which field it is that a rule refuses, by the name that the address has for it."""
    try:
        yield
    except Invalid as refusal:
        refusal.field = field
        raise


TOKEN: list[dict[str, list[str]]] = [{"token": []}]
"""Who an address is for: a bearer of a token."""

bp = APIBlueprint("api", __name__, url_prefix="/api/v1")


@bp.get("/openapi.json", doc_ui=False)
@public
def openapi() -> Response:
    """Show what this API answers to."""
    return jsonify(cast(OpenAPI, current_app).api_doc)
