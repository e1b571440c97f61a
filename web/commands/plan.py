"""Planning a day from the command line: the same search as a page's, in this process."""

import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import errands, searches
from bottles.db import find, reading, transaction
from bottles.errors import Conflict, say
from bottles.people import Person, Role
from bottles.routes import Plan
from bottles.searches import Search
from routing.settings import HIGHEST_SEED, Progress
from web import formats, geojson, moves, planned, words
from web.commands import Stop
from web.commands.machine import demand_tables
from web.moves import Move
from web.planned import Amount, Picture, Tour
from web.surroundings import Surroundings

NEAR = {"today": 0, "tomorrow": 1}


@click.command()
@click.argument("day")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--geojson", "picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the picture to a file.")
@click.option("--seconds", type=click.FloatRange(0, 3600), help="How long to search (default: config.toml's).")
@click.option("--seed", type=click.IntRange(0, HIGHEST_SEED), default=1, show_default=True, help="Of the search's dice.")
@click.option("--publish", is_flag=True, help="Make it the plan that stands for the day.")
@click.option("--by", "email", help="E-mail address of who publishes (default: the first coordinator).")
@click.pass_obj
def plan(
    here: Surroundings,
    day: str,
    as_json: bool,
    picture: Path | None,
    seconds: float | None,
    seed: int,
    publish: bool,
    email: str | None,
) -> None:
    """Plan DAY (2026-10-06, today or tomorrow) from open pickups and due deliveries, and save a new version of its plan.

    When vehicles are out by a plan already, the rest of the day is planned: what is done stays, and what changes is listed.
    Prints each route with its times, loads and km, and each call left out with its reason. Ctrl+C ends the search with the
    best plan so far.
    """
    wanted = read_day(day, here.today())
    demand_tables(here)
    made = _search(here, wanted, here.config.planning.search_seconds if seconds is None else seconds, seed)
    if publish:
        from web import planning

        with reading(here.engine) as session:
            person = _publisher(session, email)
        planning.publish(here.engine, here.config, made, person, at=here.now(), ways=here.ways)
    with here.speaking(), reading(here.engine) as session:
        if picture is not None:
            _write(picture, geojson.plan_picture(session, made))
        found = find(session, Plan, made)
        read, base = planned.picture(session, found), moves.base(session, found)
        changed = moves.between(session, base, found) if base else []
        if as_json:
            click.echo(json.dumps(facts(read, changed), ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join([*lines(read), *said(base, changed)]))


def read_day(text: str, today: date) -> date:
    """Read a day as people type it."""
    if text in NEAR:
        return today + timedelta(days=NEAR[text])
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'expected a day like 2026-10-06, today or tomorrow, got "{text}"', param_hint="DAY") from None


def _search(here: Surroundings, day: date, seconds: float, seed: int) -> int:
    """Ask for a plan and work on it at once: no worker can take it in between."""
    from web.planning import work_on

    with transaction(here.engine) as session:
        search = searches.ask(session, day, seconds=seconds, at=here.now())
        errands.take(session, Search, search.id or 0, at=here.now())
    heard, ending = _hear if sys.stderr.isatty() else None, threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: ending.set())
    try:
        made = work_on(
            here.engine,
            here.config,
            search.id or 0,
            here.now,
            seed=seed,
            listener=heard,
            stopping=ending.is_set,
            ways=here.ways,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        click.echo(err=True)
    if made is None:
        raise Stop("The search broke off; the lines above say why, and `bouteilles doctor` what may be wrong here.")
    return made


def _hear(progress: Progress) -> None:
    found = (
        f"{progress.seconds:5.1f} s  {progress.routes} routes, {progress.left_out} left out, {progress.cost / 100:.2f} euros"
    )
    click.echo(f"\r{found}   ", nl=False, err=True)


def _publisher(session: Session, email: str | None) -> int:
    query = select(Person).where(Person.role == Role.COORDINATOR, col(Person.active)).order_by(col(Person.id))
    person = session.exec(query if email is None else query.where(Person.email == email.strip().lower())).first()
    if person is None:
        raise Conflict(say("No coordinator can publish this plan: open an account for one first."))
    return person.id or 0


def _write(path: Path, picture: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(picture, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Stop(f"{path} cannot be written ({error.strerror}).") from error


def lines(picture: Picture) -> Iterator[str]:
    """Say a plan in lines of text."""
    plan = picture.plan
    yield gettext("Plan for %(day)s, version %(version)d (%(status)s)", day=formats.day(plan.day), version=plan.version,
                  status=words.PLANS[plan.status][0])  # fmt: skip
    for note in plan.notes:
        yield words.left_out(note["message"], note["values"])
    if not picture.tours:
        yield gettext("No vehicle goes out.")
    for tour in picture.tours:
        yield ""
        yield from _tour(tour)
    if picture.left_out:
        yield ""
        yield gettext("Left out:")
    for call, message, values in picture.left_out:
        where = f"{call.partner}, {call.point.town}" if call else "?"
        yield f"  {where}: {words.left_out(message, values)}"
    if plan.shortage:
        yield f"  {words.shortage(plan.shortage)}"
    yield ""
    yield gettext("%(cost)s, %(way)s in all.", cost=formats.euros(plan.cost), way=formats.km(plan.metres))
    if plan.estimated:
        yield gettext("Ways and times are estimated as the crow flies, with a margin.")


def said(base: Plan | None, changed: Sequence[Move]) -> Iterator[str]:
    """Say what a plan changes of the version it goes on from, or of the one that stands."""
    if base is None:
        return
    yield ""
    yield gettext("Against version %(version)d:", version=base.version)
    if not changed:
        yield "  " + gettext("nothing changes.")
    for move in changed:
        yield f"  {move.call.partner}, {move.call.point.town}: {move.says}"


def _tour(tour: Tour) -> Iterator[str]:
    route = tour.route
    times = f"{formats.clock(tour.departs)} – {formats.clock(route.returns)}"
    peak = f"{formats.quantity(route.peak_crates, 'crate')}, {formats.kg(route.peak_grams)}"
    full = gettext("at most %(load)s", load=peak)
    driver = tour.driver.name if tour.driver else gettext("no driver yet")
    yield f"{tour.vehicle.name} ({driver})  {times}  {formats.km(route.metres)}  {full}"
    for halt in tour.halts:
        name = f"{halt.point.name}, {halt.point.town}"
        what = "; ".join(
            filter(None, [_said(gettext("take %(what)s"), halt.take), _said(gettext("leave %(what)s"), halt.leave)])
        )
        yield f"  {halt.number:>2}. {formats.clock(halt.stop.arrives):>9}  {name}: {what}"


def _said(frame: str, amounts: Sequence[Amount]) -> str:
    listed = ", ".join(f"{formats.quantity(amount.n, amount.unit)} ({amount.kind})" for amount in amounts)
    return frame % {"what": listed} if listed else ""


def facts(picture: Picture, changed: Sequence[Move] = ()) -> dict[str, Any]:
    """Return a plan as plain data: cents, metres, grams, crates of twelve, local times."""
    plan = picture.plan
    return {
        "id": plan.id,
        "day": plan.day.isoformat(),
        "version": plan.version,
        "status": plan.status.value,
        "cost_cents": plan.cost,
        "metres": plan.metres,
        "estimated": plan.estimated,
        "routes": [_route_facts(tour) for tour in picture.tours],
        "left_out": [
            {
                "task": call.task if call else None,
                "partner": call.partner if call else None,
                "point": call.point.id if call else None,
                "reason": words.left_out(message, values),
            }
            for call, message, values in picture.left_out
        ],
        "shortage": plan.shortage or None,
        "follows": plan.follows,
        "changes": [{"task": move.call.task, "kind": move.kind, "says": move.says} for move in changed],
    }


def _route_facts(tour: Tour) -> dict[str, Any]:
    route = tour.route
    return {
        "vehicle": tour.vehicle.id,
        "driver": tour.driver.name if tour.driver else None,
        "departs": geojson.iso(route.departs),
        "returns": geojson.iso(route.returns),
        "metres": route.metres,
        "peak_crates": route.peak_crates,
        "peak_grams": route.peak_grams,
        "stops": [
            {
                "number": halt.number,
                "point": halt.point.id,
                "name": halt.point.name,
                "town": halt.point.town,
                "arrives": geojson.iso(halt.stop.arrives),
                "leaves": geojson.iso(halt.stop.leaves),
                "take": geojson.amounts(halt.take),
                "leave": geojson.amounts(halt.leave),
                "tasks": [call.task for call in halt.calls],
            }
            for halt in tour.halts
        ],
    }
