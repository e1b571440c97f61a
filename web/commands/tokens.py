"""Tokens: what programs and devices show instead of a password."""

import json
from datetime import timedelta

import click

from bottles import people, tokens
from bottles.db import reading, transaction
from bottles.errors import Invalid, say
from bottles.people import Person
from bottles.tokens import Token, TokenKind
from web.commands.machine import demand_tables
from web.surroundings import Surroundings

DAYS = 365
"""How long a token is good unless something else is asked for."""

LONGEST = 3650
LONGEST_LABEL, LONGEST_DEVICE = 80, 40

UNKNOWN = say("There is no token %(number)d: bouteilles token list shows those there are.")


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of programs and devices."""


@token.command()
@click.argument("email")
@click.option("--upload", "device", default="", metavar="DEVICE", help="It only hands in events, of the device of this name.")
@click.option("--days", type=click.IntRange(1, LONGEST), default=DAYS, show_default=True, help="How long it is good.")
@click.option("--label", default="", help="What it is for, to know it again.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def create(here: Surroundings, email: str, device: str, days: int, label: str, as_json: bool) -> None:
    """Make a token that speaks for the person of this address, in their present role.

    The secret is shown once and kept nowhere. Without --upload the token reads and hands in; see docs/api.md.
    """
    # loaded here, so that a list costs nothing of it
    from web.api.devices import centre_of
    from web.bearers import new_secret

    demand_tables(here)
    _check(device, label)
    secret = new_secret()
    kind = TokenKind.UPLOAD if device else TokenKind.BEARER
    with transaction(here.engine) as session:
        person = people.by_email(session, email)
        if person is None:
            raise Invalid(say("Nobody signs in with “%(email)s”: bouteilles person add opens an account."), email=email)
        centre, lasting = centre_of(session, person), timedelta(days=days)
        made = tokens.create(
            session, secret, kind, person, centre=centre, device=device, label=label, lasting=lasting, at=here.now()
        )
    if as_json:
        click.echo(json.dumps({"secret": secret, **told(made, person)}, ensure_ascii=False, indent=2))
        return
    click.echo(f"Token {made.id} speaks for {person.email} ({made.role}) until {made.expires_at:%Y-%m-%d}.")
    click.echo(f"Secret (shown only now): {secret}")


def _check(device: str, label: str) -> None:
    for name, text, longest in (("device", device, LONGEST_DEVICE), ("label", label, LONGEST_LABEL)):
        if len(text) > longest or not text.isprintable():
            raise Invalid(say("The %(name)s needs to be %(longest)d printable characters at most."), name=name, longest=longest)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def list_(here: Surroundings, as_json: bool) -> None:
    """List tokens, the newest first; no secret is among what is kept."""
    demand_tables(here)
    with reading(here.engine) as session:
        rows = tokens.listed(session)
    if as_json:
        click.echo(json.dumps([told(made, person) for made, person in rows], ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo("There is no token yet: bouteilles token create EMAIL makes one.")
    for made, person in rows:
        state = "good until" if made.stands(here.now()) else "revoked" if made.revoked_at else "expired"
        seen = f"last seen {made.last_used_at:%Y-%m-%d}" if made.last_used_at else "never used"
        until = made.revoked_at or made.expires_at
        what = " ".join(filter(None, (made.kind, made.device, made.label)))
        click.echo(f"{made.id:>5}  {person.email} ({made.role})  {what}  {state} {until:%Y-%m-%d}, {seen}")


def told(made: Token, person: Person) -> dict[str, object]:
    """Return what may be told of a token."""
    names = ("id", "kind", "role", "partner", "centre", "device", "label")
    moments = ("made_at", "expires_at", "revoked_at", "last_used_at")
    times = {name: moment.isoformat() if (moment := getattr(made, name)) else None for name in moments}
    return {"person": person.email, **{name: getattr(made, name) for name in names}, **times}


@token.command()
@click.argument("number", type=int)
@click.pass_obj
def revoke(here: Surroundings, number: int) -> None:
    """End a token now; what still comes under it waits in quarantine."""
    demand_tables(here)
    with transaction(here.engine) as session:
        # what no database could hold is asked for of none
        if not 0 < number < 2**31 or session.get(Token, number) is None:
            raise Invalid(UNKNOWN, number=number)
        tokens.revoke(session, number, None, at=here.now())
    click.echo(f"Token {number} is revoked.")
