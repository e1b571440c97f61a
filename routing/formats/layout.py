"""The lay-out of a VRPLIB file, checked before the parser drops indices, what is there twice and what it does not know."""

from dataclasses import dataclass

from routing.formats import demand, shown

SECTIONS = {
    "node_coord", "edge_weight", "demand", "linehaul", "backhaul", "depot", "capacity", "service_time", "time_window",
    "release_time", "prize", "pickup_and_delivery", "vehicles_depot", "vehicles_reload_depot", "vehicles_max_reloads",
    "vehicles_max_distance", "vehicles_max_duration", "vehicles_allowed_clients", "vehicles_fixed_cost",
    "vehicles_unit_distance_cost", "display_data",
}  # fmt: skip
"""Sections that are read; any other would change the problem, and is refused."""

UNCOUNTED = {"edge_weight", "depot", "display_data"}
"""Sections whose rows do not begin with an index, or are not read."""

HEADS = {
    "type", "dimension", "edge_weight_type", "edge_weight_format", "capacity", "vehicles", "distance", "service_time",
    "release_time", "prize", "vehicles_depot", "vehicles_max_reloads", "vehicles_max_distance", "vehicles_max_duration",
    "vehicles_fixed_cost", "vehicles_unit_distance_cost",
}  # fmt: skip
"""Specifications that are read."""

REMARKS = {"name", "comment"}
"""Specifications that may be there twice, as TSPLIB has them: they change nothing."""

HARMLESS = {"node_coord_type", "display_data_type", "edge_weight_unit_of_measurement", "best_known"}
"""Specifications that change nothing; any other would, and is refused."""

FORMATS = ("LOWER_ROW", "FULL_MATRIX")
"""Forms of EDGE_WEIGHT_SECTION that the parser knows."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands in a file.

    Parameters
    ----------
    heads
        The text of each specification, by its name in lower case.
    rows
        For each section, the lines that are in it with their numbers.
    """

    heads: dict[str, str]
    rows: dict[str, list[tuple[int, str]]]

    @property
    def lines(self) -> dict[str, list[int]]:
        """For each section, the numbers of its lines."""
        return {name: [number for number, _ in rows] for name, rows in self.rows.items()}

    def check(self) -> None:
        """Refuse what the parser would read as something else, or say nothing of.

        Raises
        ------
        ValueError
            A section is not known, its rows are not counted from 1 in order, or it holds no indices or not all distances.
        """
        for name in self.rows:
            demand(name in SECTIONS, f"{name.upper()}_SECTION: is not understood")
        for name, rows in self.rows.items():
            if name not in UNCOUNTED:
                _check_indices(name, rows)
        for number, line in self.rows.get("depot", []):
            right = all(word.lstrip("-").isdecimal() for word in line.split())
            demand(right, f"DEPOT_SECTION, line {number}: expected the index of a place, or -1 at the end, got {shown(line)}")
        if "edge_weight" in self.rows and self.heads.get("edge_weight_type") == "EXPLICIT":
            self._check_weights()

    def _check_weights(self) -> None:
        """Check that there are as many distances as the form of the section has for so many places."""
        form, dimension = self.heads.get("edge_weight_format", ""), self.heads.get("dimension", "")
        demand(form in FORMATS, f"EDGE_WEIGHT_FORMAT: expected {' or '.join(FORMATS)}, got {shown(form)}")
        if dimension.isdecimal():  # or is refused by its own name, later
            check = _check_lower_row if form == "LOWER_ROW" else _check_matrix
            check(self.rows["edge_weight"], int(dimension))


def scan(text: str) -> Layout:
    """Find which lines hold each specification and section, by the rules of the parser that will read them.

    Raises
    ------
    ValueError
        A line before the first section is no specification, is there twice or not known, or comes after a section.
    """
    layout = Layout({}, {})
    inside = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if "EOF" in line:
            break
        if "_SECTION" in line:
            inside = line.strip(" :").removesuffix("_SECTION").lower()
            demand(inside not in layout.rows, f"line {number}: {inside.upper()}_SECTION is there twice")
            layout.rows[inside] = []
        elif inside:
            demand(":" not in line, f"line {number}: expected numbers of {inside.upper()}_SECTION, got {shown(line)}")
            layout.rows[inside].append((number, line))
        else:
            _add_head(layout.heads, line, number)
    return layout


def _add_head(heads: dict[str, str], line: str, number: int) -> None:
    """Add a specification."""
    name, colon, value = (part.strip() for part in line.partition(":"))
    key = name.lower()
    demand(colon != "", f"line {number}: expected KEY : VALUE or the head of a section, got {shown(line)}")
    demand(
        key in HEADS | REMARKS | HARMLESS,
        f"line {number}: {name} is not understood; write VEHICLES for the number of vehicles, and remarks as COMMENT",
    )
    demand(key not in heads or key in REMARKS, f"line {number}: {name} is there twice")
    heads[key] = value


def _check_indices(name: str, rows: list[tuple[int, str]]) -> None:
    """Check that rows are counted in order, as the parser drops the index; the depot may be 0, as PDPTW's files have it."""
    for index, (number, line) in enumerate(rows, 1):
        value = _value(line.split()[0])
        right = value == index or (index == 1 and value == 0)
        at = f"{name.upper()}_SECTION, line {number}"
        demand(right, f"{at}: expected index {index}, got {shown(line)}; write each row once, counted from 1 in order")


def _check_lower_row(rows: list[tuple[int, str]], places: int) -> None:
    """Check the distances below the diagonal, however they are broken into lines."""
    words = 0
    for number, line in rows:
        right = all(0 <= _value(word) < float("inf") for word in line.split())
        demand(right, f"EDGE_WEIGHT_SECTION, line {number}: expected numbers of 0 or more, got {shown(line)}")
        words += len(line.split())
    most = places * (places - 1) // 2
    demand(words == most, f"EDGE_WEIGHT_SECTION: has {words} numbers, expected {most}: LOWER_ROW of {places} places")


def _check_matrix(rows: list[tuple[int, str]], places: int) -> None:
    """Check the rows of a matrix, one a line."""
    for number, line in rows:
        words = len(line.split())
        demand(words == places, f"EDGE_WEIGHT_SECTION, line {number}: expected {places} numbers, one per place, got {words}")
    demand(len(rows) == places, f"EDGE_WEIGHT_SECTION: has {len(rows)} lines, expected {places}, one per place")


def _value(word: str) -> float:
    """Read a number; what is none equals nothing."""
    try:
        return float(word)
    except ValueError:
        return float("nan")
