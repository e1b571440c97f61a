"""A driver's phone without a screen: it keeps the day that it fetched, and tells acts with a token of its own."""

from datetime import datetime
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from bottles.codes import uuid7

from .api_clients import Program, receipts

Stop = dict[str, Any]


class Handset:
    """A phone on which somebody is signed in; `first` is the number of its first act."""

    def __init__(self, client: FlaskClient, first: int = 0) -> None:
        answer = client.get("/driver/day.json")
        assert answer.status_code == 200, answer.text
        self.day: dict[str, Any] = answer.json
        self.at = datetime.fromisoformat(answer.headers["X-Server-Time"])
        told = client.post("/api/v1/devices", headers={"X-CSRFToken": self.day["csrf"]}).json
        self.device = told["device"]
        self.program = Program(client.application.test_client(), told["token"])
        self.numbers = count(first)

    @property
    def stops(self) -> list[Stop]:
        """List the stops of the day, in order."""
        return [stop for trip in self.day["trips"] for stop in trip["stops"]]

    def act(self, stop: Stop, kind: str, **facts: object) -> dict[str, Any]:
        """Write an act at a stop, of its first task."""
        number = next(self.numbers)
        trip = next(trip for trip in self.day["trips"] if stop in trip["stops"])
        return {
            "id": uuid7(self.at, number),
            "kind": kind,
            "at": self.at.isoformat(),
            "device": self.device,
            "sequence": number,
            "schema": 2,
            "task": stop["tasks"][0]["id"],
            "plan_version": stop["plan"],
            "route": stop["route"],
            "point": stop["point"]["id"],
            "holder": trip["vehicle"]["id"],
        } | facts

    def tell(self, *acts: dict[str, Any]) -> None:
        """Hand acts in; one that is not kept fails the test."""
        assert set(receipts(self.program.send(*acts))) == {"kept"}

    def scan(self, stop: Stop, move: str, code: str) -> None:
        """Scan a crate at a stop."""
        self.tell(self.act(stop, "scan", move=move, crate=code))

    def end(self, stop: Stop, counts: dict[tuple[str, str], int], kind: str = "stop_done", **why: str) -> None:
        """End a stop with its counts, by move and item."""
        told = [
            self.act(stop, "count", move=move, item=item, quantity=n, basis="counted") for (move, item), n in counts.items()
        ]
        self.tell(*told, self.act(stop, kind, **why))
