"""Sheets of crate labels, read back by an independent reader from the page as it is printed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image
from sqlmodel import select

from bottles import codes, migrations
from bottles.catalogue import CrateType
from bottles.crates import Crate, CrateState
from bottles.db import reading
from web import labels
from web.commands import labels as command
from web.commands import main
from web.labels import Label, sheets
from web.surroundings import Surroundings

NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
DPI = 150


def crates(count: int) -> list[Label]:
    return [Label(codes.serial(n), "Casier de 12") for n in range(1, count + 1)]


def pages(pdf: bytes) -> list[Image.Image]:
    return [page.render(scale=DPI / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]


def words(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def serials(page: Image.Image) -> list[str]:
    return [codes.read(found.text) for found in zxingcpp.read_barcodes(page)]


def label(page: Image.Image, position: int, *, beyond: float = 0) -> Image.Image:
    """Cut one label out of a page, by its position from 1; `beyond` millimetres are cut off at its edges."""
    row, column = divmod(position - 1, labels.COLUMNS)
    left, top = column * labels.WIDTH, labels.TOP + row * labels.HEIGHT
    box = (left + beyond, top + beyond, left + labels.WIDTH - beyond, top + labels.HEIGHT - beyond)
    return page.crop(tuple(round(edge / 25.4 * DPI) for edge in box))


def ink(image: Image.Image) -> int:
    return sum(image.histogram()[:128])


@pytest.fixture(scope="module")
def sheet(config) -> bytes:
    return sheets(crates(24), config.labels, config.territory, at=NOON)


def test_each_of_24_codes_reads_as_its_own_crate_in_its_own_place(sheet):
    (page,) = pages(sheet)

    assert [serials(label(page, n)) for n in range(1, 25)] == [[made.code] for made in crates(24)]


def test_a_code_is_the_link_in_capitals(sheet, config):
    (page,) = pages(sheet)

    (found,) = zxingcpp.read_barcodes(label(page, 1))

    assert found.text == codes.digital_link(config.labels.host, config.labels.asset_type, codes.serial(1))
    assert found.text == found.text.upper()


def test_what_the_code_says_is_also_written_for_people(sheet):
    written = words(sheet)

    assert all(group in written for made in crates(24) for group in codes.by_eye(made.code).split(" "))
    assert "Casier de 12" in written
    assert "J'aime mes bouteilles" in written


def test_the_code_is_drawn_as_shapes_not_as_a_picture(sheet):
    (page,) = pypdfium2.PdfDocument(sheet)

    assert list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])) == []
    assert len(sheet) < 40_000


@pytest.mark.parametrize("length", [8, 18, 28])
def test_every_host_that_config_allows_fits_version_4(length):
    link = codes.digital_link("A" * length, "999999900001", codes.serial(999_999))

    assert len(labels.matrix(link)) <= 17 + 4 * labels.LARGEST_VERSION


def test_the_rectangles_cover_the_dark_modules_and_no_other():
    modules = labels.matrix("HTTPS://BOUTEILLES.EXAMPLE/8003/09999999000010J0000018")

    covered = [
        (i, j) for x, y, width, height in labels.runs(modules) for i in range(x, x + width) for j in range(y, y + height)
    ]

    assert len(covered) == len(set(covered))
    assert set(covered) == {(x, y) for y, row in enumerate(modules) for x, dark in enumerate(row) if dark}


def test_3_millimetres_at_the_edges_of_a_label_stay_free(sheet):
    (page,) = pages(sheet)

    for n in (1, 2, 3, 24):
        assert ink(label(page, n)) == ink(label(page, n, beyond=3))


def test_the_25th_label_opens_a_second_sheet(config):
    first, second = pages(sheets(crates(25), config.labels, config.territory, at=NOON))

    assert len(serials(first)) == 24
    assert serials(label(second, 1)) == [codes.serial(25)]


def test_a_sheet_that_was_begun_is_used_from_the_nth_label(config):
    first, second = pages(sheets(crates(3), config.labels, config.territory, start=23, at=NOON))

    assert ink(first.crop((0, 0, first.width, round(labels.HEIGHT * 7 / 25.4 * DPI)))) == 0
    assert serials(label(first, 23)) == [codes.serial(1)]
    assert serials(label(first, 24)) == [codes.serial(2)]
    assert serials(label(second, 1)) == [codes.serial(3)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cœur d’Été – Ñandú", "Cœur d’Été – Ñandú"),
        ("Şişe döngüsü", "Sise döngüsü"),
        ("Пляшки", "??????"),
        ("Kiste 🍷", "Kiste ?"),
        ("A\nB\tC", "A B C"),
    ],
)
def test_letters_the_fonts_lack_are_replaced(name, said):
    assert labels.printable(name) == said


def test_a_name_too_long_is_cut_before_the_edge(config):
    long = [Label(codes.serial(1), "Caisse de vingt-quatre bouteilles de toutes les formes et de toutes les tailles")]

    (page,) = pages(sheets(long, config.labels, config.territory, at=NOON))

    assert ink(label(page, 1)) == ink(label(page, 1, beyond=3))
    assert serials(label(page, 1)) == [codes.serial(1)]


def test_the_same_labels_make_the_same_file(sheet, config):
    assert sheets(crates(24), config.labels, config.territory, at=NOON) == sheet


# -- the command line


@pytest.fixture
def run(territory_engine, clock, monkeypatch, tmp_path):
    """Run `bouteilles labels` in an empty folder."""
    monkeypatch.setattr(migrations, "is_current", lambda engine: True)
    monkeypatch.chdir(tmp_path)
    here = Surroundings(instance=tmp_path / "instance")
    here.__dict__.update(engine=territory_engine, now=clock)
    return lambda *options: CliRunner().invoke(main, ["labels", *options], obj=here)


def registered(engine) -> Sequence[Crate]:
    with reading(engine) as session:
        return session.exec(select(Crate).order_by(Crate.number)).all()


def test_the_command_registers_exactly_the_crates_it_prints(run, territory_engine, tmp_path):
    assert run("--count", "4", "--type", "palox", "--out", "a.pdf").exit_code == 0

    made = registered(territory_engine)
    (page,) = pages((tmp_path / "a.pdf").read_bytes())
    assert sorted(serials(page)) == sorted(crate.code for crate in made)
    assert {(crate.type, crate.state) for crate in made} == {("palox", CrateState.NEW)}
    with reading(territory_engine) as session:
        assert session.get(CrateType, "palox").name in words((tmp_path / "a.pdf").read_bytes())


def test_no_serial_is_printed_twice(run, tmp_path):
    run("--count", "2", "--out", "a.pdf")
    run("--count", "2", "--out", "b.pdf")

    first, second = ({*serials(pages((tmp_path / name).read_bytes())[0])} for name in ("a.pdf", "b.pdf"))
    assert (len(first), len(second)) == (2, 2)
    assert not first & second


def test_a_sheet_is_not_written_over_unless_told_to(run, territory_engine, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"labels of yesterday")

    refused = run("--count", "1", "--out", "a.pdf")

    assert refused.exit_code == 1
    assert "a.pdf" in refused.stderr
    assert (tmp_path / "a.pdf").read_bytes() == b"labels of yesterday"
    assert registered(territory_engine) == []
    assert run("--count", "1", "--out", "a.pdf", "--force").exit_code == 0


def test_a_folder_that_is_not_there_gives_out_no_serial(run, territory_engine):
    refused = run("--count", "1", "--out", "nowhere/a.pdf")

    assert refused.exit_code == 1
    assert "nowhere" in refused.stderr
    assert registered(territory_engine) == []


def test_a_full_disk_leaves_no_half_sheet_and_reprints_no_serial(run, territory_engine, tmp_path, monkeypatch):
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(command.os, "write", full)
        refused = run("--count", "1", "--out", "a.pdf")
    done = run("--count", "1", "--out", "a.pdf")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    assert "No space left" in refused.stderr
    assert serials(pages((tmp_path / "a.pdf").read_bytes())[0]) == [codes.serial(2)]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.pdf"]


@pytest.mark.parametrize("options", [("--count", "0"), ("--count", "100000"), ("--start", "25"), ("--start", "0")])
def test_a_count_or_start_beyond_the_sheets_is_wrong_usage(run, options):
    assert run(*options).exit_code == 2


def test_an_unknown_crate_type_names_those_there_are(run, territory_engine):
    refused = run("--type", "caisse")

    assert refused.exit_code == 1
    assert "casier-12" in refused.stderr
    assert registered(territory_engine) == []
