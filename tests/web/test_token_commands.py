"""`bouteilles token`: a secret is shown once, a list names nobody's secret, and what is revoked is over."""

import json
from datetime import timedelta

import pytest

from bottles import tokens
from bottles.db import reading, transaction
from bottles.people import Role
from bottles.tokens import TokenKind

from .conftest import TUESDAY
from .test_commands import here, say, settled, settled_database

__all__ = ["here", "say", "settled", "settled_database"]

EMAIL = "coordinator@example.org"


@pytest.mark.usefixtures("settled")
def test_a_token_is_made_for_a_person_and_its_secret_shown_once(say, here):
    made = say("token", "create", EMAIL.upper(), "--label", "Ligne de lavage", "--days", 10)

    secret = made.output.split()[-1]
    assert (made.exit_code, secret[:4]) == (0, "jmb_")
    assert f"Token 1 speaks for {EMAIL} (coordinator) until 2026-10-16." in made.output
    with reading(here.engine) as session:
        holder = tokens.of(session, secret)
    assert (holder.kind, holder.role, holder.centre) == (TokenKind.BEARER, Role.COORDINATOR, here.config.centres[0].id)
    listed = say("token", "list").output
    assert "Ligne de lavage  good until 2026-10-16, never used" in listed
    assert secret not in listed + say("token", "list", "--json").output


@pytest.mark.usefixtures("settled")
def test_a_devices_token_and_its_list_are_read_by_programs_as_json(say, here):
    made = json.loads(say("token", "create", EMAIL, "--upload", "wash-line-2", "--json").output)

    with reading(here.engine) as session:
        holder = tokens.of(session, made.pop("secret"))
    assert (holder.kind, holder.device) == (TokenKind.UPLOAD, "wash-line-2")
    assert json.loads(say("token", "list", "--json").output) == [made]
    assert (made["kind"], made["person"], made["expires_at"][:4]) == ("upload", EMAIL, "2027")


@pytest.mark.usefixtures("settled")
def test_a_revoked_token_is_over_and_is_not_revoked_twice(say):
    say("token", "create", EMAIL)

    first, again = say("token", "revoke", 1), say("token", "revoke", 1)

    assert (first.exit_code, first.output) == (0, "Token 1 is revoked.\n")
    assert again.exit_code == 1
    assert "revoked 2026-10-06" in say("token", "list").output


@pytest.mark.usefixtures("settled")
def test_the_list_says_when_a_token_was_used_and_that_it_expired(say, here, clock):
    assert "There is no token yet" in say("token", "list").output
    say("token", "create", EMAIL, "--days", 1)
    with transaction(here.engine) as session:
        token = tokens.listed(session)[0][0]
        token.last_used_at = TUESDAY
    clock.at += timedelta(days=2)

    assert "expired 2026-10-07, last seen 2026-10-06" in say("token", "list").output


REFUSED = [
    (("create", "nobody@example.org"), 1, "nobody@example.org"),
    (("create", EMAIL, "--days", "0"), 2, "0 is not in the range"),
    (("create", EMAIL, "--days", "many"), 2, "'many' is not a valid integer"),
    (("create", EMAIL, "--label", "x" * 81), 1, "80"),
    (("create", EMAIL, "--upload", "x" * 41), 1, "40"),
    (("create", EMAIL, "--label", "a\x1b[31m"), 1, "label"),
    (("create",), 2, "Missing argument"),
    (("revoke", "7"), 1, " 7"),
    (("revoke", "9" * 30), 1, "9999"),
    (("revoke", "one"), 2, "'one' is not a valid integer"),
]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(("words", "code", "told"), REFUSED)
def test_what_is_asked_wrongly_gets_a_sentence_and_makes_no_token(say, words, code, told):
    answer = say("token", *words)

    assert (answer.exit_code, "Traceback" in answer.output) == (code, False)
    assert told in answer.output
    assert "There is no token yet" in say("token", "list").output


def test_without_a_database_the_command_says_what_to_run(say):
    answer = say("token", "create", EMAIL)

    assert answer.exit_code == 1
    assert "bouteilles init" in answer.output
