"""Forms: read every field, gather what is wrong, and come back filled in with the sentence beside the field.

WTForms is not used: a field here is one typed call, and the sentence of a use case's refusal lands beside a field the same
way as that of a badly typed number. A view that changes something reads like this::

    @bp.route("/pickups/new", methods=["GET", "POST"])
    @allowed(Role.WINEMAKER, Role.SHOP)
    def ask() -> ResponseReturnValue:
        '''Ask for a pickup at one of my points.'''
        form = Form(request.form)
        if request.method == "POST":
            with form:                                    # keeps refusals raised inside, by field
                take = form.whole_number("take", low=0, high=200)
                ready = form.day("ready_from")
                form.check()                              # stops here when a field above was wrong
                with transaction(engine()) as session:
                    pickups.request(session, g.partner, ..., take, ready_from=ready, at=g.now)
                return redirect(url_for(".home"), 303)    # only reached when nothing was refused
        return form.page("partner/ask.html", points=...)  # 200, or 422 with form.errors

In the template, `form.value("take", 12)` is what the person typed, else the default; `form.error("take")` the sentence,
and `form.error("")` what belongs to no field; `form.faults()` lists them all, each with its field's label.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time
from types import TracebackType
from typing import Any, Self

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles.errors import Conflict, Fault, Invalid, Refusal, say

MISSING = say("Fill this in.")


def sentence(refusal: Refusal) -> str:
    """Say a refusal in the reader's language."""
    return str(gettext(refusal.message)) % refusal.values


def finding(fault: str) -> str:
    """Say what an audit found wrong in the reader's language; what is nothing but figures stays as it is."""
    return str(gettext(fault.message)) % fault.values if isinstance(fault, Fault) else fault


class Form:
    """A form as it was sent. A field that reads badly leaves its sentence, and the reading goes on."""

    def __init__(self, sent: Mapping[str, str]) -> None:
        self.sent = sent
        self.errors: dict[str, str] = {}
        self.status = 200
        self.fields: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Keep what was refused for the page; let anything else through."""
        if isinstance(error, Invalid | Conflict):
            self.status = 422 if isinstance(error, Invalid) else 409
            if not isinstance(error, _Gathered):
                self.errors.setdefault(error.field or "", sentence(error))
            return True
        return False

    def check(self) -> None:
        """Go no further when a field was wrong."""
        if self.errors:
            raise _Gathered("")

    def page(self, template: str, **values: Any) -> ResponseReturnValue:
        """Show the form: empty, or filled in with what was wrong."""
        return draw(template, [self], form=self, **values), self.status

    def value(self, name: str, default: object = "") -> Any:
        """Return what was typed, else the default."""
        return self.sent.get(name, default) if self.sent else default

    def error(self, name: str) -> str:
        """Return the sentence beside a field; empty when it is well."""
        return self.errors.get(name, "")

    def field(self, name: str, label: str) -> str:
        """Return the sentence beside a field that is drawn now, and remember what the page calls it."""
        self.fields.setdefault(name, label)
        return self.error(name)

    def faults(self) -> list[tuple[str, str, str]]:
        """List what is wrong as the page shows it: name, label and sentence, first those of no field."""
        order = ["", *self.fields]
        named = sorted(self.errors, key=lambda name: order.index(name) if name in order else len(order))
        return [(name, self.fields.get(name, ""), self.errors[name]) for name in named]

    def refuse(self, name: str, message: str, **values: Any) -> None:
        """Leave a sentence beside a field."""
        self.errors.setdefault(name, str(gettext(message)) % values)

    def text(self, name: str, *, required: bool = True, longest: int = 200, strip: bool = True) -> str:
        """Read a text; control characters other than line ends are refused."""
        typed = self.sent.get(name, "")
        typed = typed.strip() if strip else typed
        if required and not typed:
            self.refuse(name, MISSING)
        if len(typed) > longest:
            self.refuse(name, say("Write at most %(longest)d characters."), longest=longest)
        if any(ord(character) < 32 and character not in "\r\n\t" for character in typed):
            self.refuse(name, say("This holds characters that cannot be kept: type it again."))
        return typed

    def whole_number(self, name: str, *, low: int = 0, high: int, default: int | None = None) -> int:
        """Read a whole number, "1 200" and "1200" alike; an empty field is the default."""
        typed = _bare(self.sent.get(name, ""))
        if not typed and default is not None:
            return default
        digits = typed.removeprefix("-")
        value = int(typed) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
        if value is None or not low <= value <= high:
            self.refuse(name, say("Give a whole number from %(low)d to %(high)d."), low=low, high=high)
        return low if value is None else value

    def number(self, name: str, *, low: float, high: float, default: float | None = None) -> float:
        """Read a number with a comma or a point; an empty field is the default."""
        typed = _bare(self.sent.get(name, "")).replace(",", ".")
        if not typed and default is not None:
            return default
        try:
            value = float(typed)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.refuse(name, say("Give a number from %(low)g to %(high)g."), low=low, high=high)
        return value

    def day(self, name: str, *, first: date | None = None, last: date | None = None) -> date:
        """Read a day as a date field sends it."""
        value = self.optional_day(name)
        if value is None:
            self.refuse(name, say("Choose a day."))
        elif first and value < first:
            self.refuse(name, say("Choose a later day: the first is %(first)s."), first=first.strftime("%d/%m/%Y"))
        elif last and value > last:
            self.refuse(name, say("Choose an earlier day: the last is %(last)s."), last=last.strftime("%d/%m/%Y"))
        return value or first or date.min

    def optional_day(self, name: str) -> date | None:
        """Read a day, or None when the field is empty."""
        typed = self.sent.get(name, "").strip()
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            self.refuse(name, say("Choose a day."))
            return None

    def clock(self, name: str) -> time:
        """Read an hour as a time field sends it."""
        try:
            return time.fromisoformat(self.sent.get(name, "").strip()).replace(tzinfo=None)
        except ValueError:
            self.refuse(name, say("Give an hour such as 08:30."))
            return time.min

    def choice(self, name: str, options: Iterable[str]) -> str:
        """Read one of the options offered."""
        chosen = self.sent.get(name, "")
        if chosen not in set(options):
            self.refuse(name, say("Choose one of the list."))
        return chosen

    def ticked(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return name in self.sent


def draw(template: str, forms: Iterable[Form], **values: Any) -> str:
    """Draw a page with forms; one that came back is drawn twice, since its list of faults stands above the fields it names."""
    if any(form.errors for form in forms):
        render_template(template, **values)
    return render_template(template, **values)


class _Gathered(Invalid):
    """Fields are wrong, and their sentences are already kept."""


def _bare(typed: str) -> str:
    return "".join(typed.split())
