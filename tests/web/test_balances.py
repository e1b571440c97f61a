"""Who has what, on the coordinator's and the partners' pages: by holder, by age, at two past times; stocktakes."""

import csv
import io
from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import ledger
from bottles.catalogue import CrateType
from bottles.db import reading, transaction
from bottles.disputes import Dispute, DisputeStatus
from bottles.ledger import AccountKind, Key, Posting
from bottles.points import Point
from bottles.stocktakes import Stocktake
from web import csv_out

from . import build_day
from .build_day import CELLAR, CENTRE, CRATE, SHOP, VAN
from .conftest import TUESDAY
from .office_pages import counted, office
from .partner_pages import english, shop, winemaker

__all__ = ["office", "shop", "winemaker"]

CLEAN = Key(AccountKind.CLEAN, CENTRE, CRATE)
AT_CELLAR, AT_SHOP = Key(AccountKind.POINT, CELLAR, CRATE), Key(AccountKind.POINT, SHOP, CRATE)
ABOARD = Key(AccountKind.VAN, VAN, CRATE)


def text(answer):
    return " ".join(answer.get_data(as_text=True).split())


def days_ago(days):
    return TUESDAY - timedelta(days=days)


def move(session, source, target, quantity, at, *, known_at=None):
    posting = Posting(source, target, quantity, f"test:{at.isoformat()}:{target.holder}", at)
    ledger.post(session, [posting], known_at=known_at or at)


@pytest.fixture
def held(territory_engine):
    """Crates at two points: 12 at the cellar of two ages, 3 at the shop that we heard of late."""
    with transaction(territory_engine) as session:
        build_day.places(session)
        move(session, Key(AccountKind.OUTSIDE, "", CRATE), CLEAN, 100, days_ago(120))
        move(session, CLEAN, AT_CELLAR, 7, days_ago(100))
        move(session, CLEAN, AT_CELLAR, 5, days_ago(10))
        move(session, CLEAN, AT_SHOP, 3, days_ago(20), known_at=days_ago(1))


# -- the list


def test_each_holder_is_listed_with_how_long_they_have_had_it(office, held):
    page = text(office.get("/office/balances"))

    assert "Domaine Chêne, Arbois" in page
    assert "<b>5</b> <span>up to 30 days" in page
    assert "<b>7</b> <span>over 90 days" in page
    assert "<b>15</b>" in page  # both points together


def test_an_empty_loop_says_what_will_be_here(office):
    assert "Nothing is in the loop yet." in text(office.get("/office/balances"))


def test_a_filter_keeps_the_holders_it_names(office, held):
    page = text(office.get("/office/balances?q=poligny"))

    assert "Cave Exemple, Poligny" in page
    assert "Domaine Chêne" not in page
    assert "Nobody holds anything that answers this filter." in text(office.get("/office/balances?q=nowhere"))


@pytest.mark.parametrize(("query", "shown"), [("group=centre", False), ("group=points", True), ("item=clavelin-62", False)])
def test_groups_and_items_can_be_chosen(office, held, query, shown):
    assert ("Domaine Chêne, Arbois" in text(office.get(f"/office/balances?{query}"))) is shown


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("as_of=2026-10-01T12:00", True),
        ("as_of=15/09/2026", False),
        ("as_of=16/9/2026", True),
        ("as_of=16.9.2026+10+h+30", True),
        ("as_of=2026-09-15", False),
        ("as_of=2026-09-16", True),
        ("known_at=2026-10-01T12:00", False),
        ("known_at=2026-10-06T12:00&as_of=2026-10-01T12:00", True),
    ],
)
def test_a_past_time_is_told_as_it_was_and_as_it_was_known(office, held, query, there):
    assert ("Cave Exemple, Poligny" in text(office.get(f"/office/balances?{query}"))) is there


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-40", "0001-01-01T00:00", "2026-10-06T10:30+99:99"])
def test_a_bad_day_gets_a_sentence_and_is_kept(office, held, typed):
    for path in ("/office/balances", f"/office/balances/points/{CELLAR}", "/office/balances/balances.csv"):
        answer = office.get(path, query_string={"as_of": typed}, follow_redirects=True)

        assert answer.status_code == 422
        assert "Give a day and an hour" in text(answer)
        assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize("typed", ["1900-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_out_of_our_calendar_is_told_which_years_there_are(office, held, typed):
    answer = office.get("/office/balances", query_string={"as_of": typed})

    assert answer.status_code == 422
    assert "Give a year from 2000 to 2099." in text(answer)
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2026-09-15", "2026-09-15T23:59"),
        ("16.9.2026 10 h 30", "2026-09-16T10:30"),
        ("2026-09-15T08:00Z", "2026-09-15T10:00"),
        ("2026-09-15T10:00", "2026-09-15T10:00"),
    ],
)
def test_the_browsers_own_field_shows_the_moment_that_was_asked_for(office, held, typed, shown):
    for path in ("/office/balances", f"/office/balances/points/{CELLAR}"):
        assert f'value="{shown}"' in office.get(path, query_string={"as_of": typed}).text


def test_a_balance_below_nought_is_marked_with_its_difference(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        move(session, AT_CELLAR, ABOARD, 8, days_ago(1))
        dispute = session.exec(select(Dispute.id)).one()

    page = text(office.get("/office/balances"))

    assert "more left than came" in page
    assert f"/office/disputes/{dispute}" in page


def test_a_long_list_takes_as_few_questions_as_a_short_one(office, held, territory_engine):
    with counted(territory_engine) as few:
        office.get("/office/balances")
    with transaction(territory_engine) as session:
        kept = session.get(Point, CELLAR).model_dump(exclude={"id"})
        session.add_all([Point(id=f"p{n}", **kept) for n in range(30)])
        for n in range(30):
            move(session, CLEAN, Key(AccountKind.POINT, f"p{n}", CRATE), 1, days_ago(n))

    with counted(territory_engine) as many:
        office.get("/office/balances")

    assert len(many) == len(few)


def test_a_holder_of_several_things_is_named_once(office, held, territory_engine):
    with transaction(territory_engine) as session:
        move(
            session, Key(AccountKind.OUTSIDE, "", "clavelin-62"), Key(AccountKind.POINT, CELLAR, "clavelin-62"), 9, days_ago(2)
        )

    page = text(office.get("/office/balances?group=points"))

    assert page.count(">Domaine Chêne, Arbois</a>") == 1
    assert 'scope="rowgroup" rowspan="2"' in page


def test_a_long_group_is_shown_in_part_beside_others_and_whole_alone(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        kept = session.get(Point, CELLAR).model_dump(exclude={"id", "name"})
        session.add_all([Point(id=f"p{n}", name=f"Point {n:02}", **kept) for n in range(20)])
        for n in range(20):
            move(session, CLEAN, Key(AccountKind.POINT, f"p{n}", CRATE), n + 1, days_ago(n))

    some, every = text(office.get("/office/balances")), text(office.get("/office/balances?group=points"))

    assert "Show all 20" in some
    assert ("Point 19" in some, "Point 00" in some) == (True, False)
    assert ("Point 00" in every, "Show all 20" in every) == (True, False)


# -- the file


def test_the_file_says_once_that_it_is_utf_8(office, held):
    assert office.get("/office/balances/balances.csv").headers["Content-Type"] == "text/csv; charset=utf-8"


def rows_of(answer):
    content = answer.get_data().decode("utf-8")
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";"))


def test_the_file_has_what_the_page_shows(office, held):
    answer = office.get("/office/balances/balances.csv?group=points&q=arbois")

    (row,) = rows_of(answer)
    assert answer.mimetype == "text/csv"
    assert (row["Holder"], row["Quantity"], row["up to 30 days"], row["over 90 days"]) == (CELLAR, "12", "5", "7")
    assert row["Oldest since"].startswith("2026-06-28")


def test_a_file_of_a_bad_day_leads_back_to_the_sentence(office, held):
    answer = office.get("/office/balances/balances.csv?as_of=soon&q=arbois&_external=1")

    assert answer.status_code == 303
    assert answer.location.startswith("/office/balances?")
    assert "Give a day and an hour" in text(office.get(answer.location))


def test_no_name_becomes_a_formula(office, held, territory_engine):
    with transaction(territory_engine) as session:
        session.get(Point, CELLAR).name = '=HYPERLINK("http://example.org";"x")'

    names = [row["Name"] for row in rows_of(office.get("/office/balances/balances.csv?group=points"))]

    assert any(name.startswith("'=HYPERLINK") for name in names)


@pytest.mark.parametrize("typed", ["=1+1", "+33", "-1", "@sum", "\t=1", "  =1", "%x"])
def test_a_text_that_looks_like_a_formula_is_marked(typed):
    assert csv_out.cell(typed) == f"'{typed}"
    assert csv_out.cell(-1) == -1


# -- one holder


def test_a_holder_has_a_statement_with_a_running_balance(office, held):
    page = text(office.get(f"/office/balances/points/{CELLAR}"))

    assert "from Centre de lavage de Pont-du-Navoy, clean" in page
    assert page.index(">12</td>") < page.rindex(">7</td>")
    assert "28/06/2026" in page


def test_a_statement_leads_to_what_moved_the_crates(office, territory_engine):
    with transaction(territory_engine) as session:
        made = build_day.labelled(session, 3)
        day = build_day.plan(session, [[build_day.pickup(session)]])
        build_day.brought(session, day, {CRATE: 8})

    page = text(office.get(f"/office/balances/points/{CELLAR}"))

    assert "/office/pickups/1" in page
    assert "3 crates by their label" in page
    assert f"/office/crates/{made[0].code}" in page


def test_a_long_statement_has_pages(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        for n in range(60):
            move(session, CLEAN, AT_CELLAR, 1, days_ago(n))

    first, second = (text(office.get(f"/office/balances/points/{CELLAR}?page={page}")) for page in (0, 1))

    assert "Older ones" in first
    assert "Newer ones" not in first
    assert "Newer ones" in second
    assert "Older ones" not in second


@pytest.mark.parametrize("path", ["points/nowhere", "vans/cellar", "partners/cellar", "nothing/cellar", f"points/{'x' * 300}"])
def test_a_holder_nobody_knows_is_not_found(office, held, path):
    assert office.get(f"/office/balances/{path}").status_code == 404
    assert office.post(f"/office/balances/{path}", data={"what": f"point:{CRATE}", "counted": "3"}).status_code == 404


# -- stocktakes


def taken(engine):
    with reading(engine) as session:
        return list(session.exec(select(Stocktake)))


def test_a_count_is_kept_with_its_author_and_what_is_missing_is_unexplained(office, held, territory_engine):
    data = {"what": f"point:{CRATE}", "counted": "9", "note": "With the host"}
    answer = office.post(f"/office/balances/points/{CELLAR}", data=data, follow_redirects=True)

    (row,) = taken(territory_engine)
    assert (row.counted, row.opening, row.note) == (9, False, "With the host")
    assert "Counted, and kept with your name." in text(answer)
    assert "With the host" in text(answer)
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, *AT_CELLAR[:3]) == 9
        assert ledger.on_hand(session, AccountKind.UNEXPLAINED, CELLAR, CRATE) == 3


def test_a_first_count_before_the_first_pickup_closes_the_difference(office, territory_engine):
    with transaction(territory_engine) as session:
        build_day.places(session)
        move(session, AT_CELLAR, ABOARD, 8, days_ago(1))
    page = text(office.get(f"/office/balances/points/{CELLAR}"))
    assert 'name="opening" value="yes" checked' in page

    data = {"what": f"point:{CRATE}", "counted": "8", "counted_at": "2026-10-01", "opening": "yes"}
    office.post(f"/office/balances/points/{CELLAR}", data=data)

    with reading(territory_engine) as session:
        assert session.exec(select(Dispute.status)).all() == [DisputeStatus.EXPLAINED]
        assert ledger.on_hand(session, *AT_CELLAR[:3]) == 0


@pytest.mark.parametrize(
    ("field", "typed"),
    [("counted", "many"), ("counted", ""), ("what", "available:jura-75"), ("counted_at", "2027-01-01"), ("counted_at", "soon")],
)
def test_a_count_that_cannot_be_comes_back_with_its_sentence(office, held, territory_engine, field, typed):
    data = {"what": f"point:{CRATE}", "counted": "9", "note": "kept"} | {field: typed}

    answer = office.post(f"/office/balances/points/{CELLAR}", data=data)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "kept" in answer.text
    assert taken(territory_engine) == []


def test_crates_of_every_type_can_be_counted_at_the_centre_clean_or_not(office, held, territory_engine):
    page = office.get(f"/office/balances/centre/{CENTRE}").text

    with reading(territory_engine) as session:
        types = list(session.exec(select(CrateType.id)))
    assert all(f'value="{kind}:{key}"' in page for key in types for kind in ("clean", "received"))


# -- what a partner sees


def test_a_partner_sees_how_long_crates_have_been_with_them_and_nothing_of_others(winemaker, shop, held):
    mine, theirs = (text(english(client, "/partner/crates")) for client in (winemaker, shop))

    assert "<b>7</b> <span>over 90 days" in mine
    assert "The longest there came on Sunday 28 June" in mine
    assert "<b>3</b> <span>up to 30 days" in theirs
    assert "Chêne" not in theirs


def test_a_partner_sees_the_crates_lent_to_them_but_not_the_bottles_they_bought(winemaker, shop, territory_engine):
    with transaction(territory_engine) as session:
        for item, quantity in ((CRATE, 6), ("jura-75", 240)):
            bought = Key(AccountKind.CUSTOMER, "domaine-chene", item)
            move(session, Key(AccountKind.OUTSIDE, "", item), bought, quantity, days_ago(40))

    page = text(english(winemaker, "/partner/crates"))

    assert "Lent to you" in page
    assert "<b>6</b> <span>31 to 60 days" in page
    assert "240" not in page
    assert "Lent to you" not in text(english(shop, "/partner/crates"))
