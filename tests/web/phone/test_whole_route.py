"""A whole route on a phone that has no network, or a bad one, and whose page dies again and again: not one act is lost."""

import os
import random
import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from bottles.db import reading, transaction
from bottles.disputes import Dispute, DisputeKind
from tests.phone import cut
from tests.web import build_day
from tests.web.bad_road import FAULTS, Road, road_to

from .route_phone import SLOW_MS, RoutePhone, faults, held, known

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

COLLECT, DROP = "collect-casier-12", "drop-casier-12"
ROUNDS = int(os.environ.get("BOUTEILLES_ROUNDS", "3"))
"""How often each fault is met on the bad road; the README's table is made with more."""


@pytest.fixture
def stops(phone_server):
    """The screens of the twelve stops; a thirteenth place is known, which nobody planned."""
    with transaction(phone_server.engine) as session:
        spare = build_day.Point(id="spare", partner="domaine-chene", kind=build_day.PointKind.WINERY, name="Cave du Détour",
                                town="Pupillin", postcode="39600", lat=46.88, lon=5.76, hours=build_day.ALL_WEEK)  # fmt: skip
        session.add(spare)
    return [f"#/stop/{key}" for key in phone_server.day.stops]


def load(hand: RoutePhone) -> None:
    hand.go("#/load")
    hand.page.get_by_role("checkbox").first.check()

    hand.kill()

    expect(hand.page.get_by_role("checkbox").first).to_be_checked(timeout=SLOW_MS)


def scan_loop(hand: RoutePhone, stop: str, codes: list[str]) -> None:
    hand.go(f"{stop}/scan/collect")
    hand.scanned(0)
    hand.scan(codes[0])
    hand.scanned(1)
    hand.kill().scanned(1)
    hand.scan(*codes[1:5])
    hand.type_code(codes[5])
    hand.scanned(6)
    hand.kill().scanned(6)
    hand.scan(codes[5])
    hand.see(".scan-last", "not counted twice")
    hand.kill().scanned(6)
    hand.page.locator(".more summary").tap()
    hand.press(f"Undo {codes[5][0]}")
    hand.scanned(5)
    hand.kill().scanned(5)
    hand.type_code("NOT-OURS-1")
    hand.press("Count it all the same")
    hand.scanned(6)
    hand.kill(stop).see(".tile", "5 of 6 scanned")


def extras(hand: RoutePhone, stop: str) -> None:
    hand.go(f"{stop}/note")
    hand.field("words").fill("Dog at the gate")
    hand.kill().has("words", "Dog at the gate")
    hand.done("Domaine Chêne")
    hand.see(".said", "Dog at the gate")
    hand.kill(f"{stop}/photo").take_photo()
    hand.kill().see("[role=status]:has-text('photo')", "1 photo of this stop")
    hand.go(f"{stop}/signature")
    hand.field("signer").fill("Camille Chêne")
    hand.kill().has("signer", "Camille Chêne")
    hand.done("Domaine Chêne")
    hand.kill(f"{stop}/signature").has("signer", "")


def first_stop(hand: RoutePhone, stop: str, codes: list[str]) -> None:
    scan_loop(hand, stop, codes)
    extras(hand, stop)
    hand.go(stop)
    hand.press("Casier de 12, full, taken: one less")
    hand.has(COLLECT, "5")
    hand.kill().has(COLLECT, "5")
    hand.done("Cellier 2")
    hand.kill(stop).see(".page-head .badge", "Done")
    hand.has(COLLECT, "5")


def ordinary(hand: RoutePhone, stop: str, following: str) -> None:
    hand.go(stop)
    hand.done(following)
    hand.kill(stop).see(".page-head .badge", "Done")


def missed(hand: RoutePhone, stop: str) -> None:
    hand.go(f"{stop}/problem")
    hand.page.get_by_label("Closed, nobody there").check()
    hand.field("note").fill("Rang twice")
    hand.kill().has("note", "Rang twice")
    expect(hand.page.get_by_label("Closed, nobody there")).to_be_checked()
    hand.go(f"{stop}/photo")
    hand.take_photo()
    hand.kill(f"{stop}/problem")
    hand.press("Not done at all")
    hand.title("Cellier 4")
    hand.kill(stop).see(".page-head .badge", "Not done")
    hand.see(".notice", "Rang twice")


def partly(hand: RoutePhone, stop: str) -> None:
    hand.go(f"{stop}/problem")
    hand.page.get_by_label("The van is full").check()
    hand.field(COLLECT).fill("4")
    hand.field(COLLECT).blur()
    hand.kill().has(COLLECT, "4")
    hand.press("Partly done")
    hand.title("Cellier 5")
    hand.kill(stop).see(".page-head .badge", "Partly done")
    hand.has(COLLECT, "4")


def undone(hand: RoutePhone, stop: str) -> None:
    hand.go(stop)
    hand.done("Cellier 6")
    hand.page.locator(".toast-undo").tap()
    hand.title("Cellier 5")
    hand.kill(stop).see(".page-head .badge", "There now")
    ordinary(hand, stop, "Cellier 6")


def corrected(hand: RoutePhone, stop: str) -> None:
    ordinary(hand, stop, "Cellier 7")
    hand.press("Open this stop anew")
    hand.see(".page-head .badge", "There now")
    hand.kill().see(".page-head .badge", "There now")
    hand.press("Casier de 12, full, taken: one more")
    hand.has(COLLECT, "7")
    hand.kill().has(COLLECT, "7")
    hand.done("Cellier 7")
    hand.kill(stop).see(".page-head .badge", "Done")
    hand.has(COLLECT, "7")


def at_the_shop(hand: RoutePhone, stop: str) -> None:
    hand.go(stop)
    hand.field("deliver-jura-75").fill("48")
    hand.field("deliver-jura-75").blur()
    hand.kill().has("deliver-jura-75", "48")
    hand.page.locator(".thumb .main-act").tap()
    hand.see(".day-progress", "11 of 12")
    hand.kill(stop).has("deliver-jura-75", "48")


def added(hand: RoutePhone) -> None:
    hand.go("#/add")
    hand.field("place").fill("detour")
    hand.press("Cave du Détour")
    hand.title("Cave du Détour")
    hand.kill().title("Cave du Détour")
    hand.page.locator("details:has(.counter-row) summary").tap()
    hand.field(COLLECT).fill("3")
    hand.field(COLLECT).blur()
    hand.kill().has(COLLECT, "3")
    hand.done("Cave Exemple")
    hand.kill().see(".day-progress", "12 of 13")


def close(hand: RoutePhone) -> None:
    hand.press("washed: one less")
    hand.field("why").fill("One bottle case left at the shop")
    hand.kill().has("why", "One bottle case left at the shop")
    hand.page.locator(".thumb .main-act").tap()
    hand.see(".main", "Closed at")
    hand.kill("#/summary").see(".main", "Closed at")


def test_a_whole_route_without_network_outlives_a_kill_after_every_step(phone, phone_server, stops):
    hand = RoutePhone(phone(keeps=True), phone_server.address).open().kept()
    found = faults(phone_server.engine)
    cut(hand.page)

    load(hand)
    first_stop(hand, stops[0], phone_server.made.crates)
    ordinary(hand, stops[1], "Cellier 3")
    missed(hand, stops[2])
    partly(hand, stops[3])
    undone(hand, stops[4])
    corrected(hand, stops[5])
    for number in range(6, 10):
        ordinary(hand, stops[number], f"Cellier {number + 2}" if number < 9 else "Cave Exemple")
    at_the_shop(hand, stops[10])
    added(hand)
    hand.go(stops[11])
    hand.done("What the route came to")
    close(hand)
    shown, rows = hand.shown(), hand.rows()

    assert {row["state"] for row in rows} == {"waiting"}
    hand.online()
    assert [event.id for event in phone_server.told()] == [row["id"] for row in rows]
    assert held(phone_server.engine) == shown
    pictures = {f"photo {row['id']}" for row in rows if "photo" in row["event"]}
    assert known(phone_server.engine) == Counter([*(row["id"] for row in rows), *pictures])
    assert len(pictures) == 2
    assert faults(phone_server.engine) == found
    with reading(phone_server.engine) as session:
        disputes = {(dispute.kind, dispute.subject) for dispute in session.exec(select(Dispute))}
    # nobody ever brought unlabelled crates to these cellars, or loaded any: that is disputed, and the foreign label
    odd = {subject for kind, subject in disputes if kind is not DisputeKind.NEGATIVE_BALANCE}
    assert odd == {"crate:NOT-OURS-1"}
    assert hand.kill().shown() == shown


# -- the same on a bad road


@pytest.fixture
def road(phone_server):
    with road_to("127.0.0.1", urlsplit(phone_server.address).port) as road:
        yield road


def in_call(question: bytes) -> list[str]:
    """Name the events that a call carries, or the photo."""
    photo = re.match(rb"PUT /api/v1/events/([0-9a-f-]{36})/photo", question)
    if photo:
        return [f"photo {photo[1].decode()}"]
    return [each.decode() for each in re.findall(rb'"id":"([0-9a-f-]{36})"', question)]


def table(road: Road, kept: Counter[str]) -> str:
    """Say for each fault how often it was met, by how many events and photos, and how many of those are lost or doubled."""
    lines = ["| fault | times | events and photos it hit | lost | doubled |", "| --- | --: | --: | --: | --: |"]
    met = {name: [in_call(question) for other, question in road.met if other == fault] for name, fault in FAULTS.items()}
    for name, calls in [*met.items(), ("all", [in_call(question) for _fault, question in road.met])]:
        ids = {one for call in calls for one in call}
        lost, doubled = sum(kept[one] == 0 for one in ids), sum(kept[one] > 1 for one in ids)
        lines.append(f"| {name} | {len(calls)} | {len(ids)} | {lost} | {doubled} |")
    return "\n".join(lines)


def drive(hand: RoutePhone, stop: str, codes: list[str], *, is_seen: bool) -> None:
    hand.go(f"{stop}/scan/collect")
    for number, code in enumerate(codes, start=1):
        hand.scan(code)
        hand.scanned(number)
    if is_seen:
        hand.go(f"{stop}/photo")
        hand.take_photo()
    hand.go(stop)
    hand.see(".page-head .badge", "There now" if codes or is_seen else "To come")
    # the second tap of a double tap would end nothing
    hand.page.wait_for_timeout(500)
    hand.page.locator(".thumb .main-act").tap()


def test_on_a_bad_road_a_whole_route_arrives_once(phone, phone_server, stops, road):
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    hand = RoutePhone(phone(keeps=True), road.address).open().kept()
    found = faults(phone_server.engine)
    waiting = chance.sample(list(FAULTS.values()) * ROUNDS, len(FAULTS) * ROUNDS)
    codes = iter(phone_server.made.crates)

    for number, stop in enumerate(stops, start=1):
        some = [next(codes) for _ in range(chance.randrange(4))]
        drive(hand, stop, some, is_seen=chance.random() < 0.4)
        hand.see(".day-progress", f"{number} of 12")
        road.faults.extend(waiting[number - 1 :: len(stops)])
        while road.faults and hand.send():
            pass
    while road.faults:
        hand.go(f"{stops[0]}/note")
        hand.field("words").fill("Nothing new")
        hand.done("Domaine Chêne")
        while road.faults and hand.send():
            pass
    shown = hand.shown()
    hand.online()

    kept = known(phone_server.engine)
    told = table(road, kept)
    print(told)  # noqa: T201  # the README has this table
    assert len(road.met) == len(waiting)
    assert told.splitlines()[-1].endswith("| 0 | 0 |")
    assert held(phone_server.engine) == shown == hand.kill().shown()
    assert faults(phone_server.engine) == found
