"""Fills in forms as a person does: what the page already says stays, what is typed takes its place."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Sheet:
    """A form of a page: where it goes, and what it says before anybody types."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.sheets.append(Sheet(said.get("action", ""), said.get("method", "get")))
        elif self.sheets and tag in ("input", "button", "select", "textarea", "option"):
            getattr(self, f"read_{tag}")(said, self.sheets[-1])

    def read_input(self, said: dict[str, str], sheet: Sheet) -> None:
        ticks = said.get("type") in ("checkbox", "radio")
        if said.get("name") and (not ticks or "checked" in said):
            sheet.fields[said["name"]] = said.get("value", "on" if ticks else "")

    def read_button(self, said: dict[str, str], sheet: Sheet) -> None:
        if said.get("name"):
            sheet.buttons.append((said["name"], said.get("value", "")))

    def read_select(self, said: dict[str, str], sheet: Sheet) -> None:
        self.select = said.get("name", "")

    def read_textarea(self, said: dict[str, str], sheet: Sheet) -> None:
        self.area = said.get("name", "")
        sheet.fields[self.area] = ""

    def read_option(self, said: dict[str, str], sheet: Sheet) -> None:
        if self.select and ("selected" in said or self.select not in sheet.fields):
            sheet.fields[self.select] = said.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sheets[-1].fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area


def fill(client: FlaskClient, page: str, to: str = "", /, **typed: Any) -> TestResponse:
    """Open a page, fill in the form that goes `to` an address (or to the page itself) and send it; a refusal fails the test.

    Field names are given with "_" for "-" where they have one.
    """
    reader, opened, goal = Reader(), client.get(page), to or page
    reader.feed(opened.text)
    sheets = {(sheet.action or page).split("#")[0]: sheet for sheet in reader.sheets if sheet.method == "post"}
    assert goal in sheets, f"{page} answered {opened.status_code} {opened.location or ''} with forms for {sorted(sheets)}"
    sheet = sheets[goal]
    known = {name.replace("-", "_"): name for name in [*sheet.fields, *(name for name, _ in sheet.buttons)]}
    assert typed.keys() <= known.keys(), f"{goal} asks for {sorted(known)}"
    answer = client.post(goal, data=sheet.fields | {known[name]: value for name, value in typed.items()})
    assert answer.status_code in (200, 204, 303), f"{goal} answered {answer.status_code}: {sheet.fields}"
    return answer
