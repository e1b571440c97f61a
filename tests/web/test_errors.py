"""What a person, and a program, reads when something cannot be done."""

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError

from bottles.errors import Conflict, Invalid, NotAllowed, NotFound, OutOfStock, say
from bottles.people import Role
from web.auth import allowed, public

RAISED = {
    "invalid": Invalid(say("Say how many crates to take, or how many empties to leave."), field="take"),
    "missing": NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete.")),
    "forbidden": NotAllowed(say("This page is not for your role.")),
    "conflict": Conflict(say("This wash has ended already; its readings stand.")),
    "sold": OutOfStock("%(left)d bottles are left of %(name)s.", left=240, name="<b>Clavelin</b>"),
    "bug": ZeroDivisionError("secret detail"),
    "away": OperationalError("SELECT 1", {}, Exception("secret detail")),
}


@pytest.fixture
def broken(app):
    """Pages that raise, for people and for programs."""

    def fail(what: str):
        raise RAISED[what]

    app.add_url_rule("/fail/<what>", "fail", public(fail), methods=["GET", "POST"])
    app.add_url_rule("/api/fail/<what>", "api_fail", public(fail))
    app.add_url_rule("/abort/<int:code>", "aborted", public(lambda code: abort(code)))
    app.add_url_rule("/driver/fail", "driver_fail", allowed(Role.DRIVER)(lambda: fail("conflict")))
    app.testing = False
    return app


@pytest.mark.parametrize(
    ("what", "status"),
    [("invalid", 422), ("missing", 404), ("forbidden", 403), ("conflict", 409), ("sold", 409), ("away", 503)],
)
def test_each_kind_of_refusal_has_its_status(broken, what, status):
    assert broken.test_client().get(f"/fail/{what}").status_code == status
    assert broken.test_client().get(f"/api/fail/{what}").status_code == status


def test_a_page_and_the_api_say_the_same_sentence(broken):
    client = broken.test_client()

    page, answer = client.get("/fail/invalid"), client.get("/api/fail/invalid").json

    assert answer["sentence"] == "Say how many crates to take, or how many empties to leave."
    assert answer["field"] == "take"
    assert answer["sentence"] in page.text


def test_values_of_a_sentence_are_text_and_never_markup(broken):
    page = broken.test_client().get("/fail/sold").text

    assert "240 bottles are left of &lt;b&gt;Clavelin&lt;/b&gt;." in page


def test_an_unexpected_error_says_it_is_ours_and_shows_no_detail(broken, caplog):
    answer = broken.test_client().get("/fail/bug")

    assert answer.status_code == 500
    assert "This is our fault, not yours." in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert f"request {answer.headers['X-Request-Id']} failed" in caplog.text


def test_a_database_that_is_away_is_a_short_pause_and_not_a_fault(broken, caplog):
    answer = broken.test_client().get("/fail/away")

    assert "What was saved before stays saved, and what a phone has queued stays on it." in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-Id"] in caplog.text


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 418, 429, 503])
def test_what_flask_refuses_has_words_too(broken, code):
    answer = broken.test_client().get(f"/abort/{code}")

    assert answer.status_code == code
    assert "<h1>" in answer.text
    assert str(code) not in answer.text.split("<main")[1].split("</main>")[0]


def test_an_address_used_the_wrong_way_still_says_which_ways_it_knows(broken):
    answer = broken.test_client().get("/language")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_the_way_back_leads_to_the_form_and_never_to_another_site(broken):
    client = broken.test_client()

    ours = client.post("/fail/conflict", headers={"Referer": "http://localhost/points?town=Arbois"})
    foreign = client.post("/fail/conflict", headers={"Referer": "https://evil.example//evil.example/x"})

    assert 'href="/points"' in ours.text.split("<main")[1].split("</main>")[0]
    assert "evil" not in foreign.text


def test_the_way_back_of_somebody_signed_in_is_their_own_page(broken, sign_in):
    answer = sign_in(Role.DRIVER).get("/driver/fail")

    assert 'href="/driver"' in answer.text.split("<main")[1]


def test_somebody_no_longer_signed_in_finds_the_door(broken):
    answer = broken.test_client().post("/nowhere")
    signed_out = broken.test_client().get("/abort/401")

    assert answer.status_code == 404
    assert 'href="/sign-in"' in signed_out.text.split("<main")[1]


def test_a_program_gets_json_even_where_there_is_nothing(broken):
    answer = broken.test_client().get("/api/nowhere")

    assert answer.status_code == 404
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_an_error_page_needs_no_database(broken, sign_in, territory_engine, monkeypatch):
    client = sign_in(Role.DRIVER)

    def away(*_args, **_more):
        raise RAISED["away"]

    monkeypatch.setattr("web.auth.people.signed_in", away)

    answer = client.get("/driver/fail")

    assert answer.status_code == 503


def test_a_part_of_a_page_gets_the_sentence_alone(broken):
    answer = broken.test_client().get("/fail/sold", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert answer.text == '<p class="field-error" role="alert">240 bottles are left of &lt;b&gt;Clavelin&lt;/b&gt;.</p>'


def test_a_part_asked_for_after_the_session_ended_leads_the_whole_page_to_the_sign_in(broken):
    answer = broken.test_client().get("/driver/fail", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"
