"""A table of ways is read whole or refused with a sentence that says where it is wrong."""

import numpy as np
import pytest

from routing.problem import LONGEST, Place
from routing.travel import TravelError, TravelSettings, between, estimate
from routing.travel.table import read

PLACES = [Place(5.70, 46.90), Place(5.75, 46.85), Place(5.80, 46.95)]
NAMES = ["depot", "cave", "shop"]

ROWS = """from,to,seconds,metres
depot,cave,600,7000
cave,depot,660,7100
depot,shop,900.2,12000
shop,depot,900,12000
cave,shop,300,2500
shop,cave,310,2600
"""

SQUARES = """seconds;depot;shop;cave
depot;0;900.2;600
cave;660;300;0
shop;900;;310

metres;depot;cave;shop
depot;0;7000;12000
cave;7100;0;2500
shop;12000;2600;0
"""

SECONDS = [[0, 600, 901], [660, 0, 300], [900, 310, 0]]
METRES = [[0, 7000, 12000], [7100, 0, 2500], [12000, 2600, 0]]


@pytest.fixture
def file(tmp_path):
    def write(content: str, name: str = "ways.csv"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    return write


def ways(file, names=NAMES, places=PLACES):
    return between(places, TravelSettings(source="table", file=file), names=names)


@pytest.mark.parametrize(
    "content",
    [ROWS, ROWS.replace(",", ";"), ROWS.replace("\n", "\r\n"), "\ufeff" + ROWS, ROWS + "depot,depot,5,5\nmars,cave,x,x\n"],
)
def test_rows_are_read_into_the_order_of_the_places(file, content):
    travel = ways(file(content))

    assert travel.seconds.tolist() == SECONDS
    assert travel.metres.tolist() == METRES
    assert not travel.estimated
    assert travel.notes == ()


def test_squares_are_read_by_their_names(file):
    travel = ways(file(SQUARES.replace("shop;900;;310", "shop;900;0;310")))

    assert travel.seconds.tolist() == SECONDS
    assert travel.metres.tolist() == METRES


@pytest.mark.parametrize(
    "content", [ROWS.replace(",metres", "").replace("000\n", "\n"), SQUARES.split("\n\n")[0].replace(";;", ";0;")]
)
def test_metres_that_are_not_there_are_estimated_with_a_note(file, content):
    lines = [",".join(line.split(",")[:3]) if "," in line else line for line in content.splitlines()]

    travel = ways(file("\n".join(lines)))

    assert travel.seconds.tolist() == SECONDS
    assert (travel.metres == estimate(PLACES).metres).all()
    assert [note.code for note in travel.notes] == ["no_metres"]


def test_numpy_files_are_read(tmp_path):
    np.savez(tmp_path / "named.npz", seconds=np.array(SECONDS)[::-1, ::-1], metres=METRES, names=NAMES[::-1])
    np.savez(tmp_path / "plain.npz", seconds=SECONDS, metres=METRES)
    np.save(tmp_path / "seconds.npy", np.array(SECONDS, dtype=float))

    assert ways(tmp_path / "named.npz").seconds.tolist() == SECONDS
    assert ways(tmp_path / "plain.npz").metres.tolist() == METRES
    assert ways(tmp_path / "seconds.npy", names=None).seconds.tolist() == SECONDS


def test_a_way_that_cannot_be_driven_stays_so_with_any_factor(tmp_path):
    np.save(tmp_path / "ways.npy", np.array([[0, LONGEST], [60, 0]]))

    for factor in (0.5, 2.0):
        travel = between(PLACES[:2], TravelSettings(source="table", file=tmp_path / "ways.npy", factor=factor))
        assert travel.seconds.tolist() == [[0, LONGEST], [60 * factor, 0]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (ROWS.replace("cave,shop,300,2500\n", ""), "The table ways.csv lacks 1 ways, the first is from cave to shop."),
        (ROWS + "cave,shop,1,1\n", "The table ways.csv: line 8 gives the way from cave to shop a second time."),
        (ROWS.replace("300,", "-300,"), "The table ways.csv: line 6 holds -300, expected a number from 0 to 1,000,000,000."),
        (ROWS.replace("300,", "nan,"), "The table ways.csv: line 6 holds nan, expected a number from 0 to 1,000,000,000."),
        (ROWS.replace("300,", "soon,"), "The table ways.csv: line 6 holds 'soon', expected a number from 0 to 1,000,000,000."),
        (ROWS.replace("300,", "1e12,"), "The table ways.csv: line 6 holds 1e12, expected a number from 0 to 1,000,000,000."),
        (ROWS.replace("300,2500", "300"), "The table ways.csv cannot be read: line 6 has 3 cells, expected 4."),
        ("", "The table ways.csv cannot be read: it is empty."),
        ("metres,depot\ndepot,0\n", "The table ways.csv cannot be read: it has no seconds."),
        (
            "source,target,time\n",
            "The table ways.csv: its first line is source,target,time, expected from,to,seconds,metres"
            " or a square with names on top.",
        ),
    ],
)
def test_a_wrong_csv_is_refused_with_a_sentence(file, content, sentence):
    with pytest.raises(TravelError) as refused:
        read(file(content), NAMES)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((2, 2)), "The table ways.npy: seconds has the shape (2, 2), expected (3, 3), one row per place."),
        (np.zeros(9), "The table ways.npy: seconds has the shape (9,), expected (3, 3), one row per place."),
        (
            np.full((3, 3), -1),
            "The table ways.npy: seconds from depot to cave holds -1, expected a number from 0 to 1,000,000,000.",
        ),
        (np.full((3, 3), np.nan), "The table ways.npy lacks 6 ways, the first is from depot to cave."),
        (np.full((3, 3), "x"), "The table ways.npy cannot be read: seconds holds <U1, expected numbers."),
    ],
)
def test_a_wrong_array_is_refused_with_a_sentence(tmp_path, array, sentence):
    np.save(tmp_path / "ways.npy", array)

    with pytest.raises(TravelError) as refused:
        read(tmp_path / "ways.npy", NAMES)

    assert str(refused.value) == sentence


def test_names_the_table_does_not_know_lack_their_ways(tmp_path):
    np.savez(tmp_path / "ways.npz", seconds=SECONDS, names=["depot", "cave", "elsewhere"])

    with pytest.raises(TravelError, match="lacks 4 ways, the first is from depot to shop"):
        read(tmp_path / "ways.npz", NAMES)


@pytest.mark.parametrize("name", ["ways.npz", "ways.npy", "ways.csv"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not much of an archive", b"\x93NUMPY\x01", b"\xff\xfe\x00\x01"])
def test_a_file_of_anything_else_is_refused_with_a_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TravelError, match=f"The table {name}"):
        read(tmp_path / name, NAMES)


def test_objects_hidden_in_an_array_are_not_run(tmp_path):
    np.save(tmp_path / "ways.npy", np.array([[print]], dtype=object), allow_pickle=True)

    with pytest.raises(TravelError, match="cannot be read"):
        read(tmp_path / "ways.npy", NAMES)


def test_a_plan_is_made_without_the_table_and_says_why(tmp_path):
    travel = ways(tmp_path / "gone.csv")

    assert travel.estimated
    assert travel.notes[0].says == "The table gone.csv cannot be read: No such file or directory."
    assert travel.notes[1].code == "estimated"
