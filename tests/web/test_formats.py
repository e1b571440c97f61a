"""Figures, days and hours read as people say them, on the territory's clock."""

from datetime import UTC, date, datetime, time

import pytest
from flask import g
from flask_babel import force_locale

from web import formats

MORNING = datetime(2026, 10, 6, 8, 20, tzinfo=UTC)


@pytest.fixture(params=["fr", "en"])
def language(request, app, clock):
    with app.test_request_context("/"), force_locale(request.param):
        g.now = clock()
        g.person = None
        yield request.param


@pytest.mark.parametrize(
    ("write", "value", "french", "english"),
    [
        (formats.number, 12480, "12 480", "12,480"),
        (formats.percent, 0.125, "12 %", "12%"),
        (formats.day, date(2026, 10, 6), "mardi 6 octobre", "Tuesday 6 October"),
        (formats.day, date(2026, 12, 1), "mardi 1er décembre", "Tuesday 1 December"),
        (formats.day, date(2027, 1, 31), "dimanche 31 janvier 2027", "Sunday 31 January 2027"),
        (formats.short_day, date(2026, 10, 6), "06/10/2026", "06/10/2026"),
        (formats.clock, MORNING, "10 h 20", "10:20"),
        (formats.clock, time(8, 0), "8 h", "8:00"),
        (formats.clock, 1080, "18 h", "18:00"),
        (formats.duration, 45, "45 s", "45 s"),
        (formats.duration, 7500, "2 h 05", "2 h 05"),
        (formats.km, 12_360, "12,4 km", "12.4 km"),
        (formats.km, 850, "850 m", "850 m"),
        (formats.kg, 6_600, "6,6 kg", "6.6 kg"),
        (formats.kg, 1_150_000, "1 150 kg", "1,150 kg"),
        (formats.euros, 23, "0,23 €", "€0.23"),
    ],
)
def test_figures_are_written_as_the_reader_writes_them(language, write, value, french, english):
    text = write(value)

    assert text.replace("\u202f", " ").replace("\u00a0", " ") == (french if language == "fr" else english)


@pytest.mark.parametrize(("grams", "kilograms"), [(0, 0), (528_000, 528), (528_001, 529), (528_999, 529)])
def test_a_load_in_whole_kilograms_is_never_less_than_it_is(grams, kilograms):
    assert formats.whole_kg(grams) == kilograms


def test_a_figure_never_parts_from_its_unit(language):
    for text in (formats.kg(1_150_000), formats.km(12_000), formats.duration(7500), formats.quantity(1200, "bottle")):
        assert " " not in text


@pytest.mark.parametrize(
    ("at", "day"),
    [(datetime(2026, 10, 6, 21, 59, tzinfo=UTC), 6), (datetime(2026, 10, 6, 22, 0, tzinfo=UTC), 7)],
)
def test_a_day_ends_at_the_territorys_midnight(language, at, day):
    assert f" {day} " in formats.day(at)


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2 h 30", "2:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2 h 30", "2:30"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "3 h 30", "3:30"),
    ],
)
def test_hours_follow_summer_time(language, at, french, english):
    assert formats.clock(at).replace("\u00a0", " ") == (french if language == "fr" else english)


def test_a_moment_close_by_is_said_in_words(app, clock):
    with app.test_request_context("/"), force_locale("en"):
        g.now, g.person = clock(), None

        assert formats.moment(MORNING) == "today at 10:20"
        assert formats.moment(datetime(2026, 10, 5, 8, 20, tzinfo=UTC)) == "yesterday at 10:20"
        assert formats.moment(datetime(2026, 10, 7, 8, 20, tzinfo=UTC)) == "tomorrow at 10:20"
        assert formats.moment(datetime(2026, 10, 9, 8, 20, tzinfo=UTC)) == "Friday 9 October at 10:20"


def test_one_bottle_is_not_two(app, clock):
    with app.test_request_context("/"), force_locale("en"):
        assert formats.quantity(1, "bottle").replace("\u00a0", " ") == "1 bottle"
        assert formats.quantity(1200, "bottle").replace("\u00a0", " ") == "1,200 bottles"


def test_a_day_at_the_head_of_a_page_keeps_the_capital_of_its_month():
    assert formats.headed("tuesday 24 November") == "Tuesday 24 November"
    assert formats.headed("mardi 24 novembre") == "Mardi 24 novembre"
    assert formats.headed("") == ""
