"""The vehicles of a VRPLIB file."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from routing.formats import MOST_PLACES, demand
from routing.formats.figures import HORIZON, Figures
from routing.formats.sections import Sections
from routing.problem import LONGEST, NO_RESTS, Centre, Rests, Vehicle


@dataclass(frozen=True)
class Fleet:
    """The vehicles that a file's figures describe."""

    figures: Figures

    @property
    def sections(self) -> Sections:
        """The file's sections."""
        return self.figures.sections

    def vehicles(self) -> Iterator[Vehicle]:
        """Give the vehicles in the file's order."""
        count = self._fleet()
        room = self.figures.whole(self.sections.column("capacity", count, default=self._most()))
        fixed = self.figures.rounded(self.sections.column("vehicles_fixed_cost", count))
        per_unit = np.round(1000 * self.sections.column("vehicles_unit_distance_cost", count, default=1))
        homes, rests, windows = self._homes(count), self._rests(count), self.figures.windows()
        centres, reloads = self._centres(count), self._reloads(count)
        for number in range(count):
            home = homes[number]
            yield Vehicle(
                id=str(number + 1),
                capacity=(int(room[number]),),
                start=home,
                end=home,
                shift=(int(windows[home, 0]), int(windows[home, 1])),
                fixed_cost=int(fixed[number]),
                cost_per_km=int(per_unit[number]),
                mixed=not self.figures.backhauls_last,
                rests=rests[number],
                centres=centres[number],
                unloads=reloads[number] if centres[number] else 0,
            )

    def _fleet(self) -> int:
        """Count the vehicles: as many as calls where the file does not say, or fewer where more are of no use.

        With nothing but a capacity to hold to, two routes less than half full are never longer as one (triangle inequality).
        """
        calls = max(1, self.figures.places - self.figures.depots)
        if "vehicles" in self.sections:
            count = self.sections.whole("vehicles")
            demand(count <= MOST_PLACES, f"VEHICLES: expected at most {MOST_PLACES:,}, got {count:,}")
            return count
        bound = {"time_window", "backhaul", "distance", "pickup_and_delivery", "vehicles_max_duration", "vehicles_max_distance"}
        if bound & set(self.sections.found) or type(self.sections.found.get("capacity")) is not int or self.figures.depots > 1:
            return calls
        load = int(self.figures.given("demand").sum())
        return min(calls, 2 * -(-load // self.sections.whole("capacity")) + 1)

    def _rests(self, count: int) -> list[Rests]:
        """Give the greatest duration and distance of each vehicle's route as limits of work and of driving.

        No pause is ever as long as `shortest`, so that all between leaving and coming back is one stretch of work.
        """
        away = self._limits("vehicles_max_duration", count)
        if away[0] is None and "distance" in self.sections:
            away = self._limits("distance", count)
        driven = self._limits("vehicles_max_distance", count)
        return [
            NO_RESTS if work is None and way is None else Rests(work=work, driving_day=way, shortest=LONGEST)
            for work, way in zip(away, driven, strict=True)
        ]

    def _limits(self, name: str, count: int) -> list[int | None]:
        """Give a limit per vehicle, None where the file has none."""
        if name not in self.sections:
            return [None] * count
        limits = self.figures.rounded(self.sections.column(name, count))
        demand(limits.min() > 0, f"{name.upper()}: expected more than 0")
        return [int(limit) for limit in limits]

    def _centres(self, count: int) -> list[tuple[Centre, ...]]:
        """Give where each vehicle may load anew."""
        if "vehicles_reload_depot" not in self.sections:
            return [()] * count
        rows = self.sections.lists("vehicles_reload_depot", count, self.figures.depots)
        return [tuple(Centre(place, windows=((0, HORIZON),)) for place in row) for row in rows]

    def _reloads(self, count: int) -> list[int]:
        """Give how often each vehicle may load anew: before each call, where the file does not say."""
        column = self.sections.column("vehicles_max_reloads", count, default=self.figures.places - self.figures.depots)
        return [int(most) for most in column]

    def _homes(self, count: int) -> list[int]:
        """Give the depot of each vehicle."""
        if "vehicles_depot" not in self.sections:
            return [0] * count
        homes = self.sections.column("vehicles_depot", count).astype(int) - 1
        known = bool((homes >= 0).all() and (homes < self.figures.depots).all())
        demand(known, f"VEHICLES_DEPOT_SECTION: expected depots from 1 to {self.figures.depots}")
        return [int(home) for home in homes]

    def allowed(self) -> dict[int, frozenset[str]]:
        """Give the vehicles that may come, for each place that not all may come to."""
        if "vehicles_allowed_clients" not in self.sections:
            return {}
        rows = self.sections.lists("vehicles_allowed_clients", self._fleet(), self.figures.places)
        comes: dict[int, set[str]] = {place: set() for place in range(self.figures.depots, self.figures.places)}
        for number, row in enumerate(rows):
            for place in set(row) & comes.keys():
                comes[place].add(str(number + 1))
        return {place: frozenset(ids) for place, ids in comes.items() if len(ids) < len(rows)}

    def _most(self) -> float:
        """Give a room that no route can fill."""
        return float(
            self.figures.given("demand").sum() + self.figures.given("linehaul").sum() + self.figures.given("backhaul").sum() + 1
        )
