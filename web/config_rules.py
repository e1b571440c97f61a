"""Rules between several settings; each is a function that yields what is wrong, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bottles.catalogue import UNSORTED

from .settings import SettingError

if TYPE_CHECKING:
    from .config import Config

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LISTS = ("centres", "vehicles", "bottle_types", "crate_types", "refusal_reasons", "recipes")

Wrong = Iterator[tuple[str, str]]


def check(config: Config, file: str) -> None:
    """Hold the rules that take more than one key.

    Raises
    ------
    SettingError
        The first rule that is broken, as a sentence.
    """
    for rule in RULES:
        for where, wrong in rule(config):
            raise SettingError(f"{file}: {where}: {wrong}")


def _mail(config: Config) -> Wrong:
    if config.mail.host and not config.mail.sender:
        yield "[mail] sender", "expected the address mails come from, since a host is set"


def _languages(config: Config) -> Wrong:
    territory = config.territory
    if territory.language not in territory.languages:
        offered = ", ".join(territory.languages)
        yield "[territory] language", f'expected one of the languages offered ({offered}), got "{territory.language}"'


def _zone(config: Config) -> Wrong:
    name = config.territory.time_zone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "[territory] time_zone", f'expected the name of a time zone such as "Europe/Paris", got "{name}"'


def _lists(config: Config) -> Wrong:
    for name in LISTS:
        rows: tuple[Any, ...] = getattr(config, name)
        if not rows:
            yield f"[[{name}]]", "expected at least one"
        for twice in (key for key, n in Counter(row.id for row in rows).items() if n > 1):
            yield f'[[{name}]] "{twice}"', "expected every id once, got it twice"


def _items(config: Config) -> Wrong:
    crates = {crate.id for crate in config.crate_types}
    for bottle in config.bottle_types:
        if bottle.id in crates or bottle.id == UNSORTED:
            yield f'[[bottle_types]] "{bottle.id}" id', "expected a name that no other item has: the ledger counts both by it"
        if not bottle.accepted and not bottle.why_not:
            yield f'[[bottle_types]] "{bottle.id}" why_not', "expected the reason why it is not taken, got none"


def _references(config: Config) -> Wrong:
    crates, centres = {crate.id for crate in config.crate_types}, {centre.id for centre in config.centres}
    named = [("[pickups] crate", config.pickups.crate, crates), ("[orders] crate", config.orders.crate, crates)]
    named += [(f'[[vehicles]] "{vehicle.id}" centre', vehicle.centre, centres) for vehicle in config.vehicles]
    for where, name, known in named:
        if name not in known:
            yield where, f'expected one of {", ".join(sorted(known))}, got "{name}"'


def _prefix(config: Config) -> Wrong:
    labels = config.labels
    if not labels.asset_type.startswith(labels.prefix):
        yield "[labels] company_prefix", f'expected the first digits of asset_type "{labels.asset_type}", got "{labels.prefix}"'


def _hours(config: Config) -> Wrong:
    for centre in config.centres:
        for day, windows in centre.hours.items():
            where = f'[[centres]] "{centre.id}" hours.{day}'
            if day not in DAYS:
                yield where, f"expected one of {', '.join(DAYS)}"
            if any(closes > opens for (_, closes), (opens, _) in pairwise(windows)):
                yield where, "expected windows one after the other, got some that overlap"


def _shifts(config: Config) -> Wrong:
    for vehicle in config.vehicles:
        if vehicle.shift_starts >= vehicle.shift_ends:
            yield (
                f'[[vehicles]] "{vehicle.id}" shift_ends',
                f"expected a time after {vehicle.shift_starts:%H:%M}, got {vehicle.shift_ends:%H:%M}",
            )


def _certificate(config: Config) -> Wrong:
    server = config.server
    if bool(server.certificate) != bool(server.key):
        missing = "key" if server.certificate else "certificate"
        yield f"[server] {missing}", "expected a file: certificate and key belong together"


RULES: tuple[Callable[[Config], Wrong], ...] = (
    _languages,
    _zone,
    _lists,
    _items,
    _references,
    _prefix,
    _hours,
    _shifts,
    _certificate,
    _mail,
)
