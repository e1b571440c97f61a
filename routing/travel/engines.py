"""The table services of OSRM and Valhalla: how each is asked, and how its answer is read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from routing.problem import Place

from .circle import great_circle
from .settings import Fit, Note, TravelError, TravelSettings
from .talk import Refused, Talk

Matrix = NDArray[np.float64]

LONGEST_ADDRESS = 300
"""Places in one address: 6,300 characters. Many servers refuse more than 8,192, OSRM hangs up at some 32,000."""


UNCONNECTED = "170"
"""Valhalla's code for places that no road joins; it says so for the whole block, and not of which."""


class TooMuch(Exception):
    """The engine cannot answer this much at once, or not while one of these places is in it: ask for less.

    `apart` says that roads lead between some of the places only.
    """

    def __init__(self, words: str, *, apart: bool = False) -> None:
        super().__init__(words)
        self.apart = apart


class Engine(Protocol):
    """A road engine: how much it takes at once, what lies near a road, and the ways between places."""

    @property
    def pairs(self) -> int:
        """Sources x targets it takes at once."""

    @property
    def places(self) -> int:
        """Sources + targets it takes at once."""

    def nearest(self, places: Sequence[Place]) -> Matrix:
        """Measure metres from each place to the nearest road; infinite where there is none."""

    def ways(self, sources: Sequence[Place], targets: Sequence[Place]) -> tuple[Matrix, Matrix]:
        """Give seconds and metres from each source to each target; infinite where there is no way.

        Raises
        ------
        TooMuch
            Asked for less, it may answer.
        """


def engine(settings: TravelSettings, talk: Talk) -> Engine:
    """Make the engine that the settings name."""
    if settings.source == "osrm":
        limit = settings.limit or 100
        return Osrm(
            talk, settings.profile or "driving", settings.metres, limit * limit, max(2, min(2 * limit, LONGEST_ADDRESS))
        )
    limit = settings.limit or 2500
    return Valhalla(talk, settings.profile or "auto", dict(settings.vehicle), limit, 2 * limit)


@dataclass(frozen=True, slots=True)
class Osrm:
    """OSRM's table service, version 1 of its HTTP interface.

    References
    ----------
    osrm-routed 26.10 refuses sources x targets above max-table-size squared, not places (seen, November 2026). One
    distance in 250,000 came back below 0; osrm-backend has known of that since 2014 (its issues 1124, 5855 and 7269).
    """

    talk: Talk
    profile: str
    guess: Fit
    pairs: int
    places: int

    def nearest(self, places: Sequence[Place]) -> Matrix:
        """Read the distances that a table gives beside its ways, from the first place to all."""
        said = self._table([*places[:1], *places], 1, "duration")
        return _list(self.talk, said, "destinations", len(places))

    def ways(self, sources: Sequence[Place], targets: Sequence[Place]) -> tuple[Matrix, Matrix]:
        """Ask for durations and distances; guess a distance that cannot be, and believe its duration."""
        said = self._table([*sources, *targets], len(sources), "duration,distance")
        shape = (len(sources), len(targets))
        metres = _matrix(self.talk, said.get("distances"), shape, -math.inf)
        direct = great_circle([*sources, *targets])[: len(sources), len(sources) :]
        metres = np.where(metres < 0, self.guess.over(direct), metres)
        return _matrix(self.talk, said.get("durations"), shape), metres

    def _table(self, places: Sequence[Place], sources: int, wanted: str) -> dict[str, Any]:
        points = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
        first, second = (";".join(map(str, span)) for span in (range(sources), range(sources, len(places))))
        path = f"/table/v1/{quote(self.profile, safe='')}/{points}"
        query = f"?annotations={wanted}&generate_hints=false&sources={first}&destinations={second}"
        try:
            return _mapping(self.talk, self.talk.ask(path + query))
        except Refused as refused:
            raise _judge(self.talk, refused, {"TooBig", "NoSegment", "NoTable", "414", "431"}) from refused


@dataclass(frozen=True, slots=True)
class Valhalla:
    """Valhalla's matrix service; metres come back as thousandths of a kilometre.

    References
    ----------
    Codes of valhalla_service 3.9: 150 too many pairs, 154 too far apart, 170 unconnected regions, 171 no road near,
    442 no way (its documentation, November 2026).
    """

    talk: Talk
    costing: str
    options: dict[str, float]
    pairs: int
    places: int

    def nearest(self, places: Sequence[Place]) -> Matrix:
        """Ask where each place would meet the road, and measure from there."""
        try:
            said = self.talk.ask("/locate", {**self._question(), "locations": [_point(place) for place in places]})
        except Refused as refused:
            raise _judge(self.talk, refused, {"150"}) from refused
        if not isinstance(said, list) or len(said) != len(places):
            raise _garbage(self.talk, "not one position for each place")
        return np.array([self._off(place, found) for place, found in zip(places, said, strict=True)])

    def _off(self, place: Place, found: Any) -> float:
        edges = found.get("edges") if isinstance(found, dict) else None
        if not edges:
            return math.inf
        try:
            met = [Place(float(edge["correlated_lon"]), float(edge["correlated_lat"])) for edge in edges]
        except (KeyError, TypeError, ValueError) as error:
            raise _garbage(self.talk, "a position that is none") from error
        return float(great_circle([place, *met])[0, 1:].min())

    def ways(self, sources: Sequence[Place], targets: Sequence[Place]) -> tuple[Matrix, Matrix]:
        """Ask for times and distances."""
        ends = {"sources": [_point(place) for place in sources], "targets": [_point(place) for place in targets]}
        try:
            said = _mapping(self.talk, self.talk.ask("/sources_to_targets", {**self._question(), **ends, "verbose": False}))
        except Refused as refused:
            raise _judge(self.talk, refused, {"150", "154", "170", "171", "442"}) from refused
        found, shape = said.get("sources_to_targets"), (len(sources), len(targets))
        times, ways = self._short(found) if isinstance(found, dict) else self._wordy(found)
        return _matrix(self.talk, times, shape), _matrix(self.talk, ways, shape) * 1000

    def _question(self) -> dict[str, Any]:
        return {"costing": self.costing, "costing_options": {self.costing: self.options}, "units": "kilometers"}

    @staticmethod
    def _short(found: dict[str, Any]) -> tuple[Any, Any]:
        return found.get("durations"), found.get("distances")

    def _wordy(self, found: Any) -> tuple[Any, Any]:
        """Read the form of servers that do not know the short one."""
        try:
            times = [[cell["time"] for cell in row] for row in found]
            return times, [[cell["distance"] for cell in row] for row in found]
        except (KeyError, TypeError) as error:
            raise _garbage(self.talk, "no sources_to_targets") from error


def _point(place: Place) -> dict[str, float]:
    return {"lon": round(place.lon, 6), "lat": round(place.lat, 6)}


def _judge(talk: Talk, refused: Refused, less: set[str]) -> Exception:
    """Say whether asking for less may help."""
    if refused.code in less:
        return TooMuch(refused.words, apart=refused.code == UNCONNECTED)
    return TravelError(Note.of("refused", url=talk.url, why=refused.words))


def _garbage(talk: Talk, why: str) -> TravelError:
    return TravelError(Note.of("garbage", url=talk.url, why=why))


def _mapping(talk: Talk, said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise _garbage(talk, "no object")
    return said


def _list(talk: Talk, said: dict[str, Any], name: str, size: int) -> Matrix:
    """Read how far each of the points lies from its road."""
    try:
        values = [math.inf if point is None else point["distance"] for point in said[name]]
    except (KeyError, TypeError) as error:
        raise _garbage(talk, f"no {name}") from error
    row: Matrix = _matrix(talk, [values], (1, size))[0]
    return row


def _matrix(talk: Talk, rows: Any, shape: tuple[int, int], least: float = 0.0) -> Matrix:
    """Read a matrix of numbers from `least` in which None is no way."""
    try:
        read: Matrix = np.array([[math.inf if cell is None else cell for cell in row] for row in rows], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _garbage(talk, "no matrix of numbers") from error
    if read.shape != shape:
        raise _garbage(talk, f"shape {read.shape}, expected {shape}")
    if not (read >= least).all():  # NaN is not
        raise _garbage(talk, "a number below 0")
    return read
