"""Accounts: who may sign in."""

import secrets
import sys

import click
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bottles.db import transaction
from bottles.errors import Conflict, Invalid, say
from bottles.partners import Partner
from bottles.people import Person, Role
from web.config import Config
from web.surroundings import Surroundings

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a generated password is made of: nothing that is read wrongly."""


@click.group()
def person() -> None:
    """Open accounts."""


@person.command()
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="Their name.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What they may do.")
@click.option("--partner", default="", help="Id of the partner they act for (default: the cooperative).")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input (default: make one).")
@click.pass_obj
def add(here: Surroundings, email: str, name: str, role: str, partner: str, password_stdin: bool) -> None:
    """Open an account. A password that was made is shown once and kept nowhere."""
    password = read_password() if password_stdin else ""
    with transaction(here.engine) as session:
        made = open_account(session, here.config, email, name, Role(role), partner or here.config.cooperative.id, password)
    tell(email, made)


def open_account(session: Session, config: Config, email: str, name: str, role: Role, partner: str, password: str = "") -> str:
    """Open an account and return the password that was made for it, empty when one was given.

    Raises
    ------
    Invalid
        The address or the password has a bad form, or there is no such partner.
    Conflict
        Somebody signs in with this address already.
    """
    from web.auth import hash_password

    email = email.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@"):
        raise Invalid(say("“%(email)s” is no e-mail address."), field="email", email=email)
    if password and len(password) < config.sign_in.password_length:
        shortest = config.sign_in.password_length
        raise Invalid(say("A password needs %(shortest)d characters at least."), field="password", shortest=shortest)
    if session.exec(select(Person).where(sa.func.lower(col(Person.email)) == email)).first() is not None:
        raise Conflict(say("Somebody signs in with %(email)s already."), email=email)
    made = "" if password else made_password(max(16, config.sign_in.password_length))
    hashed = hash_password(password or made)
    if session.get(Partner, partner) is None:
        raise Invalid(say("There is no partner “%(partner)s” here: check its id, or import its points first."), partner=partner)
    session.add(Person(name=name.strip(), email=email, role=role, partner=partner, password_hash=hashed))
    session.flush()
    return made


def made_password(length: int) -> str:
    """Make a password of so many letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def read_password() -> str:
    """Read a password from the standard input, up to the end of its line."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError("The standard input holds no password.")
    return password


def tell(email: str, made: str) -> None:
    """Say that an account is open."""
    click.echo(f"{email.strip().lower()} can sign in now.")
    if made:
        click.echo(f"Password (shown only now): {made}")
