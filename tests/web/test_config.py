"""config.toml: a territory in one file, and a sentence for each way to get it wrong."""

from pathlib import Path

import pytest
from sqlmodel import select

from bottles.batches import Measure, Recipe
from bottles.catalogue import bottle_types, crate_types, reasons
from bottles.db import reading, transaction
from bottles.points import centres
from bottles.vehicles import Vehicle
from web import config as shapes
from web.config import SettingError, load
from web.seed import seed

FILE = Path(__file__).parent.parent.parent / "config.toml"


@pytest.fixture
def wrong(tmp_path):
    """Change the file in one place, and return the sentence that stops the start."""

    def change(old: str, new: str) -> str:
        text = FILE.read_text()
        assert old in text
        path = tmp_path / "config.toml"
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(SettingError) as stopped:
            load(path)
        return str(stopped.value)

    return change


def test_the_jura_is_described(config):
    assert config.territory.name == "J'aime mes bouteilles"
    assert [centre.town for centre in config.centres] == ["Pont-du-Navoy"]
    assert {kind.id for kind in config.bottle_types if kind.accepted} == {
        "jura-75",
        "jura-37",
        "macvin-75",
        "paille-37",
        "clavelin-62",
    }


def test_what_the_machine_cannot_take_is_not_accepted(config):
    for kind in config.bottle_types:
        fits = kind.height_mm < 308 and kind.diameter_mm <= 90
        assert fits or not kind.accepted


def test_a_number_written_as_text_is_named_with_its_key(wrong):
    said = wrong("search_seconds = 15 ", 'search_seconds = "ten" ')

    assert said == 'config.toml: [planning] search_seconds: expected a number from 0 to 3600, got "ten"'


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "draft_hour = 18",
            "draft_hour = 24",
            "config.toml: [planning] draft_hour: expected a whole number from 0 to 23, got 24",
        ),
        (
            "draft_hour = 18",
            "draft_hour = true",
            "config.toml: [planning] draft_hour: expected a whole number from 0 to 23, got true",
        ),
        (
            "draft_hour = 18",
            "draft_hour = 18.5",
            "config.toml: [planning] draft_hour: expected a whole number from 0 to 23, got 18.5",
        ),
        ("crates = 160 ", "crates = 0 ", 'config.toml: [[vehicles]] "fourgon-1" crates: expected a whole number >= 1, got 0'),
        ("margin = 0.15 ", "margin = inf ", "config.toml: [travel] margin: expected a number from 0 to 2, got Infinity"),
        ("b = 1.2,", "b = -1,", "config.toml: [travel] metres b: expected a number >= 0, got -1"),
        (
            'step = "sorting"',
            'step = "sortng"',
            'step: expected one of "sorting", "inspection", got "sortng"; did you mean "sorting"?',
        ),
        (
            "rinse_ph = [6.5, 7.5]",
            "rinse_ph = [7.5, 6.5]",
            "expected two numbers, the lower one first, from 0 to 14, got [7.5, 6.5]",
        ),
        ('"07:00-12:00"', '"12:00-07:00"', 'hours.monday number 1: expected hours like "08:00-12:00", got "12:00-07:00"'),
        ('shift_starts = "07:30"', 'shift_starts = "7h30"', 'shift_starts: expected a time like "08:00", got "7h30"'),
        ('id = "clavelin-62"', 'id = "Clavelin 62"', "expected a short name of small letters, digits and hyphens"),
        ("[planning]", "[[planning]]", "config.toml: [[planning]]: expected a table"),
    ],
)
def test_a_wrong_value_stops_the_start_with_what_was_expected(wrong, old, new, sentence):
    assert sentence in wrong(old, new)


def test_a_misspelt_key_is_answered_with_the_right_one(wrong):
    said = wrong("search_seconds =", "serch_seconds =")

    assert said == "config.toml: [planning] serch_seconds: no such setting; did you mean search_seconds?"


def test_a_misspelt_table_is_answered_with_the_right_one(wrong):
    assert wrong("[planning]", "[planing]") == "config.toml: [planing]: no such setting; did you mean planning?"


def test_a_missing_key_says_what_it_is_for(wrong):
    said = wrong("draft_hour = 18 ", "# draft_hour = 18 ")

    assert said == (
        "config.toml: [planning] draft_hour: missing; expected a whole number from 0 to 23"
        " (Local hour at which tomorrow's draft is made.)"
    )


def test_a_missing_table_is_named(wrong):
    text = FILE.read_text()
    washing = text[text.index("[washing]") : text.index("[pickups]")]

    assert wrong(washing, "").startswith("config.toml: [washing]: missing; expected a table")


def test_a_file_that_is_not_toml_or_not_there_is_one_sentence_too(wrong, tmp_path):
    assert wrong("[territory]", "[territory").startswith("config.toml: not valid TOML: ")
    with pytest.raises(SettingError, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('time_zone = "Europe/Paris"', 'time_zone = "Europe/Pris"', "[territory] time_zone: expected the name of a time zone"),
        ('languages = ["fr", "en"]', 'languages = ["en"]', "[territory] language: expected one of the languages offered (en)"),
        ('id = "clavelin-62"', 'id = "jura-75"', '[[bottle_types]] "jura-75": expected every id once, got it twice'),
        ('id = "clavelin-62"', 'id = "unsorted"', '[[bottle_types]] "unsorted" id: expected a name that no other item has'),
        ('id = "clavelin-62"', 'id = "palox"', '[[bottle_types]] "palox" id: expected a name that no other item has'),
        ('why_not = "elle dépasse les 308 mm que notre laveuse accepte."', "", '"flute-75" why_not: expected the reason'),
        ('certificate = ""', 'certificate = "a.pem"', "[server] key: expected a file: certificate and key belong together"),
        ('host = ""  ', 'host = "mail.example"  ', "[mail] sender: expected the address mails come from, since a host is set"),
        ('shift_ends = "16:00"', 'shift_ends = "07:30"', '"fourgon-1" shift_ends: expected a time after 07:30, got 07:30'),
        ('centre = "pont-du-navoy"', 'centre = "dole"', '"fourgon-1" centre: expected one of pont-du-navoy, got "dole"'),
        ('"13:00-18:00"', '"11:00-18:00"', "hours.monday: expected windows one after the other, got some that overlap"),
        ("monday = ", "lundi = ", "hours.lundi: expected one of monday, tuesday"),
        (
            'company_prefix = "9999999"',
            'company_prefix = "370123"',
            "[labels] company_prefix: expected the first digits of asset_type",
        ),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(wrong, old, new, sentence):
    assert sentence in wrong(old, new)


def test_limits_are_named_like_the_readings_they_judge():
    assert set(shapes.Limits.__dataclass_fields__) == set(Measure)


def test_seeding_writes_the_territory_once(sqlite_engine, config):
    with transaction(sqlite_engine) as session:
        first = seed(session, config)
    with transaction(sqlite_engine) as session:
        again = seed(session, config)

    assert first == 1 + 1 + 9 + 6 + 9 + 3 + 3
    assert again == 0
    with reading(sqlite_engine) as session:
        assert [place.town for place in centres(session)] == ["Pont-du-Navoy"]
        assert centres(session)[0].hours["0"] == [[420, 720], [780, 1080]]
        assert [kind.id for kind in bottle_types(session)][:2] == ["jura-75", "clavelin-62"]
        assert crate_types(session)[0].id == "casier-12"
        assert {reason.step for reason in reasons(session, "inspection")} == {"inspection"}
        assert session.get(Recipe, "standard").limits["bath_celsius"] == [70.0, 80.0]


def test_seeding_again_updates_what_changed_and_keeps_who_drives(territory_engine, config, tmp_path):
    with transaction(territory_engine) as session:
        session.get(Vehicle, "fourgon-1").driver = 3
    path = tmp_path / "config.toml"
    path.write_text(FILE.read_text().replace("kg = 1150 ", "kg = 990 "))

    with transaction(territory_engine) as session:
        changed = seed(session, load(path))

    assert changed == 1
    with reading(territory_engine) as session:
        van = session.exec(select(Vehicle).where(Vehicle.id == "fourgon-1")).one()
        assert (van.kg, van.driver, van.starts, van.cents_per_km) == (990, 3, 450, 35)
