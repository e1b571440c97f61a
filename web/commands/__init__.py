"""The command line: `bouteilles VERB`.

Help and words about the machine are in English, like config.toml; words about bottles (a plan, an audit, a refusal) are in
the territory's language, whatever this machine's own is.

A verb is loaded when it is asked for: TABLE says where it is, so that help costs nothing. Exit codes: 0 done, 1 refused or
faults found, 2 used wrongly.
"""

import logging
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from bottles.errors import Refusal
from web.forms import sentence
from web.settings import SettingError
from web.surroundings import Surroundings

TABLE = {
    "init": ("web.commands.machine:init", "Make the tables, write the territory into them, and open a coordinator's account."),
    "migrate": ("web.commands.machine:migrate", "Bring the database up to date."),
    "config": ("web.commands.machine:config", "Bring what config.toml describes into the database."),
    "person": ("web.commands.people:person", "Open accounts."),
    "token": ("web.commands.tokens:token", "Make, list and revoke the tokens of programs and devices."),
    "demo": ("web.commands.demo:demo", "Build a season of the Jura and serve it on this machine."),
    "run": ("web.commands.machine:run", "Serve: web, worker and scheduler as one group."),
    "worker": ("web.commands.machine:worker", "Be one more worker (run keeps one already)."),
    "scheduler": ("web.commands.machine:scheduler", "Be one more scheduler; one leads, another takes over."),
    "plan": ("web.commands.plan:plan", "Plan a day's routes."),
    "roads": ("web.commands.roads:roads", "Learn from drivers' days how long ways take."),
    "import": ("web.commands.importing:group", "Take in lists of points or pickups, or crates of another operator."),
    "export": ("web.commands.exporting:group", "Give out what other operators' systems read: EPCIS 2.0."),
    "labels": ("web.commands.labels:labels", "Write a sheet of crate labels."),
    "recall": ("web.commands.recall:recall", "List who holds bottles of a lot, and how to reach them."),
    "audit": ("web.commands.audit:audit", "Work every figure out again from what cannot change, and compare."),
    "seal": ("web.commands.audit:seal", "Seal what was recorded, so that an edit behind our back is named by its row."),
    "doctor": ("web.commands.doctor:doctor", "Name what is wrong with this installation, and what to do."),
}
"""Where each verb is, and what it does in a line."""


class Stop(click.ClickException):
    """A command cannot go on: one sentence on the error output, exit code 1."""

    def show(self, file: Any = None) -> None:
        """Say the sentence and nothing else."""
        click.echo(self.message, file=file or sys.stderr)


class Verbs(AppGroup):
    """A group whose verbs are imported when they are asked for, and whose refusals are sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the verbs in the order in which people meet them."""
        return list(TABLE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a verb."""
        if cmd_name not in TABLE:
            return None
        module, _, name = TABLE[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without loading any."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, told) for verb, (_, told) in TABLE.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Turn what is refused into a sentence."""
        try:
            return super().invoke(ctx)
        except (Refusal, SettingError, SQLAlchemyError) as error:
            if ctx.params.get("debug"):
                raise
            raise Stop(_sentence(ctx.obj, error)) from error


def _sentence(here: Surroundings, error: Exception) -> str:
    if isinstance(error, OperationalError):
        return f"The database does not answer ({error.orig}): check [server] database, or BOUTEILLES_DATABASE."
    if isinstance(error, ArgumentError):
        return f"The database's address cannot be read ({error}): check [server] database, or BOUTEILLES_DATABASE."
    if isinstance(error, Refusal):
        with here.speaking():
            return sentence(error)
    return str(error)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The territory's config.toml.")
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
@click.version_option(package_name="jaime-mes-bouteilles", prog_name="bouteilles")
@click.pass_context
def main(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """Run a loop of reused bottles: collect, wash, check, sell back."""
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if ctx.obj is None:
        ctx.obj = Surroundings.read()
    if config is not None:
        ctx.obj = replace(ctx.obj, config_path=config)
