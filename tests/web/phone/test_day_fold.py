"""What the phone makes of a day: the same as the server, from the same acts, in whatever order they were told."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bottles.codes import uuid7

from .modules import SEEN, run

__all__ = ["run"]
pytestmark = pytest.mark.browser

ME, OTHER = 1, 2
NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)

ENDED = """({fold, endEvents, countsOf}, {bundle, events, at, kind, counts, why}) => {
  const halt = fold(bundle, events).trips[0].halts[at ?? 0];
  return endEvents(halt, kind, countsOf(halt, kind, counts), why);
}"""
REOPENED = "({fold, reopenEvents}, {day, events}) => reopenEvents(fold(day, events).trips[0].halts[0])"
CARRIED = """({fold, carried}, {kept, fresh, events}) => {
  const day = carried(kept, fresh, (stop) => stop.id === 1, "2026-10-06");
  return fold(day, events).trips[0].halts.map((halt) => [halt.stop.id, halt.state]);
}"""
SCANNED = """({fold, scanFacts}, {day, events, code}) => {
  const known = fold(day, events);
  const told = scanFacts(known.world, known.trips[0].halts[0], "collect", code);
  return [told.kind, told.before ?? null, told.facts.length];
}"""


class Phone:
    """Makes acts as phones make them: an id, a number and a time of their own."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def __call__(self, kind: str, *, person: int = ME, at: int = 0, device: str = "phone-1", **facts: object) -> dict[str, Any]:
        number = next(self.numbers)
        when = NOON + timedelta(minutes=at or number)
        told = {"id": uuid7(when, number), "kind": kind, "at": when.isoformat(timespec="milliseconds"), "device": device}
        return told | {"sequence": number, "person": person} | {"task": 7, "plan_version": 1, "route": 1} | facts


@pytest.fixture
def act():
    return Phone()


def task(key: int = 7, kind: str = "collect", *, withdrawn: bool = False, **asks: int) -> dict[str, Any]:
    told = [{"move": key.split("_")[0], "item": key.split("_")[1], "quantity": n} for key, n in asks.items()]
    return {"id": key, "kind": kind, "partner": "", "order": None, "withdrawn": withdrawn, "notes": [], "asks": told}


def stop(key: int, *tasks: dict[str, Any], plan: int = 1, point: str = "") -> dict[str, Any]:
    place = {"id": point or f"point-{key}", "name": f"Place {key}", "town": "Arbois", "windows": []}
    return {
        "id": key,
        "position": key,
        "arrives": NOON.isoformat(),
        "route": plan,
        "plan": plan,
        "point": place,
        "tasks": list(tasks),
    }


def bundle(*stops: dict[str, Any], plan: int = 1, events: tuple[object, ...] = (), crates: object = None) -> dict[str, Any]:
    vehicle = {"id": "van-1", "name": "Fourgon 1", "mixed": True}
    made = {"route": plan, "plan": plan, "version": plan, "day": "2026-10-06", "departs": NOON.isoformat()}
    trip = made | {"stands": True, "vehicle": vehicle, "loading": [], "unloads": [], "stops": list(stops)}
    items = [{"id": f"c{n}", "name": f"Casier de {n}", "kind": "crate", "bottles": n} for n in (12, 20)]
    items.append({"id": "jura", "name": "Jura 75 cl", "kind": "bottle", "bottles": 1})
    return {"person": {"id": ME}, "centre": {"id": "centre"}, "config": {"time_zone": "Europe/Paris"}, "items": items,
            "crates": crates or {}, "events": list(events), "points": [], "trips": [trip]}  # fmt: skip


def seen(run, told: dict[str, Any], *events: dict[str, Any]) -> dict[str, Any]:
    (trip,) = run(SEEN, {"bundle": told, "events": list(events)})
    return trip


def ended(
    run, told: dict[str, Any], *events: dict[str, Any], kind: str = "stop_done", counts: object = None, why: object = None
):
    given = {"bundle": told, "events": list(events), "kind": kind, "counts": counts or {}, "why": why or {}}
    return [{name: value for name, value in fact.items() if name not in ("point", "holder")} for fact in run(ENDED, given)]


# -- what a stop is


def test_a_stop_proposes_what_is_asked_then_what_was_scanned_then_what_was_counted(run, act):
    day = bundle(stop(1, task(collect_c12=1)), crates={"J000001X": ["c12", "out"], "J000002X": ["c12", "out"]})
    scans = [act("scan", crate=code, move="collect") for code in ("J000001X", "J000002X")]

    assert seen(run, day)["halts"][0]["lines"]["collect-c12"] == [1, 0, 0, 1]
    assert seen(run, day, *scans)["halts"][0]["lines"]["collect-c12"] == [1, 2, 2, 2]
    counted = act("count", move="collect", item="c12", quantity=1)
    assert seen(run, day, *scans, counted)["halts"][0]["lines"]["collect-c12"] == [1, 2, 1, 1]


@pytest.mark.parametrize(("total", "shares"), [(0, [0, 0]), (3, [3, 0]), (5, [5, 0]), (9, [6, 3]), (10, [6, 4]), (12, [8, 4])])
def test_a_count_is_shared_among_the_tasks_of_a_stop_as_the_server_shares_it(run, total, shares):
    parts = [{"asked": 6, "scanned": 5}, {"asked": 4, "scanned": 0}]

    assert run("({share}, {total, parts}) => share(total, parts)", {"total": total, "parts": parts}) == shares


def test_done_tells_that_the_van_is_there_then_the_counts_then_the_end_of_each_task(run):
    told = ended(run, bundle(stop(1, task(7, collect_c12=6, drop_c12=2), task(8, collect_c12=4))), counts={"collect-c12": 9})

    assert [(fact["kind"], fact["task"], fact.get("quantity")) for fact in told] == [
        ("stop_reached", 7, None), ("stop_reached", 8, None),
        ("count", 7, 6), ("count", 8, 3), ("count", 7, 2),
        ("stop_done", 7, None), ("stop_done", 8, None),
    ]  # fmt: skip


def test_a_stop_done_in_part_ends_well_for_the_task_that_got_all_it_asked(run):
    day = bundle(stop(1, task(7, collect_c12=6), task(8, collect_c12=4)))

    told = ended(run, day, kind="stop_partly", counts={"collect-c12": 6}, why={"reason": "van-full", "note": "Plein"})

    assert [(fact["kind"], fact.get("reason"), fact["note"]) for fact in told[-2:]] == [
        ("stop_done", None, "Plein"),
        ("stop_partly", "van-full", "Plein"),
    ]


def test_a_missed_stop_takes_back_what_was_counted_and_counts_nothing_else(run, act):
    day = bundle(stop(1, task(collect_c12=6, drop_c12=2)))
    counted = act("count", move="collect", item="c12", quantity=6)

    told = ended(run, day, act("stop_reached"), counted, kind="stop_missed", why={"reason": "closed"})

    assert [(fact["kind"], fact.get("quantity")) for fact in told] == [("count", 0), ("stop_missed", None)]


def test_what_stands_already_is_not_told_again_and_a_correction_is_a_new_act(run, act):
    day = bundle(stop(1, task(collect_c12=6)))
    stands = [act("stop_reached"), act("count", move="collect", item="c12", quantity=6), act("stop_done")]

    assert ended(run, day, *stands) == []
    corrected = ended(run, day, *stands, counts={"collect-c12": 5})
    assert [(fact["kind"], fact.get("quantity")) for fact in corrected] == [("count", 5), ("stop_done", None)]


# -- undo


def test_a_taken_back_scan_counts_for_nothing_and_its_undo_taken_back_counts_again(run, act):
    day = bundle(stop(1, task(collect_c12=1)), crates={"J000001X": ["c12", "out"]})
    scan = act("scan", crate="J000001X", move="collect")
    undo = act("undo", undoes=scan["id"])
    undone = act("undo", undoes=undo["id"])

    assert seen(run, day, scan, undo)["halts"][0]["scans"] == [["J000001X", "known", True]]
    assert seen(run, day, scan, undo)["halts"][0]["lines"]["collect-c12"][1] == 0
    assert seen(run, day, undone, undo, scan)["halts"][0]["lines"]["collect-c12"][1] == 1


def test_only_its_author_or_the_coordinator_takes_an_act_back(run, act):
    day = bundle(stop(1, task(collect_c12=1)))
    end = act("stop_done")
    undo = act("undo", undoes=end["id"], person=OTHER)

    assert seen(run, day, end, undo)["halts"][0]["state"] == "done"
    assert seen(run, day, end, undo | {"role": "coordinator"})["halts"][0]["state"] == "to_come"


def test_a_stop_opened_again_keeps_its_scans_and_loses_counts_and_end(run, act):
    day = bundle(stop(1, task(collect_c12=2)), crates={"J000001X": ["c12", "out"]})
    events = [
        act("scan", crate="J000001X", move="collect"),
        act("count", move="collect", item="c12", quantity=2),
        act("stop_done"),
    ]

    facts = run(REOPENED, {"day": day, "events": events})
    after = seen(run, day, *events, *(act(**fact) for fact in facts))["halts"][0]

    assert [fact["undoes"] for fact in facts] == [events[1]["id"], events[2]["id"]]
    assert (after["state"], after["lines"]["collect-c12"]) == ("to_come", [2, 1, 1, 2])


# -- two phones, and plans made anew


def test_two_phones_at_one_stop_count_each_crate_once_and_the_later_count_stands(run, act):
    day = bundle(stop(1, task(collect_c12=3)), crates={f"J00000{n}X": ["c12", "out"] for n in (1, 2)})
    mine = [act("scan", crate="J000001X", move="collect"), act("count", move="collect", item="c12", quantity=3, at=30)]
    theirs = [act("scan", crate=f"J00000{n}X", move="collect", device="phone-2", person=OTHER) for n in (1, 2)]
    earlier = act("count", move="collect", item="c12", quantity=9, at=20, device="phone-2", person=OTHER)

    halt = seen(run, day | {"events": [*theirs, earlier]}, *mine)["halts"][0]

    assert halt["lines"]["collect-c12"] == [3, 2, 3, 3]


def test_acts_under_a_plan_that_was_replaced_count_at_the_stop_that_the_task_has_now(run, act):
    day = bundle(stop(1, task(collect_c12=6), plan=2), plan=2)
    events = [act("count", move="collect", item="c12", quantity=4), act("stop_done")]

    trip = seen(run, day, *events)

    assert trip["halts"][0]["state"] == "done"
    assert trip["halts"][0]["lines"]["collect-c12"] == [6, 0, 4, 4]
    assert trip["next"] is None


def test_a_correction_goes_under_the_plan_that_the_visit_was_told_under(run, act):
    day = bundle(stop(1, task(collect_c12=6), plan=2), plan=2)
    events = [act("stop_reached"), act("count", move="collect", item="c12", quantity=4), act("stop_done")]

    told = ended(run, day, *events, counts={"collect-c12": 5})

    assert [(fact["kind"], fact["plan_version"], fact["route"]) for fact in told] == [("count", 1, 1), ("stop_done", 1, 1)]


def test_acts_of_another_day_stay_with_that_day(run, act):
    day = bundle(stop(1, task(collect_c12=6), plan=2), plan=2)
    yesterday = act("count", move="collect", item="c12", quantity=4) | {"at": "2026-10-05T10:00:00.000Z"}

    assert seen(run, day, yesterday)["halts"][0]["lines"]["collect-c12"] == [6, 0, 0, 6]


def test_a_stop_that_was_begun_stays_when_a_new_plan_has_it_no_longer(run, act):
    kept = bundle(stop(1, task(7, collect_c12=6)), stop(2, task(8, collect_c12=1)))
    fresh = bundle(stop(3, task(8, collect_c12=1), plan=2, point="point-2"), plan=2)
    given = {"kept": kept, "fresh": fresh, "events": [act("stop_done"), act("count", move="collect", item="c12", quantity=6)]}

    assert run(CARRIED, given) == [[1, "done"], [3, "to_come"]]


def test_a_plan_made_anew_is_told_stop_by_stop(run):
    later = {"arrives": (NOON + timedelta(minutes=30)).isoformat()}
    kept = bundle(stop(1, task(7, collect_c12=6)), stop(2, task(8)), stop(3, task(9)), stop(4, task(10)))
    fresh = bundle(
        stop(1, task(7, collect_c12=8)), stop(2, task(8)) | later, stop(4, task(10, withdrawn=True)), stop(5, task(11))
    )

    told = run("({differences}, {kept, fresh}) => differences(kept, fresh)", {"kept": kept, "fresh": fresh})

    assert [(change["kind"], change["name"]) for change in told] == [
        ("amount", "Place 1"), ("moved", "Place 2"), ("cancelled", "Place 4"), ("added", "Place 5"), ("gone", "Place 3"),
    ]  # fmt: skip
    assert (told[0]["was"], told[0]["now"]) == (6, 8)
    assert run("({differences}, day) => differences(day, day)", kept) == []


DIFFERENT = (
    "({differences}, {kept, fresh}) => differences(kept, fresh).map((each) => [each.kind, each.was ?? null, each.now ?? null])"
)


def test_two_stops_at_one_place_are_compared_each_with_its_own_earlier_self(run):
    bring, fetch = task(7, "deliver", deliver_c12=2), task(8, collect_c12=6)
    kept = bundle(stop(1, bring, point="shop"), stop(2, task(9)), stop(3, fetch, point="shop"))
    more = stop(13, task(8, collect_c12=9), plan=2, point="shop")
    fresh = bundle(stop(11, bring, plan=2, point="shop"), stop(12, task(9), plan=2, point="point-2"), more, plan=2)

    assert run(DIFFERENT, {"kept": kept, "fresh": fresh}) == [["amount", 6, 9]]
    swapped = bundle(more | {"id": 11, "position": 1}, stop(12, task(9), plan=2, point="point-2"),
                     stop(13, bring, plan=2, point="shop"), plan=2)  # fmt: skip
    kinds = [kind for kind, *_ in run(DIFFERENT, {"kept": kept, "fresh": swapped})]
    assert kinds == ["moved", "amount", "moved"]


def test_one_of_two_stops_at_a_place_that_went_is_told_and_two_made_one_are_not(run):
    bring, fetch = task(7, "deliver", deliver_c12=2), task(8, collect_c12=6)
    kept = bundle(stop(1, bring, point="shop"), stop(2, fetch, point="shop"))
    fresh, merged = bundle(stop(11, fetch, plan=2, point="shop"), plan=2), bundle(stop(11, bring, fetch, point="shop"), plan=2)

    assert run(DIFFERENT, {"kept": kept, "fresh": fresh}) == [["fewer", None, None]]
    assert run(DIFFERENT, {"kept": kept, "fresh": merged}) == [["amount", 0, 6]]


def test_other_tasks_at_the_same_place_are_the_same_stop(run):
    kept, fresh = bundle(stop(1, task(7, collect_c12=6))), bundle(stop(1, task(8, collect_c12=4), plan=2), plan=2)

    assert run(DIFFERENT, {"kept": kept, "fresh": fresh}) == [["amount", 6, 4]]


def test_a_withdrawn_task_asks_nothing_and_takes_only_what_nobody_else_does(run):
    day = bundle(stop(1, task(7, withdrawn=True, collect_c12=6), task(8, collect_c12=4)))

    told = ended(run, day, counts={"collect-c12": 5})

    assert seen(run, day)["halts"][0]["lines"]["collect-c12"][0] == 4
    assert [(fact["task"], fact["quantity"]) for fact in told if fact["kind"] == "count"] == [(8, 5)]


# -- stops that nobody planned, and the end of the route


def test_an_added_stop_is_there_once_and_ends_without_a_task(run, act):
    day = bundle(stop(1, task()))
    added = [act("stop_added", task=None, point="shop"), act("stop_added", task=None, point="shop")]

    facts = run(ENDED, {"bundle": day, "events": added, "at": 1, "kind": "stop_done", "counts": {"collect-c12": 2}, "why": {}})
    trip = seen(run, day, *added, *(act(**{"task": None} | fact) for fact in facts))

    assert [fact.get("task") for fact in facts] == [None] * 3
    assert [(halt["id"], halt["state"]) for halt in trip["halts"]] == [(1, "to_come"), ("added-1-shop", "done")]
    assert trip["halts"][1]["lines"]["collect-c12"] == [0, 0, 2, 2]


def test_the_van_brings_what_was_taken_and_what_was_not_left(run, act):
    day = bundle(stop(1, task(collect_c12=6, drop_c12=4), task(8, "deliver", deliver_jura=60)))
    counts = [("collect", "c12", 5, 7), ("drop", "c12", 3, 7), ("deliver", "jura", 60, 8)]
    events = [act("count", move=move, item=item, quantity=n, task=of) for move, item, n, of in counts]

    rows = {(row["kind"], row["item"]): (row["came"], row["went"], row["aboard"]) for row in seen(run, day, *events)["balance"]}

    assert rows == {("full", "c12"): (5, 0, 5), ("empty", "c12"): (4, 3, 1), ("bottle", "jura"): (60, 60, 0)}


def test_a_scan_says_whether_it_is_known_expected_and_new_here(run, act):
    day = bundle(stop(1, task(collect_c12=3)), crates={"J000001X": ["c12", "out"], "J000002X": ["c12", "clean"]})
    before = act("scan", crate="J000001X", move="collect")

    kinds = [
        run(SCANNED, {"day": day, "events": [before, act("stop_reached")], "code": code})
        for code in ("J000001X", "J000002X", "X1")
    ]

    assert kinds == [["repeated", None, 0], ["unexpected", "clean", 1], ["unknown", None, 1]]
