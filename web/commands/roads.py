"""Ways, learnt from the days that drivers really drove."""

import json
from dataclasses import asdict
from datetime import timedelta

import click

from bottles import calibrations
from bottles.calibrations import Calibration as Kept
from bottles.db import reading, transaction
from routing.travel import Calibration, TooFewLegs
from web.commands import Stop
from web.commands.machine import demand_tables
from web.surroundings import Surroundings

BELIEVABLE = (0.2, 5.0)
"""Factors beyond are no roads: stops told in the evening, or ways of another source. With them no day would be planned."""


@click.group()
def roads() -> None:
    """Learn from drivers' days how long ways take."""


@roads.command()
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Of how many days back.")
@click.option("--write", is_flag=True, help="Let planning reckon with it from now on, until the next time.")
@click.option("--forget", is_flag=True, help="Let planning reckon with config.toml's figures again.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def calibrate(here: Surroundings, days: int, *, write: bool, forget: bool, as_json: bool) -> None:
    """Compare the ways between stops, as phones told them, with what config.toml expects of them.

    Prints a factor for each profile of vehicles, by the hour where the days bear it, and how far off a way was before and
    is after. Ways are compared without the config's factor and margin. Nothing changes without --write.
    """
    if write and forget:
        raise click.UsageError("--write and --forget contradict each other: name one.")
    demand_tables(here)
    source = here.config.travel.source
    if forget:
        with transaction(here.engine) as session:
            session.add(Kept(source=source, legs=0, used=0, before=0, after=0, made_at=here.now()))
        click.echo("Planning reckons with config.toml's figures again.")
        return
    learnt = _learn(here, days)
    click.echo(json.dumps(asdict(learnt), indent=2) if as_json else "\n".join(lines(learnt)))
    if write:
        demand_believable(learnt)
        with transaction(here.engine) as session:
            session.add(kept(learnt, source, here))
        click.echo("Planning reckons with it from now on; `bouteilles roads calibrate --forget` takes it back.", err=as_json)
    elif not as_json:
        with reading(here.engine) as session:
            known = calibrations.latest(session, source)
        said = f"what was learnt on {known.made_at:%Y-%m-%d}" if known else "config.toml's figures"
        click.echo(f"Planning reckons with {said}; --write lets it reckon with this.")


def _learn(here: Surroundings, days: int) -> Calibration:
    from routing.planner.learning import learn, legs_driven
    from web.planning import planner_settings

    with reading(here.engine) as session:
        legs = legs_driven(session, here.zone, since=here.now() - timedelta(days=days))
    try:
        return learn(legs, planner_settings(here.config, here.ways))
    except TooFewLegs as error:
        raise Stop(
            f"Too little was driven to learn from: {error.usable} of {error.legs} ways between stops can be used, "
            "and it takes 30. Phones tell them when a driver says of each stop that it is reached and done."
        ) from error
    except ValueError as error:
        raise Stop(str(error)) from error


def demand_believable(learnt: Calibration) -> None:
    """Refuse factors that would make every day too long, or every way a moment."""
    low, high = BELIEVABLE
    for profile, factor in learnt.factors.items():
        if not low <= factor * (1 + learnt.margin) <= high:
            raise Stop(
                f"Nothing was written: {profile} x {factor:.2f}, expected factors from {low:g} to {high:g}. "
                "Stops that are told long after they were reached make ways too long."
            )


def kept(learnt: Calibration, source: str, here: Surroundings) -> Kept:
    """Write down what was learnt."""
    hours = {profile: {str(hour): factor for hour, factor in found.items()} for profile, found in learnt.hours.items()}
    return Kept(
        source=source,
        factors=dict(learnt.factors),
        hours=hours,
        margin=learnt.margin,
        legs=learnt.legs,
        used=learnt.used,
        before=learnt.before,
        after=learnt.after,
        made_at=here.now(),
    )


def lines(learnt: Calibration) -> list[str]:
    """Say what was learnt."""
    said = [learnt.says]
    for profile, factor in learnt.factors.items():
        said.append(f"{profile:8} x {factor:.2f}   from {learnt.counts.get(profile, 0)} ways")
        said += [f"  {hour:02}:00  x {found:.2f}" for hour, found in sorted(learnt.hours.get(profile, {}).items())]
        if not learnt.hours.get(profile):
            said.append("  the hours of the day do not differ by more than chance")
    said.append(f"margin   {learnt.margin:.0%}   what all ways together still took longer")
    return said
