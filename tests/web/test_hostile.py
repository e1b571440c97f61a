"""What a hostile client sends: values nobody types, text that would be a script, sessions and headers that are not ours."""

import re

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bottles.db import find, transaction
from bottles.errors import NotFound
from bottles.people import Role
from bottles.points import Point
from web.group import parts

from .access_pages import ALIKE, NOBODYS, WHO, World, everybody, rules, status, told, world

__all__ = ["everybody", "world"]


# -- what nobody types


@pytest.mark.parametrize(
    "path",
    ["/office/plan/0001-01-01", "/office/plan/9999-12-31", "/office/plan/-1", f"/office/plan/{'9' * 3000}", "/office/plan/NaN"],
)
def test_a_day_nobody_will_plan_is_no_address(everybody, path):
    assert told(everybody[Role.COORDINATOR].get(path)) == told(everybody[Role.COORDINATOR].post(path)) == ALIKE


STRANGE = [
    "-1",
    "0",
    str(2**31),
    str(2**63),
    "9" * 3000,
    "1e400",
    "NaN",
    "%FF",
    "é",
    "<script>",
    "..",
    "x" * 3000,
    "☃'\"%s{{7*7}}",
]


@pytest.mark.parametrize("value", STRANGE)
def test_no_value_in_an_address_breaks_a_page(app, world, everybody, value):
    for rule in app.url_map.iter_rules():
        names = re.findall(r"<(?:[^:<>]+:)?(\w+)>", rule.rule)
        for name in names:
            path = World(world.day, world.values | {name: value}).path(rule.rule)
            role = next(iter(WHO[rule.endpoint]), None)
            for method in rule.methods & {"GET", "POST"}:
                assert status(everybody[role], path, method) in (200, 303, 308, 404, 409, 422), (method, path)


def test_the_character_nul_is_no_part_of_an_address_and_no_key(world, everybody):
    shop, office = everybody[Role.SHOP], everybody[Role.COORDINATOR]

    assert office.get("/office/crates/a%00b").status_code == 400
    assert office.get("/office/search?q=b&q=a%00b").status_code == 400
    pickup = {"point": "a\0b", "take": "3", "ready_from": "2026-10-07"}
    assert told(shop.post("/partner/pickups/new", data=pickup)) == ALIKE
    with pytest.raises(NotFound):
        find(None, Point, "a\0b")


@pytest.mark.parametrize("referer", ["http://[::1", "//evil.example", "javascript:alert(1)", "http://x//evil.example/x", "é"])
def test_a_page_before_that_is_no_address_leaves_the_error_page_whole(world, everybody, referer):
    answer = everybody[Role.COORDINATOR].post(f"/office/pickups/{NOBODYS}/cancel", headers={"Referer": referer})

    assert told(answer) == ALIKE
    assert "evil" not in answer.text


def test_what_is_not_among_the_static_files_is_not_kept_as_if_it_were(client):
    with client.get("/static/css/none.css?v=01") as gone, client.get("/static/css/base.css?v=01") as found:
        assert gone.headers["Cache-Control"] == "no-cache"
        assert "immutable" in found.headers["Cache-Control"]


# -- text that would be a script


SCRIPT = "</script><script>alert(1)</script>\"'%(x)s{{7*7}}"
WRITTEN = {
    "name", "note", "town", "street", "postcode", "access_note", "contact", "phone", "why_not", "why_held", "line", "trouble",
}  # fmt: skip
"""Columns that a person or a file may have filled with any text."""


@pytest.fixture
def scripted(territory_engine, world):
    """Write a script into every text anybody may fill."""
    with transaction(territory_engine) as session:
        for table in SQLModel.metadata.sorted_tables:
            for column in (one for one in table.columns if one.name in WRITTEN):
                session.execute(sa.update(table).values({column.name: SCRIPT}))
    return world


def test_a_script_in_any_text_is_shown_as_text_on_every_page(app, scripted, everybody):
    shown = 0
    for endpoint, method, path in rules(app, scripted):
        if method == "POST" or endpoint == "static":
            continue
        for role in WHO[endpoint] or [None]:
            answer = everybody[role].get(path, follow_redirects=True)
            if answer.mimetype == "text/html":
                assert "<script>alert" not in answer.text, path
                shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown > 20


# -- sessions


def test_the_token_of_a_session_changes_at_the_sign_in_and_ends_on_the_server(make_app, world):
    client = make_app(demo=True).test_client()
    client.get("/sign-in")
    before = client.get_cookie("session").value
    client.get("/demo/sign-in/driver")
    signed_in = client.get_cookie("session").value
    token = client.get("/driver/day.json").json["csrf"]
    kept = client.get_cookie("session").value

    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert len({before, signed_in}) == 2
    for old in (before, signed_in, kept):
        client.set_cookie("session", old)
        assert client.get("/driver/day.json").status_code == 401


@pytest.mark.parametrize("cookie", ["junk", ".eJw", "eyJfdXNlcl9pZCI6InRva2VuLTAifQ.aaaa.bbbb", "x" * 4000, "é"])
def test_a_cookie_we_did_not_sign_is_nobody(client, world, cookie):
    jar = {"Cookie": f"session={cookie}; language={cookie}; device={cookie}"}
    assert client.get("/driver/day.json", headers=jar).status_code == 401


@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP"]
)
def test_the_demos_one_click_is_not_for_who_comes_through_a_proxy(make_app, world, header):
    client = make_app(demo=True).test_client()

    assert client.get("/demo/sign-in/driver", headers={header: "127.0.0.1"}).status_code == 404
    assert client.get("/demo/sign-in/driver").status_code == 303


def test_the_web_server_believes_no_header_about_the_way_a_request_came():
    command = parts("127.0.0.1", 8000, 1, 1)[0].command

    # else gunicorn takes SCRIPT_NAME and X-Forwarded-Proto from whoever connects from this machine, as a proxy does
    assert command[command.index("--forwarded-allow-ips") + 1] == ""


def test_the_web_server_hands_on_the_longest_address_it_can_read():
    command = parts("127.0.0.1", 8000, 1, 1)[0].command

    # else gunicorn answers a question of half that length with a page of its own
    assert command[command.index("--limit-request-line") + 1] == "8190"
