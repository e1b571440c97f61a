"""Draws a route on paper, for the day when a phone fails: a map, and each stop with its QR and blanks for what happened.

Ink on white, in the driver's language. Lengths are millimetres, font sizes points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from flask_babel import force_locale, gettext, pgettext  # type: ignore[import-untyped]  # it ships no types
from fpdf import FPDF
from fpdf.prefs import ViewerPreferences
from sqlmodel import Session

from bottles import links
from bottles.db import find
from bottles.links import KeyKind
from bottles.points import Point
from bottles.routes import Plan, PlanStatus, Route

from . import formats, labels, planned, route_map
from .config import Config
from .label_sheets import PAGE
from .labels import Box, printable
from .planned import Amount, Halt, Tour, Unload

MARGIN, FOOT = 10.0, 8.0
HEAD = 21.0
"""Of the first page, down to the map; the others begin with the table."""
MAP = 52.0
TITLES = 5.0
"""Of the table."""
COLUMNS = (15.0, 67.0, 63.0, 28.0, 17.0)
"""When, where, what, signature, QR."""
LEAST = 15.6
"""A stop's row, so that a page takes a dozen of them, and a phone still reads the QR."""
SLIM = 6.0
"""A row that only says something."""
LINE, ASKED = 3.5, 4.9
"""From one line of words to the next, and from one count to the next."""
BLANK = 15.0
"""Width of a box to write a count into."""
NOTE = 7.0
MOST_NOTES = 4
"""Lines of an access note, at most."""


@dataclass(frozen=True)
class Row:
    """One row of the table and its height."""

    height: float
    halt: Halt | None = None
    words: str = ""
    """What a row without a stop says."""


def sheet(session: Session, route: Route, config: Config, *, at: datetime) -> bytes:
    """Draw a route's sheet as a PDF; points that have no number for their QR yet are given one."""
    plan = find(session, Plan, route.plan)
    tour = next(tour for tour in planned.picture(session, plan).tours if tour.route.id == route.id)
    codes = {halt.point.id: _link(session, halt.point, config) for halt in tour.halts}
    centre = find(session, Point, tour.vehicle.centre)
    language = tour.driver.language if tour.driver else ""
    with force_locale(language if language in config.territory.languages else config.territory.language):
        return _Paper(plan, tour, centre, codes, config).drawn(at)


def _link(session: Session, point: Point, config: Config) -> str:
    number = links.number(session, KeyKind.POINT, point.id)
    return links.point_link(config.labels.host, links.gln(config.labels.prefix, number))


def asked(halt: Halt) -> list[str]:
    """Say what is taken, left and delivered at a stop, a line for each count; at least one to take and one to leave."""
    took = [gettext("Take %(n)s × %(kind)s", n=formats.number(one.n), kind=one.kind) for one in halt.take]
    left = [_left(one) for one in halt.leave]
    return [*(took or [gettext("Take: nothing asked")]), *(left or [gettext("Leave: nothing asked")])]


def _left(one: Amount) -> str:
    if one.unit == "bottle":
        return str(gettext("Deliver %(n)s × %(kind)s", n=formats.number(one.n), kind=one.kind))
    return str(gettext("Leave %(n)s empty × %(kind)s", n=formats.number(one.n), kind=one.kind))


def paginate(rows: Sequence[Row], first: float, others: float) -> list[list[Row]]:
    """Put rows on pages, the first of which has less room."""
    pages: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.height > room and pages[-1]:
            pages.append([])
            room = others
        pages[-1].append(row)
        room -= row.height
    return pages


@dataclass
class _Paper:
    """One sheet while it is drawn."""

    plan: Plan
    tour: Tour
    centre: Point
    codes: Mapping[str, str]
    config: Config

    def __post_init__(self) -> None:
        self.pdf = pdf = FPDF(unit="mm", format="A4")
        # the fonts every PDF reader has know cp1252: all of French, and not more
        pdf.core_fonts_encoding = "cp1252"
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
        self.line = partial(labels.line, pdf)
        self.title = str(gettext("Route sheet, %(day)s", day=formats.day(self.plan.day)))

    def drawn(self, at: datetime) -> bytes:
        """Draw everything."""
        self.pdf.set_title(printable(f"{self.config.territory.name} - {self.title}"))
        self.pdf.set_creation_date(at)
        self.pdf.add_page()  # words are measured on a page
        room = PAGE[1] - 2 * MARGIN - FOOT - TITLES
        pages = paginate(list(self._rows()), room - HEAD - MAP - 2, room)
        for number, rows in enumerate(pages, start=1):
            top = MARGIN
            if number > 1:
                self.pdf.add_page()
            else:
                self._head()
                self._map(Box(MARGIN, MARGIN + HEAD, PAGE[0] - 2 * MARGIN, MAP))
                top += HEAD + MAP + 2
            self._table(rows, top)
            self._foot(number, len(pages), at)
        return bytes(self.pdf.output())

    # -- the head

    def _head(self) -> None:
        tour, wide = self.tour, PAGE[0] - 2 * MARGIN
        self.line(MARGIN, MARGIN + 5, wide * 0.62, formats.headed(self.title), 16, "B")
        self._right(PAGE[0] - MARGIN, MARGIN + 5, self.config.territory.name, 9, "")
        driver = tour.driver.name if tour.driver else str(gettext("Nobody drives yet"))
        self.line(MARGIN, MARGIN + 11, wide, f"{tour.vehicle.name}, {driver}", 12, "B")
        said = [
            gettext("Leaves %(place)s at %(clock)s", place=self.centre.town, clock=formats.clock(tour.departs)),
            gettext("back at %(clock)s", clock=formats.clock(tour.route.returns)),
            formats.km(tour.route.metres),
            formats.quantity(len(tour.halts), "stop"),
            *(gettext("break at %(clock)s", clock=formats.clock(at)) for at in planned.breaks(tour)),
        ]
        self.line(MARGIN, MARGIN + 16, wide, ", ".join(map(str, said)), 9.5, "")
        self.line(MARGIN, MARGIN + 19.8, wide, " ".join(self._warnings()), 8, "")

    def _warnings(self) -> Iterator[str]:
        if self.plan.status is not PlanStatus.PUBLISHED:
            yield str(gettext("Version %(number)s does not stand: it is a draft, or was replaced.", number=self.plan.version))
        if self.config.cooperative.phone:
            yield str(gettext("In trouble, call %(phone)s.", phone=self.config.cooperative.phone))
        yield str(gettext("This sheet helps when the phone fails: write here, and bring it to the office."))

    def _map(self, box: Box) -> None:
        before = [(*(self.centre for _unload in halt.unloads), halt.point) for halt in self.tour.halts]
        between = [point for points in before for point in points]
        home = [self.centre for _unload in self.tour.home["unloads"]]
        stops = [(halt.number, halt.point) for halt in self.tour.halts]
        route_map.sketch(self.pdf, box, self.centre, [self.centre, *between, *home, self.centre], stops)

    # -- the table

    def _rows(self) -> Iterator[Row]:
        for halt in self.tour.halts:
            yield from map(self._unload, halt.unloads)
            counts = len(asked(halt)) * ASKED + 1.5
            yield Row(max(LEAST, counts, (3.3 + len(self._notes(halt))) * LINE + 1.2), halt)
        if not self.tour.halts:
            yield Row(2 * SLIM, words=str(gettext("This route has no stops.")))
        yield from map(self._unload, self.tour.home["unloads"])
        back = gettext("%(clock)s: back at %(place)s", clock=formats.clock(self.tour.route.returns), place=self.centre.name)
        yield Row(SLIM, words=str(back))
        yield Row(LEAST, words=str(gettext("A stop that was not planned:")))

    def _unload(self, unload: Unload) -> Row:
        hours = {"start": formats.clock(unload.arrives), "end": formats.clock(unload.leaves)}
        return Row(SLIM, words=str(gettext("%(start)s to %(end)s: unload at the centre", **hours)))

    def _table(self, rows: Sequence[Row], top: float) -> None:
        titles = (
            pgettext("route sheet", "Stop"),
            gettext("Place"),
            gettext("What, and how many it was"),
            gettext("Time and signature"),
            "",
        )
        left = MARGIN
        for title, width in zip(titles, COLUMNS, strict=True):
            self.line(left + (left == MARGIN), top + 3.6, width - 2, str(title), 8, "B")
            left += width
        top += TITLES
        for row in rows:
            self._rule(top)
            if row.halt:
                self._stop(row.halt, top, row.height)
            else:
                self.line(MARGIN + 1, top + 4.2, PAGE[0] - 2 * MARGIN - 2, row.words, 8.5, "")
            top += row.height
        self._rule(top)

    def _stop(self, halt: Halt, top: float, height: float) -> None:
        when, where, what, signed, _code = COLUMNS
        self.line(MARGIN + 1, top + 6, when - 2, str(halt.number), 15, "B")
        self.line(MARGIN + 1, top + 11, when - 2, formats.clock(halt.stop.arrives), 10, "")
        self._place(halt, MARGIN + when, top, where - 3)
        self._counts(halt, MARGIN + when + where, top, what - 3)
        self._sign(MARGIN + when + where + what, top, height, signed - 3)
        self._qr(self.codes[halt.point.id], top)

    def _place(self, halt: Halt, left: float, top: float, width: float) -> None:
        point, base = halt.point, top + LINE + 0.3
        self.line(left, base, width, point.name, 9.5, "B")
        # the town first: a long line is cut at its end
        where = ", ".join(filter(None, (f"{point.postcode} {point.town}", point.street)))
        self.line(left, base + LINE, width, where, 8, "")
        self.line(left, base + 2 * LINE, width, " ".join(filter(None, (point.phone, point.contact))), 8, "B")
        for n, text in enumerate(self._notes(halt), start=3):
            self.line(left, base + n * LINE, width, text, NOTE, "")

    def _notes(self, halt: Halt) -> list[str]:
        """Return an access note in lines that fit; what does not go on is on the phone."""
        text = printable(halt.point.access_note)
        if not text:
            return []
        self.pdf.set_font("helvetica", "", NOTE)
        broken = self.pdf.multi_cell(COLUMNS[1] - 3, text=text, dry_run=True, output="LINES")
        found = cast(list[str], broken)  # what a dry run returns when asked for lines
        return found if len(found) <= MOST_NOTES else [*found[: MOST_NOTES - 1], f"{found[MOST_NOTES - 1]} …"]

    def _counts(self, halt: Halt, left: float, top: float, width: float) -> None:
        self.pdf.set_line_width(0.25)
        for n, text in enumerate(asked(halt)):
            above = top + 0.8 + n * ASKED
            self.line(left, above + 3.2, width - BLANK - 1.5, text, 9, "")
            self.pdf.rect(left + width - BLANK, above, BLANK, ASKED - 0.7)

    def _sign(self, left: float, top: float, height: float, width: float) -> None:
        self.pdf.set_line_width(0.2)
        self.line(left, top + 4.2, width, str(pgettext("route sheet", "at")), NOTE, "")
        for base in (top + 4.8, top + height - 1.8):
            self.pdf.line(left + (5 if base < top + 5 else 0), base, left + width, base)

    def _qr(self, link: str, top: float) -> None:
        modules = labels.matrix(link)
        side = LEAST - 0.6
        module = side / (len(modules) + 2 * labels.QUIET)
        edge = labels.QUIET * module
        labels.symbol(self.pdf, PAGE[0] - MARGIN - side + edge, top + 0.3 + edge, module, modules)

    # -- around

    def _rule(self, top: float) -> None:
        self.pdf.set_draw_color(0)
        self.pdf.set_line_width(0.15)
        self.pdf.line(MARGIN, top, PAGE[0] - MARGIN, top)

    def _foot(self, number: int, count: int, at: datetime) -> None:
        base = PAGE[1] - MARGIN
        made = gettext("printed on %(day)s at %(clock)s", day=formats.short_day(at), clock=formats.clock(at))
        said = f"{self.config.territory.name}, {self.title}, {self.tour.vehicle.name}, {made}"
        self.line(MARGIN, base, PAGE[0] - 2 * MARGIN - 25, said, 7.5, "")
        self._right(PAGE[0] - MARGIN, base, str(gettext("page %(number)s of %(count)s", number=number, count=count)), 7.5, "")

    def _right(self, right: float, base: float, text: str, points: float, style: str) -> None:
        self.pdf.set_font("helvetica", style, points)
        width = min(self.pdf.get_string_width(printable(text)), 60)
        self.line(right - width, base, width, text, points, style)
