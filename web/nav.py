"""The entries at the top of a page: each blueprint module lists its own in NAV."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import current_app, g, request, url_for

from bottles.people import Role


class Entry(NamedTuple):
    """One entry: a lazy label, where it leads, for which roles, its place in the row, and blueprints that stand under it."""

    label: object
    endpoint: str
    roles: tuple[Role, ...]
    position: int = 50
    icon: str = ""
    also: tuple[str, ...] = ()


def gather(entries: Iterable[Entry]) -> list[Entry]:
    """Put the entries of all blueprints in order."""
    return sorted(entries, key=lambda entry: entry.position)


def shown() -> list[tuple[str, str, bool, str]]:
    """Return what the person asking sees: label, address, whether it is this page, icon; five at most per role."""
    person = g.get("person")
    if person is None:
        return []
    mine = [entry for entry in current_app.extensions["nav"] if person.role in entry.roles]
    paths = {entry.endpoint: url_for(entry.endpoint) for entry in mine}
    # the longest address that contains this page: /office/plans, not /office, on /office/plans/12
    under = [path for path in paths.values() if f"{request.path}/".startswith(f"{path.rstrip('/')}/")]
    here = max(under, key=len, default=None)
    here = next((paths[entry.endpoint] for entry in mine if request.blueprint in entry.also), here)
    return [(str(e.label), paths[e.endpoint], paths[e.endpoint] == here, e.icon) for e in mine]
