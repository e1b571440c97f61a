"""The audit, which says whether it all adds up."""

import json
import sys

import click
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles import audit as auditing
from bottles.audit import Check
from bottles.db import reading
from web.commands.machine import demand_tables
from web.surroundings import Surroundings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def audit(here: Surroundings, as_json: bool) -> None:
    """Work every figure out again from what cannot change, and compare. Exit code 1 when something differs."""
    demand_tables(here)
    with reading(here.engine) as session:
        checks = auditing.audit(session)
    if as_json:
        told = [{"question": check.name, "compared": check.compared, "faults": check.faults} for check in checks]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        with here.speaking():
            show(checks)
    sys.exit(1 if any(check.faults for check in checks) else 0)


def show(checks: list[Check]) -> None:
    """Print each question with how much was compared, and under it what differs."""
    width = max(len(gettext(check.name)) for check in checks)
    for check in checks:
        found = gettext("%(faults)d of %(compared)d differ", faults=len(check.faults), compared=check.compared)
        click.echo(f"{'✗' if check.faults else '✓'} {gettext(check.name):<{width}}  {found}")
        for fault in check.faults:
            click.echo(f"    {fault}")
