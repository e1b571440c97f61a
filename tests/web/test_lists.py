"""How lists are written: encodings, separators, column names, numbers, opening hours."""

import pytest

from web import opening, spreadsheet
from web.imports import read_points

from .lists import GOOD, HEAD, MORNINGS, POINTS, listed, sentences


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
