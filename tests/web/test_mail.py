"""The van is near: who gets a mail, when, in which language, and what the mail server makes of it."""

import email.policy
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import select

from bottles import intake, outbox, people
from bottles.codes import uuid7
from bottles.db import reading, transaction
from bottles.events import EventKind
from bottles.outbox import Letter
from bottles.people import Role
from bottles.wire import NewEvent
from web import jobs, mail, near
from web.jobs import Queue
from web.surroundings import Surroundings

from . import build_day
from .build_day import CELLAR, DAWN, DAY, SHOP, VAN
from .office_pages import in_english, said

SOON = DAWN + timedelta(minutes=65)
"""A quarter of an hour after the first stop was left; the second is served 80 minutes after dawn."""


class Mailbox:
    """A mail server that keeps what it gets, or refuses it."""

    def __init__(self):
        self.letters, self.answer = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd calls it so
        if self.answer.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    yield box
    server.stop()


@pytest.fixture
def settings(config):
    return replace(config.mail, host="127.0.0.1", port=1, sender="van@example.org", starttls=False)


@pytest.fixture
def day(territory_engine):
    """A published route: the shop first, then the cellar, whose winemaker wants a mail."""
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.order(session, {"jura-75": 60})], [build_day.pickup(session)]])
        people.by_email(session, "winemaker@example.org").van_mail = True
        return day


@pytest.fixture
def tell(territory_engine, day):
    def record(kind, at, task=0, point=SHOP, known=None, **facts):
        with transaction(territory_engine) as session:
            number = int(at.timestamp()) % 100_000
            here = {"task": day.tasks[task], "plan_version": day.plan, "point": point, "holder": VAN, **facts}
            new = NewEvent(id=uuid7(at, number), kind=kind, at=at, device="phone", sequence=number, **here)
            intake.record(session, new, build_day.author(session, Role.DRIVER), at=known or at)

    return record


@pytest.fixture
def write(app, territory_engine):
    """Write the mails that are due at a moment, and return all there are."""

    def letters(at):
        with app.app_context(), transaction(territory_engine) as session:
            near.write(session, at, DAY)
        with reading(territory_engine) as session:
            return session.exec(select(Letter)).all()

    return letters


def test_who_wants_it_gets_one_mail_when_the_van_is_near(write, tell):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))

    assert write(DAWN + timedelta(minutes=55)) == []
    assert [letter.address for letter in write(SOON)] == ["winemaker@example.org"]
    (letter,) = write(SOON + timedelta(minutes=1))
    assert "15 minutes" in letter.subject
    assert letter.until == DAWN + timedelta(minutes=75)


def test_a_mail_is_in_the_language_of_who_gets_it(write, tell, territory_engine):
    with transaction(territory_engine) as session:
        people.by_email(session, "winemaker@example.org").language = "en"
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))

    (letter,) = write(SOON)

    assert letter.subject == "The van comes in about 15 minutes"
    assert "should be there around 8:50" in letter.body
    assert "/partner" in letter.body


def test_a_route_nobody_has_heard_of_yet_sends_nothing(write, day):
    assert write(SOON) == []


def test_less_than_five_minutes_ahead_it_is_too_late_for_a_mail(write, tell):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))

    assert write(DAWN + timedelta(minutes=76)) == []


def test_a_phone_that_sends_late_makes_no_mail_for_a_stop_that_is_done(write, tell):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55), known=SOON)
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=64), task=1, point=CELLAR, known=SOON)

    assert write(SOON) == []


def test_a_route_that_is_closed_sends_nothing(write, tell, day):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))
    tell(EventKind.ROUTE_CLOSED, DAWN + timedelta(minutes=56), route=day.route)

    assert write(SOON) == []


def test_nobody_gets_a_mail_who_did_not_ask_for_it(write, tell, territory_engine):
    with transaction(territory_engine) as session:
        people.by_email(session, "winemaker@example.org").van_mail = False
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))

    assert write(SOON) == []


def test_a_letter_goes_to_the_mail_server_once(write, tell, mailbox, settings, territory_engine):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))
    write(SOON)
    settings = replace(settings, port=mailbox.port)

    assert mail.post(territory_engine, settings, "", lambda: SOON) == 1
    assert mail.post(territory_engine, settings, "", lambda: SOON) == 0

    (letter,) = mailbox.letters
    assert (letter["From"], letter["To"]) == ("van@example.org", "winemaker@example.org")
    assert "/partner" in letter.get_content()


def test_a_letter_that_is_refused_says_why_and_is_sent_later(write, tell, mailbox, settings, territory_engine):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))
    write(SOON)
    settings, mailbox.answer = replace(settings, port=mailbox.port), "451 come back later"

    assert mail.post(territory_engine, settings, "", lambda: SOON) == 0
    mailbox.answer = "250 OK"
    with reading(territory_engine) as session:
        assert "come back later" in session.exec(select(Letter)).one().trouble
    assert mail.post(territory_engine, settings, "", lambda: SOON + timedelta(minutes=3)) == 1
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize("address", ["one\nBcc: all@example.org", "", "@", "é@example.org", "<one", "one@" + "x" * 300])
def test_an_address_that_no_mail_can_bear_keeps_no_other_letter_back(mailbox, settings, territory_engine, address):
    with transaction(territory_engine) as session:
        outbox.write(session, "a", address, "The van", "comes", at=SOON)
        outbox.write(session, "b", "winemaker@example.org", "The van", "comes", at=SOON)

    mail.post(territory_engine, replace(settings, port=mailbox.port), "", lambda: SOON)

    assert "winemaker@example.org" in [letter["To"] for letter in mailbox.letters]
    with reading(territory_engine) as session:
        assert [letter.attempts for letter in session.exec(select(Letter))] == [1, 1]


def test_without_a_mail_server_nothing_is_sent_and_the_office_says_so(write, tell, settings, territory_engine, sign_in):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))
    write(SOON)

    assert mail.post(territory_engine, replace(settings, host=""), "", lambda: SOON) == 0
    assert "No mail server is set" in said(in_english(sign_in(Role.COORDINATOR)).get("/office"))


@pytest.fixture
def here(mailbox, settings, config, territory_engine, tmp_path) -> Surroundings:
    made = Surroundings(instance=tmp_path)
    told = replace(config, mail=replace(settings, port=mailbox.port))
    made.__dict__.update(config=told, engine=territory_engine, now=lambda: SOON)
    return made


def test_while_a_mail_server_hangs_no_second_tick_waits_for_it_too(here, monkeypatch):
    ticks = []
    # the tick that comes while one is at it
    monkeypatch.setattr(mail, "post", lambda *_: ticks.append(1) or jobs.post(here))

    jobs.post(here)
    jobs.post(here)

    assert len(ticks) == 2


def test_a_mail_that_cannot_be_written_keeps_no_waiting_letter_back(here, mailbox, territory_engine, monkeypatch):
    with transaction(territory_engine) as session:
        outbox.write(session, "a", "winemaker@example.org", "The van", "comes", at=SOON)
    monkeypatch.setattr(near, "write", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        jobs.post(here)

    assert [letter["To"] for letter in mailbox.letters] == ["winemaker@example.org"]


def test_a_worker_writes_and_sends_what_is_due(tell, here, mailbox, config, tmp_path):
    tell(EventKind.STOP_DONE, DAWN + timedelta(minutes=55))
    storage = jobs.open_storage(config, tmp_path)

    Queue(storage, post=lambda: jobs.post(here)).post()
    storage.execute(storage.dequeue())

    assert [letter["To"] for letter in mailbox.letters] == ["winemaker@example.org"]


def test_a_partner_chooses_to_be_told_by_mail(config, settings, sign_in, territory_engine, app, day):
    app.extensions["territory"] = replace(config, mail=settings)
    shop = in_english(sign_in(Role.SHOP))

    page = shop.post("/partner/van-mail", data={"wanted": "mail"}, follow_redirects=True).get_data(as_text=True)

    assert "You get a mail when the van is near." in page
    assert '<option value="mail" selected' in page
    with reading(territory_engine) as session:
        assert people.by_email(session, "shop@example.org").van_mail
