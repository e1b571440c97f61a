"""The command line: each verb does its one thing, says it in a sentence, and leaves with the right code."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlmodel import select

from bottles import people, routes
from bottles.db import reading, transaction
from bottles.people import Person, Role
from bottles.routes import PlanStatus
from tests.apps import ROOT, TUESDAY
from web import auth
from web.commands import TABLE, main
from web.commands.plan import read_day
from web.surroundings import Surroundings

from .days import ask

PASSWORD = "vin jaune 1774"  # noqa: S105 - of nobody


@pytest.fixture
def here(tmp_path, clock) -> Surroundings:
    """A machine of its own, on which nothing was done yet."""
    here = Surroundings(instance=tmp_path)
    here.__dict__["now"] = clock
    return here


@pytest.fixture
def say(here) -> Callable[..., Result]:
    """Type a command."""

    def run(*words: object, typed: str = "") -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], obj=here, input=typed)

    return run


@pytest.fixture(scope="session")
def settled_database(tmp_path_factory) -> Path:
    """The database that `init` makes; it is made once and copied."""
    made = tmp_path_factory.mktemp("settled") / "bouteilles.sqlite"
    words = ["init", "--email", "coordinator@example.org", "--name", "Alix Agenda", "--password-stdin"]
    here = Surroundings(instance=made.parent)
    answer = CliRunner().invoke(main, words, obj=here, input=f"{PASSWORD}\n")
    assert answer.exit_code == 0, answer.output
    here.engine.dispose()  # all that SQLite wrote is in the one file then
    return made


@pytest.fixture
def settled(settled_database, tmp_path) -> None:
    """The machine after `init`."""
    (tmp_path / "bouteilles.sqlite").write_bytes(settled_database.read_bytes())


# -- the group


def test_help_names_every_verb_and_loads_none():
    """In a process of its own: this one has loaded everything."""
    loaded = "import sys; from web.commands import main; main(['--help'], standalone_mode=False)"
    loaded += (
        "; print(*(name for name in sys.modules if name.startswith('web.commands.') or 'ortools' in name), file=sys.stderr)"
    )

    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=ROOT)

    assert [verb for verb in TABLE if f"  {verb} " not in answer.stdout] == []
    assert answer.stderr.strip() == ""


@pytest.mark.parametrize("verb", sorted(TABLE))
def test_every_verb_has_its_own_help(say, verb):
    answer = say(verb, "--help")

    assert answer.exit_code == 0, answer.output
    assert f"Usage: main {verb}" in answer.output


def test_a_verb_that_does_not_exist_is_wrong_use(say):
    answer = say("fly")

    assert answer.exit_code == 2
    assert "No such command 'fly'" in answer.stderr


def test_a_wrong_setting_is_one_sentence_and_no_traceback(say, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text((ROOT / "config.toml").read_text("utf-8").replace("draft_hour = 18", "draft_hour = 25"), "utf-8")

    answer = say("--config", wrong, "migrate")

    assert answer.exit_code == 1
    assert answer.stderr == "wrong.toml: [planning] draft_hour: expected a whole number from 0 to 23, got 25\n"


@pytest.mark.parametrize("verb", [("plan", "today"), ("audit",), ("config", "apply"), ("run",), ("worker",), ("scheduler",)])
def test_without_tables_a_verb_says_what_to_do_first(say, verb):
    answer = say(*verb)

    assert answer.exit_code == 1
    assert answer.stderr.startswith("The database is not up to date: run `bouteilles init`")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////nowhere/at/all.sqlite", "The database does not answer (unable to open database file)"),
        ("not an address", "The database's address cannot be read"),
    ],
)
def test_a_database_that_is_not_there_is_one_sentence(here, url, sentence):
    answer = CliRunner().invoke(main, ["migrate"], obj=replace(here, database=url))

    assert answer.exit_code == 1
    assert answer.stderr.startswith(sentence)
    assert answer.stderr.count("\n") == 1


# -- init, migrate, config, person


def test_init_makes_a_territory_and_an_account_that_opens(say, settled, here):
    with reading(here.engine) as session:
        alix = people.by_email(session, "coordinator@example.org")

    assert (alix.name, alix.role, alix.partner) == ("Alix Agenda", Role.COORDINATOR, "jaime-mes-bouteilles")
    assert auth.fits(alix.password_hash, PASSWORD)


def test_init_once_more_changes_nothing(say, settled, here):
    again = say("init")

    assert again.exit_code == 0
    assert "0 rows added or changed" in again.output
    with reading(here.engine) as session:
        assert len(session.exec(select(Person)).all()) == 1


def test_init_asks_for_an_address_and_shows_the_password_it_made_once(say, here):
    answer = say("init", typed="alix@example.org\n")

    password = answer.stdout.split("Password (shown only now): ")[1].strip()
    with reading(here.engine) as session:
        assert auth.fits(people.by_email(session, "alix@example.org").password_hash, password)


def test_migrate_says_whether_there_was_something_to_do(say):
    assert [say("migrate").output for _ in range(2)] == [
        "The database was brought up to date.\n",
        "The database is up to date.\n",
    ]


def test_config_apply_writes_what_changed(say, settled, tmp_path):
    changed = tmp_path / "config.toml"
    changed.write_text((ROOT / "config.toml").read_text("utf-8").replace("kg = 1150 ", "kg = 990 "), "utf-8")

    assert say("config", "apply").output == "0 rows added or changed.\n"
    assert say("--config", changed, "config", "apply").output == "1 rows added or changed.\n"


def test_an_account_is_opened_for_a_role_and_a_partner(say, settled, here):
    add = ("person", "add", "--email", " Lou@Example.org ", "--name", "Lou Volant", "--role", "driver", "--password-stdin")

    answer = say(*add, typed=f"{PASSWORD}\n")

    assert answer.exit_code == 0
    with reading(here.engine) as session:
        lou = people.by_email(session, "lou@example.org")
        assert (lou.role, lou.partner) == (Role.DRIVER, "jaime-mes-bouteilles")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (("--email", "coordinator@example.org"), "coordinator@example.org"),
        (("--email", "nobody"), "nobody"),
        (("--partner", "nowhere"), "nowhere"),
    ],
)
def test_an_account_that_cannot_be_opened_is_refused_with_a_sentence(say, settled, here, changed, sentence):
    whole = {"--email": "lou@example.org", "--name": "Lou", "--role": "driver"} | {changed[0]: changed[1]}

    answer = say("person", "add", *(word for pair in whole.items() for word in pair))

    assert answer.exit_code == 1
    assert sentence in answer.stderr
    with reading(here.engine) as session:
        assert len(session.exec(select(Person)).all()) == 1


def test_a_short_password_is_refused(say, settled):
    add = ("person", "add", "--email", "lou@example.org", "--name", "Lou", "--role", "driver", "--password-stdin")

    answer = say(*add, typed="short\n")

    assert answer.exit_code == 1
    assert "10" in answer.stderr


# -- plan


@pytest.fixture
def asked(settled, here, clock) -> None:
    """Two cellars ask for a pickup on Tuesday."""
    with transaction(here.engine) as session:
        ask(session, clock())


def test_plan_prints_routes_with_times_loads_and_ways(say, asked):
    answer = say("plan", "2026-10-06", "--seconds", 0)

    assert answer.exit_code == 0, answer.output
    for said in ("Cave, arbois", "Cave, poligny", "10\u00a0", "casier de 12", "km", "kg", "€"):
        assert said.casefold() in answer.output.casefold()


def test_plan_as_json_holds_what_is_printed(say, asked):
    told = json.loads(say("plan", "today", "--seconds", 0, "--json").stdout)

    (route,) = told["routes"]
    assert (told["day"], told["version"], told["status"], told["estimated"]) == ("2026-10-06", 1, "draft", True)
    assert {stop["point"] for stop in route["stops"]} == {"arbois", "poligny"}
    assert route["stops"][0]["take"] == [{"n": 10, "unit": "crate", "type": "Casier de 12"}]
    assert route["departs"].endswith("+02:00")
    assert (route["peak_crates"], told["left_out"]) == (20, [])


def test_plan_says_why_a_call_is_left_out(say, settled, here, clock):
    with transaction(here.engine) as session:
        ask(session, clock(), hours={})

    told = json.loads(say("plan", "today", "--seconds", 0, "--json").stdout)
    printed = say("plan", "today", "--seconds", 0)

    assert [call["point"] for call in told["left_out"]] == ["arbois", "poligny"]
    assert told["left_out"][0]["reason"] in printed.output


def test_plan_writes_its_picture(say, asked, tmp_path):
    picture = tmp_path / "plan.geojson"

    answer = say("plan", "today", "--seconds", 0, "--geojson", picture)

    assert answer.exit_code == 0
    assert json.loads(picture.read_text("utf-8"))["type"] == "FeatureCollection"


def test_a_picture_that_cannot_be_written_is_one_sentence(say, asked, tmp_path):
    answer = say("plan", "today", "--seconds", 0, "--geojson", tmp_path / "nowhere" / "plan.geojson")

    assert answer.exit_code == 1
    assert "cannot be written (No such file or directory)" in answer.stderr


def test_plan_publishes_when_told_to_and_each_plan_is_a_version(say, asked, here):
    for words in ((), ("--publish",)):
        assert say("plan", "today", "--seconds", 0, *words).exit_code == 0

    with reading(here.engine) as session:
        versions = routes.versions(session, TUESDAY.date())
        assert [(plan.version, plan.status) for plan in versions] == [(2, PlanStatus.PUBLISHED), (1, PlanStatus.DRAFT)]


def test_a_plan_is_published_by_a_coordinator_only(say, asked):
    answer = say("plan", "today", "--seconds", 0, "--publish", "--by", "lou@example.org")

    assert answer.exit_code == 1
    assert answer.stderr.count("\n") == 1


def test_days_are_typed_as_people_say_them():
    today = date(2026, 2, 28)

    assert [read_day(day, today) for day in ("today", "tomorrow", "2028-02-29")] == [
        today,
        today + timedelta(days=1),
        date(2028, 2, 29),
    ]
    with pytest.raises(click.BadParameter, match="expected a day like 2026-10-06"):
        read_day("29/02/2026", today)


# -- audit


def test_audit_says_how_much_it_compared(say, settled):
    answer = say("audit", "--json")

    questions = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert all(question["faults"] == [] for question in questions)
    assert {"Balances equal the transfers", "No event was changed"} <= {question["question"] for question in questions}
    assert say("audit").output.count("✓") == len(questions)


def test_audit_finds_a_planted_error(say, settled, here):
    with here.engine.begin() as connection:
        columns = {"kind": "point", "holder": "cave", "item": "unsorted", "lot": 0, "order": 0, "guarded": False, "quantity": 3}
        connection.execute(sa.Table("account", sa.MetaData(), autoload_with=connection).insert().values(**columns))

    answer = say("audit")

    assert answer.exit_code == 1
    assert "✗" in answer.output
    assert "all accounts together hold 3, not 0" in say("audit", "--json").output


# -- doctor


def test_the_doctor_finds_nothing_wrong_with_the_database_after_init(say, settled):
    answer = say("doctor")

    assert "✓ Database" in answer.output
    assert "✓ Queue" in answer.output


def test_the_doctor_names_each_fault_with_what_to_do(say):
    answer = say("doctor")

    assert answer.exit_code == 1
    assert "✗ Database\n    The database has no tables yet: run `bouteilles init`." in answer.output


def test_the_doctor_says_it_once_when_the_config_is_wrong(say, tmp_path):
    answer = say("--config", tmp_path / "none.toml", "doctor")

    assert answer.exit_code == 1
    assert "✗ Config\n    none.toml: cannot be read (No such file or directory)" in answer.output
    assert "✓ Python" in answer.output


def test_the_doctor_sees_a_folder_nobody_can_make(here, tmp_path):
    (tmp_path / "file").write_text("")

    answer = CliRunner().invoke(main, ["doctor"], obj=replace(here, instance=Path(tmp_path / "file" / "instance")))

    assert answer.exit_code == 1
    assert "cannot be made (Not a directory)" in answer.output


# -- run


def test_run_refuses_a_port_that_is_taken(say, settled):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = say("run", "--port", port)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Port {port} of 127.0.0.1 is taken")
