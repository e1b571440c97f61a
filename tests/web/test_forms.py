"""Forms come back filled in, with a sentence beside each field that was wrong."""

from datetime import date, time

import pytest
from flask import request
from jinja2 import ChoiceLoader, DictLoader

from bottles.errors import Conflict, Invalid, NotFound
from web.auth import public
from web.forms import Form

PAGE = """{% for name, said in form.errors.items() %}<a href="#{{ name }}">{{ said }}</a>{% endfor %}
<input name="take" value="{{ form.value("take", 12) }}">"""


@pytest.fixture
def read(app):
    """Read one field of a form: its value, and the sentence beside it."""

    def reader(method: str, typed: str, **limits):
        with app.test_request_context("/"):
            form = Form({"field": typed})
            return getattr(form, method)("field", **limits), form.error("field")

    return reader


@pytest.mark.parametrize(
    ("method", "typed", "limits", "value"),
    [
        ("whole_number", "12", {"high": 20}, 12),
        ("whole_number", "1\u202f200", {"high": 2000}, 1200),
        ("whole_number", "1 200", {"high": 2000}, 1200),
        ("whole_number", "", {"high": 20, "default": 0}, 0),
        ("whole_number", "-3", {"low": -5, "high": 20}, -3),
        ("number", "71,5", {"low": 0, "high": 100}, 71.5),
        ("number", "71.5", {"low": 0, "high": 100}, 71.5),
        ("text", "  near the gate  ", {}, "near the gate"),
        ("text", "", {"required": False}, ""),
        ("day", "2026-10-06", {}, date(2026, 10, 6)),
        ("optional_day", "", {}, None),
        ("clock", "08:30", {}, time(8, 30)),
        ("choice", "palox", {"options": ["palox"]}, "palox"),
    ],
)
def test_what_people_type_is_understood(read, method, typed, limits, value):
    assert read(method, typed, **limits) == (value, "")


@pytest.mark.parametrize(
    ("method", "typed", "limits", "sentence"),
    [
        ("whole_number", "ten", {"high": 20}, "Give a whole number from 0 to 20."),
        ("whole_number", "21", {"high": 20}, "Give a whole number from 0 to 20."),
        ("whole_number", "1.5", {"high": 20}, "Give a whole number from 0 to 20."),
        ("whole_number", "²", {"high": 20}, "Give a whole number from 0 to 20."),
        ("whole_number", "9" * 5000, {"high": 20}, "Give a whole number from 0 to 20."),
        ("whole_number", "", {"high": 20}, "Give a whole number from 0 to 20."),
        ("number", "nan", {"low": 0, "high": 14}, "Give a number from 0 to 14."),
        ("number", "1e400", {"low": 0, "high": 14}, "Give a number from 0 to 14."),
        ("text", "   ", {}, "Fill this in."),
        ("text", "x" * 201, {}, "Write at most 200 characters."),
        ("text", "a\0b", {}, "This holds characters that cannot be kept: type it again."),
        ("day", "06/10/2026", {}, "Choose a day."),
        ("day", "", {}, "Choose a day."),
        ("day", "2026-10-05", {"first": date(2026, 10, 6)}, "Choose a later day: the first is 06/10/2026."),
        ("day", "2026-10-07", {"last": date(2026, 10, 6)}, "Choose an earlier day: the last is 06/10/2026."),
        ("clock", "8h30", {}, "Give an hour such as 08:30."),
        ("choice", "tub", {"options": ["palox"]}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_understood_gets_its_sentence(read, method, typed, limits, sentence):
    assert read(method, typed, **limits)[1] == sentence


@pytest.fixture
def desk(app):
    """A form of two numbers whose use case may refuse; it remembers what it was asked."""
    asked = []
    app.jinja_env.loader = ChoiceLoader([DictLoader({"ask.html": PAGE}), app.jinja_env.loader])

    def ask():
        form = Form(request.form)
        if request.method == "POST":
            with form:
                take = form.whole_number("take", high=200)
                leave = form.whole_number("leave", high=200)
                form.check()
                asked.append((take, leave))
                refusal = {
                    1: Invalid("Too few for %(who)s.", field="take", who="us"),
                    2: Conflict("Gone."),
                    3: NotFound("No."),
                }.get(take)
                if refusal:
                    raise refusal
                return "thanks", 303
        return form.page("ask.html")

    app.add_url_rule("/ask", "ask", public(ask), methods=["GET", "POST"])
    return app.test_client(), asked


def test_every_wrong_field_is_named_at_once_and_nothing_is_asked(desk):
    client, asked = desk

    answer = client.post("/ask", data={"take": "many", "leave": "-1"})

    assert answer.status_code == 422
    assert answer.text.count("Give a whole number from 0 to 200.") == 2
    assert 'value="many"' in answer.text
    assert asked == []


def test_a_use_cases_refusal_lands_beside_its_field(desk):
    client, _ = desk

    answer = client.post("/ask", data={"take": "1", "leave": "0"})

    assert answer.status_code == 422
    assert '<a href="#take">Too few for us.</a>' in answer.text


def test_a_conflict_belongs_to_the_whole_form(desk):
    client, _ = desk

    answer = client.post("/ask", data={"take": "2", "leave": "0"})

    assert answer.status_code == 409
    assert '<a href="#">Gone.</a>' in answer.text


def test_what_is_not_there_is_a_page_of_its_own(desk):
    client, _ = desk

    assert client.post("/ask", data={"take": "3", "leave": "0"}).status_code == 404


def test_a_good_form_goes_through_and_an_empty_one_is_only_shown(desk):
    client, asked = desk

    assert 'value="12"' in client.get("/ask").text
    assert client.post("/ask", data={"take": "4", "leave": "5"}).status_code == 303
    assert asked == [(4, 5)]
