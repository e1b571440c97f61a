"""Lists of points and pickups: read whatever a spreadsheet made of them, taken in whole or not at all."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from bottles import migrations, pickups
from bottles.db import reading
from bottles.partners import Partner, PartnerKind
from bottles.people import Person
from bottles.pickups import Pickup
from bottles.points import Point, PointKind
from web import opening, spreadsheet
from web.commands import main
from web.imports import import_pickups, import_points, read_pickups, read_points
from web.seed import seed
from web.surroundings import Surroundings

LISTS = Path(__file__).parent / "data"
POINTS = (LISTS / "points.csv").read_bytes()
PICKUPS = (LISTS / "pickups.csv").read_bytes()
NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
MORNINGS = [[480, 720], [840, 1080]]

HEAD = "nom;type;commune;code postal;latitude;longitude"
GOOD = "Cave du Tilleul;cave;Arbois;39600;46,903;5,775"


@pytest.fixture
def known(session: Session, config) -> Session:
    """A territory with a coordinator and no point but its centre."""
    seed(session, config)
    session.flush()
    session.add(Person(name="Alix Cordier", email="alix@example.org", role="coordinator", partner=config.cooperative.id))
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


def listed(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def sentences(faults) -> list[tuple[int, str]]:
    return [(fault.line, str(fault.refusal)) for fault in faults]


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


# -- what spreadsheets make of a list


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_usual_encoding_is_read(config, encoding):
    reading = read_points(POINTS.decode().encode(encoding), config)

    assert reading.faults == []
    assert reading.rows[1].point["name"] == "Épicerie du Champ de Foire"
    assert reading.rows[0].point["contact"] == "Jeanne Œuvrard"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_separator_and_line_end_is_read(config, separator, end):
    cells = [HEAD.split(";"), GOOD.split(";")]
    text = end.join(separator.join(f'"{cell}"' for cell in row) for row in cells)

    reading = read_points(text.encode(), config)

    assert reading.faults == []
    assert reading.rows[0].point["lat"] == 46.903


def test_excels_own_hint_of_the_separator_is_no_header(config):
    assert read_points(b"sep=;\r\n" + listed(GOOD), config).faults == []


@pytest.mark.parametrize(
    "head",
    ["name;kind;town;postcode;lat;lon", "NOM;Type de point;Ville;CP;LATITUDE ;Lng", "Libelle;catégorie;localite;zip;Y;X"],
)
def test_columns_are_known_by_many_names(config, head):
    assert read_points(listed(GOOD, head=head), config).faults == []


def test_missing_columns_are_named(config):
    reading = read_points(b"nom;commune\nCave;Arbois\n", config)

    assert sentences(reading.faults) == [
        (0, "The first line names the columns; missing: type / kind, code postal / postcode, latitude / lat, longitude / lon.")
    ]


def test_columns_nobody_reads_are_told(config):
    assert read_points(listed(f"{GOOD};x;y", head=f"{HEAD};SIRET;horraires"), config).unused == ("SIRET", "horraires")


def test_two_columns_that_mean_the_same_are_told(config):
    reading = read_points(listed(f"{GOOD};Dole", head=f"{HEAD};Ville"), config)

    assert sentences(reading.faults) == [(0, "“commune” and “Ville” mean the same: keep one.")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n", "The file is empty."),
        (b"PK\x03\x04\x14\x00", "This is not a text file: open it in your spreadsheet and save it as CSV."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "This is not a text file: open it in your spreadsheet and save it as CSV."),
        (b"nom\x00;type", "This is not a text file: open it in your spreadsheet and save it as CSV."),
        ("nom;é\n".encode() + b"\xe9", "Some characters cannot be read: save the file as CSV in UTF-8."),
        (HEAD.encode(), "The list names its columns, and holds no row."),
        (listed('"Cave;cave'), "A quotation mark opens in line 2 and does not close properly: mend it in a text editor."),
        (b"x" * (spreadsheet.MOST_BYTES + 1), "The file is too large: at most 50 MB. Send it in several parts."),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told_in_a_sentence(config, data, said):
    assert sentences(read_points(data, config).faults) == [(0, said)]


def test_a_cell_too_many_is_an_unquoted_separator(config):
    reading = read_points(listed("Cave, la grande,cave,Arbois,39600,46.9,5.7", head=HEAD.replace(";", ",")), config)

    assert "7 cells for 6 columns" in str(reading.faults[0].refusal)


@pytest.mark.parametrize("typed", ["inf", "nan", "1e3", "1_0", "٤٦", "46,9,1", "--46", "9" * 400])
def test_only_what_people_call_a_number_is_one(config, typed):
    reading = read_points(listed(f'Cave;cave;Arbois;39600;"{typed}";5,775'), config)

    assert [fault.refusal.field for fault in reading.faults] == ["lat"] or "too long" in str(reading.faults[0].refusal)


def test_a_large_list_is_read_whole(config):
    rows = [f"Cave {n};cave;Arbois;39600;46,903;5,775;Lu-Ve 8h-12h" for n in range(5000)]

    reading = read_points(listed(*rows, head=f"{HEAD};horaires"), config)

    assert len(reading.rows) == 5000


# -- hours


@pytest.mark.parametrize(
    "written",
    [
        "Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00",
        "Lu-Ve 8h-12h 14h-18h ; Sa 9h-12h",
        "du lundi au vendredi de 8h à 12h et de 14h à 18h, samedi 9h-12h",
        "LUN–VEN : 08h00-midi / 14h00-18h00\nSAM : 9h00-12h00",
        "lu, ma, me, je, ve 8:00-12:00, 14:00-18:00; samedi 9:00-12:00; dimanche fermé",
        "Monday to Friday 8:00-12:00, 14:00-18:00; Saturday 9:00-12:00; PH off",
    ],
)
def test_hours_are_read_as_people_write_them(written):
    assert opening.read(written) == {**{str(day): MORNINGS for day in range(5)}, "5": [[540, 720]]}


@pytest.mark.parametrize("written", ["24/7", "24h/24", "24h/24 7j/7", "jour et nuit"])
def test_always_open_is_every_minute(written):
    assert opening.read(written) == {str(day): [[0, 1440]] for day in range(7)}


def test_a_night_is_cut_at_midnight():
    assert opening.read("Ve 18h-2h") == {"4": [[1080, 1440]], "5": [[0, 120]]}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("sur rendez-vous", "cannot be read as opening hours"),
        ("lu-ve 8-12", "cannot be read as opening hours"),
        ("Lu-Ve 25h-26h", "cannot be read as opening hours"),
        ("Apr-Sep Mo-Fr 08:00-12:00", "changes with the season"),
        ("Mo[1] 08:00-12:00", "changes with the season"),
        ("sunrise-sunset", "changes with the season"),
        ("off", "is never open"),
        ("Mo-Fr 08:00-12:00 unknown", "does not say for sure"),
    ],
)
def test_hours_that_make_no_week_are_refused_with_the_reason(config, written, said):
    reading = read_points(listed(f'{GOOD};"{written}"', head=f"{HEAD};horaires"), config)

    assert [(fault.line, fault.refusal.field) for fault in reading.faults] == [(2, "hours")]
    assert said in str(reading.faults[0].refusal)


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
