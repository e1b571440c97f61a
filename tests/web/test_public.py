"""What anybody may see without an account: points, bottles, and whose crate this is."""

import pytest

from bottles.catalogue import BottleType
from bottles.db import find, transaction
from bottles.people import Role
from bottles.points import Point, PointKind
from tests.web import build_day as build

WEEKDAYS = {str(day): [[480, 720], [840, 1080]] for day in range(5)}
SCRIPT = "<script>alert(1)</script>"
PLACES = {
    # id: (name, town, postcode, lat, lon, public)
    "epicerie": ("Épicerie du Moulin", "Château-Chalon", "39210", 46.755, 5.626, True),
    "voiteur": ("Cave de la Halle", "Voiteur", "39210", 46.756, 5.610, True),
    "saint": ("Point de la mairie", "Saint-Amour", "39160", 46.435, 5.345, True),
    "secret": ("Domaine Fermé", "Arbois", "39600", 46.903, 5.775, False),
}


@pytest.fixture
def places(territory_engine):
    with transaction(territory_engine) as session:
        build.places(session)
        for key, (name, town, postcode, lat, lon, public) in PLACES.items():
            session.add(Point(id=key, partner="cave-exemple", kind=PointKind.SHOP, name=name, town=town, postcode=postcode,
                              lat=lat, lon=lon, hours=WEEKDAYS, public=public, access_note="Digicode 1234",
                              contact="Noé Exemple", phone="03 84 99 99 99"))  # fmt: skip


def read(client, path):
    return client.get(path, headers={"Accept-Language": "en"})


def test_the_first_page_leads_to_search_bottles_and_sign_in(client, places):
    page = read(client, "/").text

    assert 'action="/points"' in page
    assert 'href="/bottles"' in page
    assert 'href="/sign-in"' in page
    assert "4 points take bottles back." in page


def test_who_is_signed_in_begins_at_their_own_page(sign_in):
    assert sign_in(Role.SHOP).get("/").location == "/partner"


# -- points


def test_only_public_points_are_shown_and_nothing_private_about_them(client, places):
    for path in ("/points", "/points.geojson", "/points/epicerie"):
        page = read(client, path).text
        assert "Domaine Ferm" not in page
        assert all(private not in page for private in ("Digicode", "99 99 99", "Noé Exemple", "Noe Exemple"))


@pytest.mark.parametrize("key", ["secret", build.CENTRE, "nowhere"])
def test_a_point_that_is_not_public_reads_as_if_it_did_not_exist(client, places, key):
    assert read(client, f"/points/{key}").status_code == 404


@pytest.mark.parametrize(
    "typed", ["Château-Chalon", "chateau chalon", "CHÂTEAU CHALON", "château-cha", "39210", "epicerie du moulin"]
)
def test_search_forgives_case_accents_and_hyphens(client, places, typed):
    page = read(client, f"/points?town={typed}").text

    assert "Épicerie du Moulin" in page


def test_saint_may_be_written_short(client, places):
    assert "Point de la mairie" in read(client, "/points?town=st amour").text


def test_neighbours_of_a_known_town_come_with_their_distance(client, places):
    page = read(client, "/points?town=chateau-chalon").text

    assert "One point in Château-Chalon" in page
    assert page.index("Épicerie du Moulin") < page.index("Cave de la Halle") < page.index("Point de la mairie")
    assert "1 km" in page


def test_a_town_without_a_public_point_shows_the_nearest_and_says_so(client, places):
    page = read(client, "/points?town=arbois").text

    assert "There is no point in Arbois itself yet" in page
    assert "Domaine Ferm" not in page
    assert page.index("Cave Exemple") < page.index("Point de la mairie")


def test_distances_are_told_only_when_the_town_is_known(client, places):
    page = read(client, "/points?town=moulin").text

    assert "Épicerie du Moulin" in page
    assert " km<" not in page


def test_a_search_without_answer_offers_all_points(client, places):
    page = read(client, f"/points?town={SCRIPT}")

    assert page.status_code == 200
    assert "See all points" in page.text
    assert SCRIPT not in page.text


@pytest.mark.parametrize(
    ("hour", "said"),
    [(7, "opens at 8:00"), (9, "open until 12:00"), (13, "opens at 14:00"), (19, "closed, opens tomorrow at 8:00")],
)
def test_hours_are_told_as_they_stand_now(client, places, clock, hour, said):
    clock.at = clock.at.replace(hour=hour - 2)  # two hours ahead of UTC in October

    assert said in read(client, "/points/epicerie").text


def test_a_closure_closes_the_day(client, places, territory_engine):
    with transaction(territory_engine) as session:
        find(session, Point, "epicerie").closures = ["2026-10-06", "2026-10-07"]

    assert "closed, opens on Thursday 8 October at 8:00" in read(client, "/points/epicerie").text


def test_the_map_holds_the_same_points_as_the_list(client, places):
    features = client.get("/points.geojson?town=chateau chalon").json["features"]

    assert [feature["properties"]["id"] for feature in features][:2] == ["epicerie", "voiteur"]
    assert features[0]["geometry"]["coordinates"] == [5.626, 46.755]


# -- bottles


def test_each_bottle_is_said_to_be_taken_or_why_not(client, territory_engine):
    page = read(client, "/bottles").text

    yes, no = page.split('id="refused"')
    assert "Clavelin 62 cl" in yes
    assert "Champenoise" in no
    assert "sous pression elle peut éclater" in no
    assert page.count("<path d=") >= 9


def test_a_bottle_of_no_known_shape_is_drawn_all_the_same(client, territory_engine):
    with transaction(territory_engine) as session:
        session.add(BottleType(id="amphora", name=SCRIPT, volume_ml=750, grams=500, height_mm=900, diameter_mm=400))

    page = read(client, "/bottles")

    assert page.status_code == 200
    assert SCRIPT not in page.text
