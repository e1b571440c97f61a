"""Lists of points and pickups: read whatever a spreadsheet made of them, taken in whole or not at all."""

from datetime import date

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from bottles import migrations, pickups
from bottles.db import reading
from bottles.partners import Partner, PartnerKind
from bottles.people import Person
from bottles.pickups import Pickup
from bottles.points import Point, PointKind
from web.commands import main
from web.imports import import_pickups, import_points, read_pickups, read_points
from web.seed import seed
from web.surroundings import Surroundings

from .lists import GOOD, HEAD, MORNINGS, NOON, PICKUPS, POINTS, listed, sentences


@pytest.fixture
def known(session: Session, config) -> Session:
    """A territory with a coordinator and no point but its centre."""
    seed(session, config)
    session.flush()
    session.add(Person(name="Alix Agenda", email="alix@example.org", role="coordinator", partner=config.cooperative.id))
    session.flush()
    return session


@pytest.fixture
def with_points(known: Session, config) -> Session:
    import_points(known, POINTS, config)
    return known


def coordinator(session: Session) -> int:
    return session.exec(select(Person.id)).one()


def take_pickups(session: Session, data: bytes, config, **options):
    return import_pickups(session, data, config, coordinator(session), at=NOON, **options)


# -- points


def test_a_list_of_points_makes_points_and_their_partners(known, config):
    report = import_points(known, POINTS, config)

    assert (report.new, report.changed, report.same, report.faults) == (4, 0, 0, [])
    cellar = known.get(Point, "domaine-des-trois-murgers-arbois")
    assert (cellar.name, cellar.kind, cellar.lat, cellar.lon) == ("Domaine des Trois Murgers", PointKind.WINERY, 46.903, 5.775)
    assert cellar.hours == {str(day): MORNINGS for day in range(5)}
    assert (cellar.tags, cellar.access_note, cellar.service_seconds) == (["narrow"], "Cour à gauche ; sonner", 390)
    assert known.get(Partner, cellar.partner).email == "trois-murgers@example.org"
    town = known.get(Partner, "commune-de-voiteur")
    assert (town.name, town.kind) == ("Commune de Voiteur", PartnerKind.TOWN)


def test_the_same_list_twice_changes_nothing(with_points, config):
    report = import_points(with_points, POINTS, config)

    assert (report.new, report.changed, report.same, report.faults) == (0, 0, 4, [])


def test_a_changed_cell_changes_its_point_only(with_points, config):
    report = import_points(with_points, POINTS.replace(b"03 00 00 00 01", b"03 00 00 00 02"), config)

    assert (report.new, report.changed, report.same) == (0, 1, 3)
    assert with_points.get(Point, "domaine-des-trois-murgers-arbois").phone == "03 00 00 00 02"


def test_a_changed_partner_counts_as_a_change(with_points, config):
    report = import_points(with_points, POINTS.replace(b"mairie-voiteur@", b"accueil-voiteur@"), config)

    assert (report.changed, report.same) == (1, 3)
    assert with_points.get(Partner, "commune-de-voiteur").email == "accueil-voiteur@example.org"


def test_an_empty_cell_leaves_what_is_known(with_points, config):
    shorter = listed("Domaine des Trois Murgers;cave;Arbois;39600;46,903;5,775;", head=f"{HEAD};accès")

    report = import_points(with_points, shorter, config)

    assert report.same == 1
    assert with_points.get(Point, "domaine-des-trois-murgers-arbois").access_note == "Cour à gauche ; sonner"


def test_checking_a_list_writes_nothing(known, config):
    report = import_points(known, POINTS, config, check=True)

    assert report.new == 4
    assert len(known.exec(select(Point)).all()) == 1  # the centre


def test_every_bad_row_is_named_and_nothing_is_half_imported(known, config):
    data = listed(
        GOOD,
        "Chai sans place;cave;Poligny;39800;;5,7",
        "Borne;caverne;Voiteur;39210;46,75;5,61",
        ";cave;Arbois;39600;46,9;5,7",
    )

    report = import_points(known, data, config)

    assert [line for line, _ in sentences(report.faults)] == [3, 4, 5]
    assert "“latitude” is empty" in str(report.faults[0].refusal)
    assert "“caverne” is unknown here: write one of cave / winery" in str(report.faults[1].refusal)
    assert known.get(Point, "cave-du-tilleul-arbois") is None
    assert known.get(Partner, "cave-du-tilleul") is None


def test_a_line_is_counted_as_the_file_has_it_even_after_cells_of_several_lines(config):
    data = listed('"Cave\ndu Tilleul";cave;Arbois;39600;46,903;5,775', "", "Autre;cave;Arbois;39600;nord;5,775")

    assert [fault.line for fault in read_points(data, config).faults] == [5]


def test_a_position_far_away_is_a_slip(config):
    reading = read_points(listed("Cave;cave;Arbois;39600;43,3;5,4"), config)

    assert sentences(reading.faults) == [(2, "It would lie 383 km from Pont-du-Navoy: check latitude and longitude.")]


def test_a_swapped_position_is_recognised(config):
    reading = read_points(listed("Cave;cave;Arbois;39600;5,775;46,903"), config)

    assert sentences(reading.faults) == [(2, "Latitude and longitude seem to be swapped: here the latitude is about 47.")]


def test_an_id_that_stands_twice_names_both_lines(config):
    reading = read_points(listed(f"{GOOD};a1", GOOD.replace("Cave", "Chai") + ";b2", f"{GOOD};A1", head=f"{HEAD};id"), config)

    assert sentences(reading.faults) == [(4, "“a1” stands in line 2 already: each row needs an id or reference of its own.")]
    assert [row.id for row in reading.rows] == ["a1", "b2"]


def test_a_point_is_found_again_by_name_and_town_when_the_list_has_no_ids(known, config):
    import_points(known, listed(f"{GOOD};c-7", head=f"{HEAD};id"), config)

    report = import_points(known, listed(GOOD), config)

    assert report.same == 1
    assert known.get(Point, "cave-du-tilleul-arbois") is None


def test_the_centre_is_not_changed_by_a_list(known, config):
    report = import_points(known, listed("Centre;cave;Pont-du-Navoy;39300;46,73;5,79;pont-du-navoy", head=f"{HEAD};id"), config)

    assert sentences(report.faults) == [(2, "“pont-du-navoy” is a centre: centres are described in config.toml.")]


def test_a_public_point_needs_hours_because_people_are_sent_there(known, config):
    report = import_points(known, listed("Borne;point d'apport;Voiteur;39210;46,757;5,610"), config)

    assert "A public point needs its hours" in str(report.faults[0].refusal)


def test_a_cellar_without_hours_is_visited_when_the_centre_works(known, config):
    import_points(known, listed(GOOD), config)

    assert known.get(Point, "cave-du-tilleul-arbois").hours == known.get(Point, "pont-du-navoy").hours


def test_an_access_word_no_vehicle_answers_is_refused(config):
    reading = read_points(listed(f"{GOOD};étroit, grue", head=f"{HEAD};contraintes"), config)

    assert sentences(reading.faults) == [
        (2, "No vehicle answers “grue”, so nobody could stop there; the vehicles know: narrow, tail-lift.")
    ]


def test_two_rows_that_tell_different_things_of_a_partner_are_asked_about(known, config):
    rows = [f"{name};cave;Arbois;39600;46,9;5,77;Domaine Rive;{mail}" for name, mail in [("A", "a@x.fr"), ("B", "b@x.fr")]]

    report = import_points(known, listed(*rows, head=f"{HEAD};partenaire;courriel"), config)

    assert sentences(report.faults) == [(3, "Line 2 gives “domaine-rive” “a@x.fr”, this row “b@x.fr”: which is right?")]


def test_a_partner_that_is_known_by_name_gets_the_point(known, config):
    data = listed("Borne;point d'apport;Arbois;39600;46,9;5,77;24/7;j’aime mes Bouteilles", head=f"{HEAD};horaires;partenaire")

    assert import_points(known, data, config).faults == []
    assert known.get(Point, "borne-arbois").partner == config.cooperative.id


@pytest.mark.parametrize("word", ["=1+1", "<script>alert(1)</script>", "@SUM(A1)", "'; DROP TABLE point; --"])
def test_hostile_text_stays_plain_text(known, config, word):
    assert import_points(known, listed(f'"Cave {word}";cave;Arbois;39600;46,903;5,775'), config).faults == []

    assert f"Cave {word}" in known.exec(select(Point.name)).all()


# -- pickups


def test_a_list_of_pickups_asks_in_the_partners_names(with_points, config):
    report = take_pickups(with_points, PICKUPS, config)

    assert (report.new, report.changed, report.same, report.faults) == (3, 0, 0, [])
    first = with_points.exec(select(Pickup).where(Pickup.reference == "2026-101")).one()
    assert (first.partner, first.point) == ("domaine-des-trois-murgers", "domaine-des-trois-murgers-arbois")
    assert (first.ready_from, first.wanted_by, first.person) == (date(2026, 10, 6), date(2026, 10, 9), coordinator(with_points))
    assert [(line.crate_type, line.take, line.leave) for line in pickups.lines(with_points, first.id)] == [
        ("casier-12", 24, 12)
    ]


def test_pickups_imported_twice_are_asked_for_once(with_points, config):
    take_pickups(with_points, PICKUPS, config)

    report = take_pickups(with_points, PICKUPS, config)

    assert (report.new, report.same, report.faults) == (0, 3, [])
    assert len(with_points.exec(select(Pickup)).all()) == 3


def test_a_reference_that_asks_for_something_else_is_not_overwritten(with_points, config):
    take_pickups(with_points, PICKUPS, config)

    report = take_pickups(with_points, PICKUPS.replace(b";24;12;", b";30;12;"), config)

    assert [(line, said.split(":")[0]) for line, said in sentences(report.faults)] == [
        (2, "“2026-101” was imported before and asked for something else")
    ]


def test_equal_rows_without_references_are_asked_about(with_points, config):
    row = "Domaine des Trois Murgers;12;06/10/2026"

    report = take_pickups(with_points, listed(row, row, head="point;pleins;prêt le"), config)

    assert sentences(report.faults) == [(3, "This row says the same as line 2: if both are meant, give each a reference.")]


def test_every_bad_pickup_is_named_and_none_is_asked_for(with_points, config):
    data = listed(
        "Domaine des Trois Murgers;12;06/10/2026;",
        "Cave inconnue;12;06/10/2026;",
        "Centre de lavage de Pont-du-Navoy;12;06/10/2026;",
        "Domaine des Trois Murgers;9999;06/10/2026;",
        "Domaine des Trois Murgers;12;31/02/2026;",
        "Domaine des Trois Murgers;12;06/10/2026;05/10/2026",
        "Domaine des Trois Murgers;0;06/10/2026;",
        head="point;pleins;prêt le;avant le",
    )

    report = take_pickups(with_points, data, config)

    assert [line for line, _ in sentences(report.faults)] == [3, 4, 5, 6, 7, 8]
    assert "No point is called “Cave inconnue”" in str(report.faults[0].refusal)
    assert with_points.exec(select(Pickup)).all() == []


def test_a_name_that_several_points_bear_is_asked_about(with_points, config):
    import_points(with_points, listed("Domaine des Trois Murgers;cave;Poligny;39800;46,83;5,70"), config)

    report = take_pickups(with_points, listed("Domaine des Trois Murgers;1;06/10/2026", head="point;pleins;prêt le"), config)

    assert "Several points are called" in str(report.faults[0].refusal)


@pytest.mark.parametrize("typed", ["06/10/2026", "6/10/2026", "2026-10-06", "06.10.2026", "2026-10-06 00:00:00"])
def test_days_are_read_as_people_and_spreadsheets_write_them(config, typed):
    reading = read_pickups(listed(f"Cave;1;{typed}", head="point;pleins;prêt le"), config)

    assert [row.ready_from for row in reading.rows] == [date(2026, 10, 6)]


@pytest.mark.parametrize("typed", ["10/06/26", "2062-10", "06/10/2206", "hier", "46301"])
def test_what_is_no_likely_day_is_refused(config, typed):
    reading = read_pickups(listed(f"Cave;1;{typed}", head="point;pleins;prêt le"), config)

    assert [fault.refusal.field for fault in reading.faults] == ["ready_from"]


# -- the command line


@pytest.fixture
def run(territory_engine, clock, monkeypatch, tmp_path):
    """Run `bouteilles import` with a list's bytes."""
    monkeypatch.setattr(migrations, "is_current", lambda engine: True)
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(engine=territory_engine, now=clock)

    def run(what: str, data: bytes, *options: str):
        (tmp_path / "list.csv").write_bytes(data)
        return CliRunner().invoke(main, ["import", what, str(tmp_path / "list.csv"), *options], obj=here)

    return run


def test_the_command_tells_what_it_did_and_ends_with_0(run):
    first, again = run("points", POINTS), run("points", POINTS)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "4" in first.stdout
    assert "4" in again.stdout


def test_the_command_tells_every_fault_and_ends_with_1(run, territory_engine):
    done = run("points", listed(GOOD, "A;cave;B;1;x;y", "B;cave;B;1;x;y"))

    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 5  # two cells in each of two rows, and the sum
    with reading(territory_engine) as session:
        assert session.get(Point, "cave-du-tilleul-arbois") is None


def test_the_command_only_checks_when_told_to(run, territory_engine):
    assert run("points", POINTS, "--check").exit_code == 0

    with reading(territory_engine) as session:
        assert session.get(Point, "domaine-des-trois-murgers-arbois") is None


def test_pickups_are_asked_for_by_a_coordinator(run, territory_engine):
    run("points", POINTS)

    by_driver = run("pickups", PICKUPS, "--as", "driver@example.org")
    done = run("pickups", PICKUPS, "--as", "Coordinator@example.org")

    assert (by_driver.exit_code, done.exit_code) == (1, 0)
    assert "driver@example.org" in by_driver.stderr
    with reading(territory_engine) as session:
        assert len(session.exec(select(Pickup)).all()) == 3
