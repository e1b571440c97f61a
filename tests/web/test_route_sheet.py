"""A route on paper: what it says, read back from the printed pages by eye and by scanner."""

from datetime import timedelta

import pypdfium2
import pytest

from bottles import links, pickups, routes
from bottles.db import find, transaction
from bottles.links import KeyKind
from bottles.people import Person, Role
from bottles.points import Point, PointKind
from bottles.routes import Route
from web import route_sheet
from web.label_sheets import PAGE
from web.labels import Box
from web.route_map import Scale, gathered

from . import build_day
from .office_pages import driver, office, said
from .sheets import HOST, PREFIX, pages, read, words

__all__ = ["driver", "office"]

TOWNS = ("Arbois", "Poligny", "Château-Chalon", "Salins-les-Bains", "Saint-Amour", "Lons-le-Saunier", "Ménétru-le-Vignoble")
LONG = "Fruitière vinicole coopérative des producteurs réunis du vignoble de la Reculée et des Côtes"
NOTE = "Portail au fond de la cour, sonner deux fois ; le chien est gentil. Ne pas se garer devant la grange du voisin, " * 3


def many(session, count: int, *, driver: Role = Role.DRIVER) -> build_day.Day:
    """A published route with so many stops, each said as long as can be."""
    build_day.places(session)
    tasks = []
    for n in range(count):
        town = TOWNS[n % len(TOWNS)]
        point = Point(id=f"point-{n}", partner="domaine-chene", kind=PointKind.WINERY, name=f"{LONG} {n}", town=town,
                      postcode="39600", street="12 bis rue de la Très-Longue-Côte-du-Vieux-Château", access_note=NOTE,
                      lat=46.5 + (n * 37 % 41) / 80, lon=5.4 + (n * 17 % 29) / 60, hours=build_day.ALL_WEEK,
                      contact="Anne-Marie de la Montagne", phone=f"03 84 00 00 {n:02d}")  # fmt: skip
        session.add(point)
        session.flush()
        tasks.append(_pickup(session, point.id))
    return build_day.plan(session, [[task] for task in tasks], driver=driver)


def _pickup(session, point):
    who = build_day.author(session, Role.WINEMAKER)
    wanted = [pickups.Crates(build_day.CRATE, 8, 4)]
    asked = pickups.request(session, "domaine-chene", point, wanted, who.person, ready_from=build_day.DAY, at=build_day.DAWN)
    return next(task for task in routes.gather(session, at=build_day.DAWN) if task.pickup == asked.id)


@pytest.fixture
def ordinary(territory_engine):
    with transaction(territory_engine) as session:
        return build_day.plan(
            session, [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60, "clavelin-62": 24})]]
        )


@pytest.fixture
def sheet(ordinary, office):
    return office.get(f"/office/plan/routes/{ordinary.route}.pdf")


def test_a_route_is_a_pdf_of_one_page(sheet):
    assert sheet.status_code == 200
    assert sheet.mimetype == "application/pdf"
    (page,) = pypdfium2.PdfDocument(sheet.data)
    assert page.get_size() == pytest.approx([side / 25.4 * 72 for side in PAGE], abs=0.5)


def test_it_says_who_drives_what_and_when(sheet):
    text = words(sheet.data)

    for told in ("Tuesday 6 October", "Fourgon 1, Lou Volant", "Leaves Pont-du-Navoy at 7:30", "back at 13:30", "82.4 km"):
        assert told in text
    assert "does not stand" not in text
    assert "page 1 of 1" in text
    assert text.count("J'aime mes bouteilles") == 2


def test_each_stop_says_where_whom_to_call_and_what(sheet):
    text = words(sheet.data)

    for told in ("8:10", "Domaine Chêne", "39600 Arbois, 12 rue de Courcelles", "03 84 00 00 01", "Portail au fond de la cour"):
        assert told in text
    for told in (
        "Take 8 × Casier de 12",
        "Leave 4 empty × Casier de 12",
        "Take: nothing asked",
        "Deliver 60 × Jura tradition 75 cl",
    ):
        assert told in text


def test_the_map_names_towns_and_the_centre(sheet):
    text = words(sheet.data)

    assert text.count("Poligny") == 2  # once in the table
    assert text.count("Pont-du-Navoy") == 3
    assert "10 km" in text


def test_the_qr_of_a_stop_is_its_points_label_also_where_none_was_printed(sheet, territory_engine):
    found = read(pages(sheet.data, 200)[0])

    with transaction(territory_engine) as session:
        numbers = [links.known(session, KeyKind.POINT, point) for point in (build_day.CELLAR, build_day.SHOP)]
    assert None not in numbers
    assert sorted(found) == sorted(links.point_link(HOST, links.gln(PREFIX, number)) for number in numbers)


def test_printed_again_it_is_the_same(sheet, ordinary, office):
    assert office.get(f"/office/plan/routes/{ordinary.route}.pdf").data == sheet.data


@pytest.mark.slow
def test_thirty_stops_with_everything_said_at_length_are_all_there(office, territory_engine):
    with transaction(territory_engine) as session:
        day = many(session, 30)

    pdf = office.get(f"/office/plan/routes/{day.route}.pdf").data

    drawn = pages(pdf, 200)
    assert len({code for page in drawn for code in read(page)}) == 30
    assert f"page {len(drawn)} of {len(drawn)}" in words(pdf)
    # nothing is printed where a printer cannot: the edges of every page are white
    assert all(min(page.crop(edge).getextrema()[0] for edge in edges(page)) == 255 for page in drawn)


HOSTILE = {
    "markup": "<b>&amp;</b> **bold** --struck-- [link](x) {nb} %(n)s",
    "no space": "W" * 400,
    "other scripts": "葡萄 \u05d9\u05d9\u05df \u0648\u0627\u062d\u062f 🍷\ufe0f e\u0301",
    "unseen": "a\u0000b\u200b\u202e\u2028c\ud7ff\n\n\r\td",
    "nothing": " ",
}


@pytest.mark.parametrize("words_of", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_people_wrote_the_sheet_is_drawn_and_its_code_read(words_of, ordinary, office, territory_engine):
    with transaction(territory_engine) as session:
        point = find(session, Point, build_day.CELLAR)
        for name in ("name", "town", "street", "access_note", "contact", "phone"):
            setattr(point, name, words_of)

    answer = office.get(f"/office/plan/routes/{ordinary.route}.pdf")

    assert answer.status_code == 200
    [page] = pages(answer.data, 200)
    assert len(set(read(page))) == 2
    assert all(page.crop(edge).getextrema()[0] == 255 for edge in edges(page))


def edges(page):
    wide, high, edge = *page.size, 60  # 7.6 mm at 200 dpi
    return [(0, 0, wide, edge), (0, high - edge, wide, high), (0, 0, edge, high), (wide - edge, 0, wide, high)]


def test_a_dozen_ordinary_stops_are_one_page():
    page = PAGE[1] - 2 * route_sheet.MARGIN - route_sheet.FOOT - route_sheet.TITLES
    first = page - route_sheet.HEAD - route_sheet.MAP - 2

    assert first // route_sheet.LEAST == 12
    assert page // route_sheet.LEAST == 16


def test_rows_go_on_on_the_next_page_and_none_is_lost():
    rows = [route_sheet.Row(height) for height in (30, 30, 50, 200, 10, 10)]

    paged = route_sheet.paginate(rows, 100, 120)

    assert [[row.height for row in page] for page in paged] == [[30, 30], [50], [200], [10, 10]]


def test_a_route_without_stops_says_so(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [])

    text = words(office.get(f"/office/plan/routes/{day.route}.pdf").data)

    assert "This route has no stops." in text
    assert "back at Centre de lavage" in text


def test_a_draft_says_that_it_does_not_stand(office, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]], publish=False)

    assert "Version 1 does not stand" in words(office.get(f"/office/plan/routes/{day.route}.pdf").data)


def test_the_sheet_speaks_the_drivers_language(ordinary, office, territory_engine):
    with transaction(territory_engine) as session:
        person = find(session, Person, find(session, Route, ordinary.route).driver)
        person.language = "fr"

    text = words(office.get(f"/office/plan/routes/{ordinary.route}.pdf").data)

    assert "mardi 6 octobre" in text
    assert "7 h 30" in text


def test_a_driver_prints_their_own_route(ordinary, driver, sheet):
    assert driver.get(f"/driver/route/{ordinary.route}/sheet.pdf").data == sheet.data


def test_a_driver_does_not_print_the_route_of_a_day_that_is_over(ordinary, clock, sign_in):
    clock.at += timedelta(days=1)

    assert sign_in(Role.DRIVER).get(f"/driver/route/{ordinary.route}/sheet.pdf").status_code == 404


def test_a_driver_does_not_print_anothers_route(driver, territory_engine):
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)]], driver=Role.COORDINATOR)

    assert driver.get(f"/driver/route/{day.route}/sheet.pdf").status_code == 404


def test_the_plan_offers_the_sheet_of_routes_that_stand(ordinary, office, territory_engine):
    address = f'href="/office/plan/routes/{ordinary.route}.pdf"'
    assert address in said(office.get(f"/office/plan/{build_day.DAY}"))

    with transaction(territory_engine) as session:
        draft = build_day.plan(session, [[build_day.pickup(session)]], publish=False)

    assert f"/office/plan/routes/{draft.route}.pdf" not in said(office.get(f"/office/plan/{build_day.DAY}"))


# -- the map


def point(key: str, lat: float, lon: float) -> Point:
    return Point(id=key, partner="", kind=PointKind.SHOP, name=key, town=key, postcode="", lat=lat, lon=lon)


def test_every_place_lies_within_the_map_with_room_for_its_name():
    places = [point(str(n), 46.4 + n / 10, 5.3 + (n % 3) / 5) for n in range(6)]
    box = Box(10, 30, 190, 52)

    scale = Scale(box, places)

    for place in places:
        x, y = scale.place(place)
        assert box.left + 15 <= x <= box.left + box.width - 15
        assert box.top + 5 <= y <= box.top + box.height - 5
    assert scale.place(places[5])[1] < scale.place(places[0])[1]  # north is up


def test_a_map_of_one_place_shows_its_surroundings():
    assert Scale(Box(0, 0, 100, 50), [point("a", 46.7, 5.6)]).place(point("b", 46.7, 5.6)) == (50, 25)


def test_stops_too_near_each_other_are_one_dot_with_both_numbers():
    far, near, nearer = point("far", 46.9, 5.7), point("near", 46.7, 5.6), point("nearer", 46.7001, 5.6)
    scale = Scale(Box(0, 0, 190, 52), [far, near, nearer])

    spots = gathered(scale, [(1, far), (2, near), (3, nearer)])

    assert [spot.numbers for spot in spots] == [[1], [2, 3]]
    assert spots[1].said == "2,3"
