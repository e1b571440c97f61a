"""Sheets of labels, read back by an independent reader from the page as it is printed."""

import pypdfium2
import pytest
from PIL import Image

from bottles import codes, links
from web import labels
from web.label_kinds import grouped
from web.label_sheets import PAGE, PRESETS, Preset
from web.labels import Label, sheets

from .sheets import ASSET, DPI, HOST, NOON, PREFIX, pages, read, serials, words

LONG_HOST = "A" * 28
A4_24 = PRESETS["24"]
LONG = "Caisse de vingt-quatre bouteilles de toutes les formes et de toutes les tailles, et encore d’autres"


def crate(number: int, *, edition: int = 1, host: str = HOST, kind: str = "Casier de 12") -> Label:
    serial = codes.serial(number, edition=edition)
    return Label(codes.digital_link(host, ASSET, serial), codes.by_eye(serial), (kind,))


def crates(count: int) -> list[Label]:
    return [crate(n) for n in range(1, count + 1)]


def everything(host: str) -> list[Label]:
    """One label of each kind, with the longest it can say."""
    lot, sscc, gln = links.lot_link(host, links.gtin(PREFIX, 99_999), "L00042"), links.sscc(PREFIX, 7), links.gln(PREFIX, 7)
    return [
        crate(999_999, host=host, kind=LONG),
        crate(999_999, edition=26, host=host),
        Label(lot, "L00042", ("Jura 75 cl", "use by 05/11/2026")),
        Label(lot.replace("L00042", "B00042"), "B00042", (LONG, LONG, LONG)),
        Label(
            links.pallet_link(host, sscc), grouped(sscc), ("Jura 75 cl", "1\u202f200 bouteilles, L00042", "use by 05/11/2026")
        ),
        Label(links.point_link(host, gln), grouped(gln), (LONG, "Plein\u202f? Scannez.")),
    ]


def label(page: Image.Image, position: int, preset: Preset = A4_24, *, beyond: float = 0) -> Image.Image:
    """Cut one label out of a page, by its position from 1; `beyond` millimetres are cut off at its edges."""
    left, top = preset.corner(position - 1)
    box = (left + beyond, top + beyond, left + preset.width - beyond, top + preset.height - beyond)
    return page.crop(tuple(round(edge / 25.4 * DPI) for edge in box))


def ink(image: Image.Image) -> int:
    return sum(image.histogram()[:128])


@pytest.fixture(scope="module")
def sheet(config) -> bytes:
    return sheets(crates(24), A4_24, config.territory, at=NOON)


# -- how labels lie on a page


def test_a_sheet_has_as_many_labels_as_its_name_says():
    assert {name: preset.per_sheet for name, preset in PRESETS.items()} == {"24": 24, "40": 40, "65": 65, "tag": 8}


@pytest.mark.parametrize("name", PRESETS)
def test_labels_lie_within_the_page_and_never_on_each_other(name):
    preset = PRESETS[name]
    corners = [preset.corner(place) for place in range(preset.per_sheet)]

    assert all(0 <= left <= PAGE[0] - preset.width + 0.001 for left, _ in corners)
    assert all(0 <= top <= PAGE[1] - preset.height + 0.001 for _, top in corners)
    for n, (left, top) in enumerate(corners):
        for other, above in corners[:n]:
            assert abs(left - other) >= preset.width - 0.001 or abs(top - above) >= preset.height - 0.001


@pytest.mark.parametrize(
    ("name", "first", "second", "last"),
    [
        ("24", (0, 0.5), (70, 0.5), (140, 259.5)),
        ("40", (0, 0), (52.5, 0), (157.5, 267.3)),
        ("65", (4.75, 10.7), (45.35, 10.7), (167.15, 265.1)),
        ("tag", (5, 28.5), (105, 28.5), (105, 208.5)),
    ],
)
def test_labels_begin_where_the_sheets_that_are_sold_have_them(name, first, second, last):
    preset = PRESETS[name]

    assert preset.corner(0) == pytest.approx(first)
    assert preset.corner(1) == pytest.approx(second)
    assert preset.corner(preset.per_sheet - 1) == pytest.approx(last)


# -- what a reader finds


def test_each_of_24_codes_reads_as_its_own_crate_in_its_own_place(sheet):
    (page,) = pages(sheet)

    assert [serials(label(page, n)) for n in range(1, 25)] == [[codes.serial(n)] for n in range(1, 25)]


def test_a_code_is_the_link_in_capitals(sheet):
    (page,) = pages(sheet)

    (found,) = read(label(page, 1))

    assert found == codes.digital_link(HOST, ASSET, codes.serial(1))
    assert found == found.upper()


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("name", PRESETS)
def test_labels_of_every_kind_are_read_back_from_every_sheet(config, name, dpi):
    wanted = everything(LONG_HOST)

    (page,) = pages(sheets(wanted, PRESETS[name], config.territory, at=NOON), dpi)

    assert sorted(read(page)) == sorted(one.link for one in wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("host", [HOST, LONG_HOST])
def test_every_label_of_a_full_sheet_is_read_back_in_its_own_place(config, name, host):
    preset, every = PRESETS[name], everything(host)
    wanted = [crate(n, host=host) if n % 2 else every[n // 2 % len(every)] for n in range(preset.per_sheet)]

    (page,) = pages(sheets(wanted, preset, config.territory, at=NOON))

    assert [read(label(page, n, preset)) for n in range(1, preset.per_sheet + 1)] == [[one.link] for one in wanted]


@pytest.mark.parametrize("length", [8, 18, 28])
def test_every_host_that_config_allows_fits_version_4(length):
    for one in everything("A" * length):
        assert len(labels.matrix(one.link)) <= 33  # modules a side: coarse enough to be read from a metre by a telephone


# -- what a person reads


def test_what_the_code_says_is_also_written_for_people(sheet):
    written = words(sheet)

    assert all(group in written for made in crates(24) for group in made.code.split(" "))
    assert "Casier de 12" in written
    assert "J'aime mes bouteilles" in written


@pytest.mark.parametrize("name", ["40", "65"])
def test_small_labels_say_their_code_and_nothing_else(config, name):
    written = words(sheets(crates(2), PRESETS[name], config.territory, at=NOON))

    assert written.split() == [group for one in crates(2) for group in one.code.split()]


def test_a_label_of_a_second_edition_says_another_serial(config):
    written = words(sheets([crate(42, edition=2)], A4_24, config.territory, at=NOON))

    assert codes.serial(42, edition=2)[4:] in written
    assert codes.serial(42)[4:] not in written


def test_a_long_name_goes_on_in_a_second_line_and_is_cut_after_it(config):
    written = words(sheets([crate(1, kind=LONG)], A4_24, config.territory, at=NOON)).splitlines()

    assert sum(word in LONG for line in written for word in line.rstrip("…").split()) > 4
    assert any(line.endswith("…") for line in written)


@pytest.mark.parametrize("name", ["Cave des Trois Puits, Arbois", "Clos du Chat qui Dort, Arbois", "Le Bocal de Bletterans"])
def test_a_name_that_fits_when_it_is_smaller_or_broken_is_whole(config, name):
    written = words(sheets([crate(1, kind=name)], A4_24, config.territory, at=NOON))

    assert all(word in written for word in name.split())
    assert "…" not in written


# -- quiet zones and edges


@pytest.mark.parametrize("name", PRESETS)
def test_no_words_reach_into_the_quiet_zone_nor_over_the_edge(config, name):
    preset = PRESETS[name]
    wanted = [replace_words(one) for one in everything(LONG_HOST)]

    (page,) = pages(sheets(wanted, preset, config.territory, at=NOON))

    for place in range(1, len(wanted) + 1):
        one = label(page, place, preset, beyond=0.3)
        assert quiet_is_white(one, preset)
        if not preset.hole:
            assert ink(one) == ink(label(page, place, preset, beyond=preset.margin - 0.15))


def replace_words(one: Label) -> Label:
    return Label(one.link, one.code, (LONG, LONG, LONG))


def quiet_is_white(one: Image.Image, preset: Preset) -> bool:
    """Say whether four modules at the right of the symbol hold no ink; the margins do the rest."""
    side = preset.side or preset.height
    module = min((side - 2 * preset.margin) / 33, side / 41)
    edge = preset.hole + (side + 33 * module) / 2 - 0.3
    left, right = (round(mm / 25.4 * DPI) for mm in (edge + 0.2, edge + 4 * module - 0.2))
    # the line to cut along crosses above and below
    line = 20 if preset.hole else 0
    return ink(one.crop((left, line, right, one.height - line))) == 0


def test_the_code_is_drawn_as_shapes_not_as_a_picture(sheet):
    (page,) = pypdfium2.PdfDocument(sheet)

    assert list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])) == []
    assert len(sheet) < 40_000


def test_the_file_asks_to_be_printed_in_actual_size(sheet):
    assert b"/PrintScaling /None" in sheet


def test_the_rectangles_cover_the_dark_modules_and_no_other():
    modules = labels.matrix("HTTPS://BOUTEILLES.EXAMPLE/8003/09999999000010J0000018")

    covered = [
        (i, j) for x, y, width, height in labels.runs(modules) for i in range(x, x + width) for j in range(y, y + height)
    ]

    assert len(covered) == len(set(covered))
    assert set(covered) == {(x, y) for y, row in enumerate(modules) for x, dark in enumerate(row) if dark}


# -- several sheets


def test_one_label_more_than_a_sheet_has_opens_a_second(config):
    first, second = pages(sheets(crates(25), A4_24, config.territory, at=NOON))

    assert len(serials(first)) == 24
    assert serials(label(second, 1)) == [codes.serial(25)]


@pytest.mark.parametrize("name", PRESETS)
def test_a_sheet_that_was_begun_is_used_from_the_nth_label(config, name):
    preset = PRESETS[name]
    start = preset.per_sheet - 1

    first, second = pages(sheets(crates(3), preset, config.territory, start=start, at=NOON))

    assert all(ink(label(first, n, preset, beyond=0.3)) == 0 for n in range(1, start))
    assert [serials(label(first, n, preset)) for n in (start, start + 1)] == [[codes.serial(1)], [codes.serial(2)]]
    assert serials(label(second, 1, preset)) == [codes.serial(3)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cœur d’Été – Ñandú", "Cœur d’Été – Ñandú"),
        ("Şişe döngüsü", "Sise döngüsü"),
        ("Пляшки", "??????"),
        ("Kiste 🍷", "Kiste ?"),
        ("A\nB\tC", "A B C"),
        ("1\u202f200\u00a0bouteilles", "1\u00a0200\u00a0bouteilles"),
    ],
)
def test_letters_the_fonts_lack_are_replaced(name, said):
    assert labels.printable(name) == said


@pytest.mark.slow
def test_the_same_labels_make_the_same_file(sheet, config):
    assert sheets(crates(24), A4_24, config.territory, at=NOON) == sheet
