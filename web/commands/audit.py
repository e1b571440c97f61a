"""The audit, which says whether it all adds up, and the seals, by which it proves that nobody changed a row unseen."""

import json
import sys

import click
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types

from bottles import audit as auditing
from bottles import seals
from bottles.audit import Check
from bottles.db import reading
from bottles.seals import Seal
from web import formats, sealing
from web.commands.machine import demand_tables
from web.forms import finding
from web.surroundings import Surroundings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--root", "roots", multiple=True, help="A root that was written down: say whether its block is still there.")
@click.pass_obj
def audit(here: Surroundings, as_json: bool, roots: tuple[str, ...]) -> None:
    """Work every figure out again from what cannot change, and compare. Exit code 1 when something differs.

    Ctrl+C stops it; what was answered until then is shown.
    """
    demand_tables(here)
    checks: list[Check] = []
    with here.speaking():
        with reading(here.engine) as session:
            try:
                auditing.audit(session, lambda check: _watch(check, checks))
            except KeyboardInterrupt:
                click.echo(gettext("Stopped: what was answered until then follows."), err=True)
            lost = [root for root in roots if not seals.is_ours(session, root)]
            heads = seals.heads(session)
        _answer(checks, heads, as_json=as_json)
        for root in lost:
            gone = gettext("No seal has the root %(root)s any more: sealed rows were changed.", root=root)
            click.echo(f"✗ {gone}", err=as_json)
    is_whole = len(checks) == len(auditing.QUESTIONS) and all(check.is_done for check in checks)
    sys.exit(0 if is_whole and not lost and not any(check.differing for check in checks) else 1)


def _watch(check: Check, checks: list[Check]) -> None:
    """Keep each question as it begins; where somebody looks on, tell them how far it is."""
    if not checks or checks[-1] is not check:
        checks.append(check)
    if sys.stderr.isatty():
        # the line is written over, and cleared when the question is answered
        told = "" if check.is_done else f"{gettext(check.name)} … {formats.number(check.compared)}"
        click.echo(f"\r\033[K{told}", nl=False, err=True)


def _answer(checks: list[Check], heads: list[Seal], *, as_json: bool) -> None:
    if as_json:
        told = [
            {"question": check.name, "compared": check.compared, "differing": check.differing, "faults": check.faults}
            for check in checks
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    show(checks)
    show_heads(heads)


def show(checks: list[Check]) -> None:
    """Print each question with how much was compared, and under it what differs."""
    width = max((len(gettext(check.name)) for check in checks), default=0)
    for check in checks:
        found = gettext("%(faults)d of %(compared)d differ", faults=check.differing, compared=check.compared)
        mark = "✗" if check.differing else "✓" if check.is_done else "…"
        click.echo(f"{mark} {gettext(check.name):<{width}}  {found}")
        for fault in check.faults:
            click.echo(f"    {finding(fault)}")
        if check.differing > len(check.faults):
            click.echo("    " + gettext("and %(number)s more", number=formats.number(check.differing - len(check.faults))))


def show_heads(heads: list[Seal]) -> None:
    """Print the last root of each table: written down elsewhere, it proves every row up to it."""
    for head in heads:
        values = {"table": head.table, "last": head.last, "moment": formats.moment(head.sealed_at)}
        click.echo(f"{head.root}  " + gettext("%(table)s up to %(last)d, sealed %(moment)s", **values))


@click.command()
@click.pass_obj
def seal(here: Surroundings) -> None:
    """Seal the rows that are old enough, and print the last root of each table: write it down, or send it elsewhere."""
    demand_tables(here)
    with here.speaking():
        sealed = sealing.seal(here.engine, rows=here.config.audit.seal_rows, at=here.now())
        click.echo(ngettext("%(num)d row sealed.", "%(num)d rows sealed.", sealed))
        with reading(here.engine) as session:
            show_heads(seals.heads(session))
