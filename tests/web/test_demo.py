"""The demo's sign-in of one click: on this machine, in the demo, and nowhere else."""

import re

import pytest

from bottles.people import Role
from web.demo import road
from web.driver_words import REASONS


def test_the_demo_signs_in_with_one_click_on_this_machine(make_app):
    app = make_app(demo=True)
    client = app.test_client()

    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    answer = client.post("/demo/sign-in/washer", data={"csrf_token": token})

    assert page.count('action="/demo/sign-in/') == len(Role)
    assert answer.location == "/centre"


@pytest.mark.parametrize(
    ("demo", "address", "headers"),
    [(False, "127.0.0.1", {}), (True, "192.0.2.7", {}), (True, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"})],
)
def test_there_is_no_one_click_outside_the_demo_or_from_elsewhere(make_app, demo, address, headers):
    app = make_app(demo=demo)
    app.config["WTF_CSRF_ENABLED"] = False

    client, place = app.test_client(), {"REMOTE_ADDR": address}

    assert client.post("/demo/sign-in/driver", environ_base=place, headers=headers).status_code == 404
    assert "/demo/" not in client.get("/sign-in", environ_base=place, headers=headers).text


def test_the_demo_knows_no_other_roles(make_app):
    app = make_app(demo=True)
    app.config["WTF_CSRF_ENABLED"] = False

    assert app.test_client().post("/demo/sign-in/king").status_code == 404


def test_a_missed_stop_of_the_season_bears_a_reason_the_driver_could_choose():
    assert set(road.MISSED) <= set(REASONS)
