"""What bearers of a token may read, and the document that says so."""

from datetime import timedelta

import pytest

from bottles import crates, intake
from bottles.db import transaction
from bottles.errors import NotAllowed
from bottles.events import EventKind
from bottles.people import Role
from bottles.wire import NewEvent
from tests.apps import ROOT
from web.api import kinds

from . import build_day
from .access_pages import WHO
from .api_clients import PATHS, Program, program
from .build_day import CELLAR
from .conftest import TUESDAY

__all__ = ["program"]

HOUR = timedelta(hours=1)

# -- who


@pytest.mark.parametrize("role", Role)
def test_a_bearer_reads_what_their_role_may_and_nothing_else(app, program, role):
    bearer = program(role)
    for endpoint, path in PATHS.items():
        if endpoint in ("api.events", "api.devices", "api.photo", "api.spots"):
            continue
        answer = bearer.call(path)

        assert answer.status_code in ((200, 404) if not WHO[endpoint] or role in WHO[endpoint] else (403,)), path


def test_each_address_of_the_api_is_in_this_matrix(app):
    served = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}

    assert served == set(PATHS)


@pytest.fixture
def crate(territory_engine) -> str:
    with transaction(territory_engine) as session:
        build_day.places(session)
        return crates.register(session, build_day.CRATE, 1)[0].code


def scans(bearer: Program, crate: str) -> list[dict[str, object]]:
    """Leave a new crate at the cellar, and declare it lost a little later."""
    at = [(TUESDAY - timedelta(minutes=minutes)).isoformat() for minutes in (60, 30)]
    return [
        bearer.note(kind="scan", crate=crate, move="drop", point=CELLAR, at=at[0]),
        bearer.note(kind="scan", crate=crate, move="lose", at=at[1]),
    ]


def test_a_crate_tells_where_it_is_and_what_was_done_with_both_times(program, crate):
    coordinator = program(Role.COORDINATOR)
    drop, lose = scans(coordinator, crate)
    coordinator.send(lose, drop)
    undo = coordinator.note(kind="undo", undoes=lose["id"])
    coordinator.send(undo)

    told = coordinator.call(f"/api/v1/crates/{crate.lower()}").json

    assert (told["code"], told["state"], told["where"], told["holder"]) == (crate, "out", "point", CELLAR)
    dropped, lost = told["timeline"]
    assert (dropped["id"], lost["id"]) == (drop["id"], lose["id"])
    assert (dropped["undone_by"], lost["undone_by"]) == (None, undo["id"])
    assert (dropped["at"], dropped["received_at"]) == ("2026-10-06T06:00:00Z", "2026-10-06T07:00:00Z")
    assert told["next"] is None


def test_a_long_history_comes_in_pages(program, crate):
    coordinator = program(Role.COORDINATOR)
    coordinator.send(*scans(coordinator, crate))
    path, seen, after = f"/api/v1/crates/{crate}?limit=1", [], 0

    while after is not None:
        told = coordinator.call(f"{path}&after={after}").json
        seen.append(len(told["timeline"]))
        after = told["next"]

    assert seen == [1, 1]


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/crates/J999999", 422, "code"),
        ("/crates/J000042/R", 422, "code"),
        ("/crates/04006381333931A%2F17", 404, None),
        ("/lots/L99999", 404, None),
        ("/lots/nothing", 404, None),
        ("/balances?limit=0", 422, "limit"),
        ("/balances?limit=many", 422, "limit"),
        ("/balances?after=-1", 422, "after"),
        ("/balances?as_of=2026-10-06T10:00:00", 422, "as_of"),
        ("/balances?as_of=0001-01-01T00:00:00Z", 422, "as_of"),
        ("/balances?known_at=9999-12-31T23:59:59-12:00", 422, "known_at"),
        ("/balances?kind=cellar", 422, "kind"),
        ("/balances?holder=", 422, "holder"),
        ("/balances?item=%00", 400, None),
    ],
)
def test_what_is_asked_wrongly_gets_a_sentence(program, path, status, field):
    answer = program(Role.COORDINATOR).call(f"/api/v1{path}")

    assert (answer.status_code, answer.json["sentence"] != "") == (status, True)
    assert field is None or answer.json["field"] == field
    assert field in (None, "code") or field in answer.json["sentence"]


def test_balances_are_told_as_of_a_time_and_as_known_at_a_time(program, crate):
    coordinator = program(Role.COORDINATOR)
    coordinator.send(scans(coordinator, crate)[0])
    path, at = "/api/v1/balances?kind=point", TUESDAY - HOUR

    def held(extra=""):
        return [(row["holder"], row["quantity"]) for row in coordinator.call(path + extra).json["balances"]]

    earlier, then = (at - HOUR).isoformat().replace("+", "%2B"), at.isoformat().replace("+", "%2B")
    assert held() == [(CELLAR, 1)]
    assert held(f"&as_of={then}") == [(CELLAR, 1)]
    assert held(f"&as_of={earlier}") == []
    assert held(f"&known_at={then}") == []
    assert coordinator.call(path + f"&as_of={then}").json["as_of"] == "2026-10-06T06:00:00Z"


def test_a_winery_reads_the_balances_of_its_own_places_alone(program, crate, territory_engine):
    coordinator, winery, shop = program(Role.COORDINATOR), program(Role.WINEMAKER), program(Role.SHOP)
    coordinator.send(scans(coordinator, crate)[0])

    assert [row["holder"] for row in winery.call("/api/v1/balances").json["balances"]] == [CELLAR]
    assert shop.call("/api/v1/balances").json["balances"] == []
    assert winery.call(f"/api/v1/balances?holder={CELLAR}").status_code == 200
    assert shop.call(f"/api/v1/balances?holder={CELLAR}").status_code == 404
    assert shop.call("/api/v1/balances?holder=nowhere").status_code == 404


# -- the document


def test_the_document_shows_every_kind_and_every_address(app, client):
    document = client.get("/api/v1/openapi.json").json

    assert document["openapi"] == "3.1.0"
    assert {f"/api/v1{path}" for path in ("/events", "/devices", "/balances", "/crates/{code}")} <= set(document["paths"])
    mapping = document["components"]["schemas"]["Event"]["discriminator"]["mapping"]
    assert set(mapping) == {str(kind) for kind in EventKind}
    for kind, ref in mapping.items():
        shape = document["components"]["schemas"][ref.rpartition("/")[2]]
        one_of = {name for either in shape.get("anyOf", []) for name in either["required"]}
        assert {*shape["required"], *one_of} >= {*kinds.ALWAYS, *intake.NEEDS[EventKind(kind)]}
        assert one_of == ({"task", *intake.INSTEAD} if kind in intake.STOPS else set())
    for path in document["paths"].values():
        for operation in path.values():
            assert {"401", "403"} & set(operation["responses"])


def test_the_page_for_programmers_shows_the_tables_of_the_code():
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")

    assert kinds.kinds_table() in page
    assert kinds.moves_table() in page


FACTS = {"crate": "J000042R", "item": "casier-12", "quantity": 1, "reason": "closed", "note": "hello", "point": CELLAR}
FACTS |= {"undoes": "019a0000-0000-7000-8000-000000000001", "state": "clean", "holder": "van-1", "photo": "0" * 64}
KINDS = [(str(kind), kind, "lose" if kind in (EventKind.SCAN, EventKind.COUNT) else None) for kind in EventKind]
MOVES = [(str(move), EventKind.SCAN, str(move)) for move in crates.Move]


@pytest.mark.parametrize("role", Role)
def test_the_tables_say_who_may_tell_of_what(role, territory_engine):
    lines = f"{kinds.kinds_table()}\n{kinds.moves_table()}".replace("`", "").splitlines()
    who = {word: roles.split(", ") for word, _needs, roles in (line.strip("| ").split(" | ") for line in lines)}
    numbers = Program(None)

    for word, kind, move in [*KINDS, *MOVES]:
        with transaction(territory_engine) as session:
            author = build_day.author(session, role)
            day = build_day.plan(session, [[build_day.pickup(session)]])
            facts = FACTS | {"task": day.tasks[0], "route": day.route, "move": move}
            told = {name: facts[name] for name in (*intake.needs(kind, move, is_visit=False), "move")}
            event = NewEvent.model_validate(numbers.note(kind=kind) | told)
            refusal = intake.record_all(session, [event], author, at=TUESDAY)[0].refusal
            session.rollback()

        assert isinstance(refusal, NotAllowed if role not in who[word] else type(None)), (word, refusal)
