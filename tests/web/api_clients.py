"""What tests of the API share: a token for each role, and events as a device writes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import psycopg.errors
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from bottles import codes, people, tokens
from bottles.db import transaction
from bottles.people import Role
from bottles.tokens import TokenKind
from web.api.devices import centre_of

from .conftest import TUESDAY

EVENTS = "/api/v1/events"
DEVICE = "phone-1"

PATHS = {
    "api.balances": "/api/v1/balances",
    "api.crate": "/api/v1/crates/J000042R",
    "api.devices": "/api/v1/devices",
    "api.epcis_events": "/api/v1/epcis/events",
    "api.events": EVENTS,
    "api.lot": "/api/v1/lots/L00001",
    "api.openapi": "/api/v1/openapi.json",
    "api.photo": "/api/v1/events/019a0000-0000-7000-8000-000000000001/photo",
    "api.recall": "/api/v1/lots/L00001/recall",
    "api.spots": "/api/v1/positions",
}
"""An address of each endpoint."""


@dataclass
class Program:
    """A program that talks to the API with a token of its own; without one it shows none."""

    client: FlaskClient
    secret: str = ""
    token: int = 0
    numbers: "count[int]" = field(default_factory=count)

    def call(self, path: str, method: str = "GET", **options: object) -> TestResponse:
        """Ask for something."""
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        headers |= options.pop("headers", {})
        return self.client.open(path, method=method, headers=headers, **options)

    def send(self, *events: object, **options: object) -> TestResponse:
        """Hand in a batch."""
        return self.raw(json.dumps({"events": list(events)}).encode(), **options)

    def raw(self, body: bytes, **options: object) -> TestResponse:
        """Hand in some bytes."""
        return self.call(EVENTS, "POST", **{"data": body, "content_type": "application/json", **options})

    def note(self, **facts: object) -> dict[str, object]:
        """Write the smallest event there is: a fresh id, the next number of the device."""
        number = next(self.numbers)
        event = {"id": codes.uuid7(TUESDAY, number + 1), "kind": "note", "at": TUESDAY.isoformat(), "device": DEVICE}
        return event | {"sequence": number, "schema": 2, "note": "hello"} | facts


class Race:
    """Fails as PostgreSQL does when two requests get in each other's way, so many times."""

    def __init__(self, real: Callable[..., Any], times: int, error: type[Exception] = psycopg.errors.DeadlockDetected) -> None:
        self.real, self.times, self.error = real, times, error

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.times:
            self.times -= 1
            raise OperationalError("INSERT", {}, self.error("they wait for each other"))
        return self.real(*arguments, **options)


def receipts(answer: TestResponse) -> list[str]:
    """Return the receipts of an answer."""
    assert answer.status_code in (200, 409), answer.text
    return [one["receipt"] for one in answer.json["receipts"]]


@pytest.fixture
def program(app: Flask, territory_engine: Engine) -> Callable[..., Program]:
    """Make a program with a token: `program(Role.WASHER)`; with `device=` it only hands in events of that device."""
    made = count(1)

    def make(role: Role, device: str = "", at: datetime = TUESDAY, lasting: timedelta = timedelta(days=1)) -> Program:
        secret = f"jmb_{role}-{next(made)}"
        kind = TokenKind.UPLOAD if device else TokenKind.BEARER
        with transaction(territory_engine) as session:
            person = people.by_email(session, f"{role}@example.org")
            centre = centre_of(session, person)
            token = tokens.create(session, secret, kind, person, centre=centre, device=device, lasting=lasting, at=at)
        return Program(app.test_client(), secret, token.id)

    return make
