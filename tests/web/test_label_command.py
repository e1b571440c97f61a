"""`bouteilles labels`: what it registers is what it prints, and nothing is given out that is not written."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlmodel import select

from bottles import codes, links, migrations, pallets
from bottles.batches import Batch
from bottles.catalogue import CrateType
from bottles.crates import Crate, CrateState
from bottles.db import reading, transaction
from bottles.links import LabelSheet
from bottles.people import Role
from web.commands import files, main
from web.label_sheets import PRESETS
from web.surroundings import Surroundings

from . import build_day
from .centre_day import received, sort, van_back
from .sheets import ASSET, HOST, NOON, PREFIX, pages, read, serials, words


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


@pytest.mark.parametrize("name", ["24", "tag", *(pytest.param(name, marks=pytest.mark.slow) for name in ("40", "65"))])
def test_without_a_count_the_command_fills_one_sheet(run, territory_engine, name):
    assert run("--preset", name, "--out", "a.pdf").exit_code == 0

    assert len(registered(territory_engine)) == PRESETS[name].per_sheet


def test_a_reprint_voids_the_old_label_and_keeps_the_crate(run, territory_engine, tmp_path):
    run("--count", "2", "--out", "a.pdf")
    first, second = (crate.code for crate in registered(territory_engine))

    done = run("--reprint", codes.by_eye(first).lower(), "--reprint", first, "--out", "b.pdf")

    (page,) = pages((tmp_path / "b.pdf").read_bytes())
    assert done.exit_code == 0
    assert [codes.read_label(text, ASSET) for text in read(page)] == [(first, 2)]
    assert {crate.code: crate.edition for crate in registered(territory_engine)} == {first: 2, second: 1}


def test_a_crate_that_is_not_there_gets_no_label(run, territory_engine, tmp_path):
    refused = run("--reprint", codes.serial(4711), "--out", "b.pdf")

    assert refused.exit_code == 1
    assert not (tmp_path / "b.pdf").exists()
    assert seen_sheets(territory_engine) == []


def seen_sheets(engine) -> Sequence[LabelSheet]:
    with reading(engine) as session:
        return session.exec(select(LabelSheet)).all()


def test_lots_batches_pallets_and_points_get_the_labels_they_are_named_by(run, territory_engine, tmp_path, sign_in):
    washer, van = sign_in(Role.WASHER), van_back(territory_engine)
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    with transaction(territory_engine) as session:
        build_day.places(session)
        lot, batch = build_day.lot(session, "jura-75", 600), session.exec(select(Batch)).one()
        person = build_day.author(session, Role.WASHER).person
        pallet = pallets.build(session, lot.id, 600, person, prefix=PREFIX, at=NOON)
        named = {"lot": lot.code, "batch": links.batch_code(batch.id), "pallet": pallet.sscc, "point": build_day.SHOP}

    found = {}
    for kind, name in named.items():
        done = run("--kind", kind, name, "--count", "2", "--out", f"{kind}.pdf")
        assert done.exit_code == 0, done.stderr
        (page,) = pages((tmp_path / f"{kind}.pdf").read_bytes())
        one, same = read(page)
        assert one == same
        found[kind] = one.removeprefix(f"HTTPS://{HOST}")

    assert found["lot"].startswith("/01/09999999")
    assert found["lot"].endswith(f"/10/{lot.code}")
    assert found["batch"].endswith(f"/10/{named['batch']}")
    assert found["pallet"] == f"/00/{pallet.sscc}"
    assert found["point"].startswith("/414/9999999")
    assert "Cave Exemple" in words((tmp_path / "point.pdf").read_bytes())
    assert "600 bouteilles, L00001" in words((tmp_path / "pallet.pdf").read_bytes()).replace("\u00a0", " ")


@pytest.mark.parametrize(("kind", "name"), [("lot", "L00099"), ("lot", "B00001"), ("pallet", "1" * 18), ("point", "nowhere")])
def test_a_name_that_names_nothing_is_said(run, territory_engine, tmp_path, kind, name):
    refused = run("--kind", kind, name)

    assert refused.exit_code == 1
    assert name in refused.stderr
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_the_prefix_of_every_number_is_the_configs(config):
    own = replace(config.labels, company_prefix="", asset_type="123456700001")

    assert (config.labels.prefix, own.prefix) == (PREFIX, "1234567")


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
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(files.os, "fsync", full)
        refused = run("--count", "1", "--out", "a.pdf")
    done = run("--count", "1", "--out", "a.pdf")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    assert "No space left" in refused.stderr
    assert serials(pages((tmp_path / "a.pdf").read_bytes())[0]) == [codes.serial(2)]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.pdf"]


@pytest.mark.parametrize(
    "options",
    [
        ("--count", "0"),
        ("--count", "481"),
        ("--preset", "tag", "--count", "161"),
        ("--start", "25"),
        ("--start", "0"),
        ("--preset", "tag", "--start", "9"),
        ("--preset", "12"),
        ("--kind", "lot"),
        ("--kind", "lot", "L00001", "--reprint", "J0000018"),
        ("J0000018",),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(run, territory_engine, options):
    assert run(*options).exit_code == 2
    assert registered(territory_engine) == []


def test_an_unknown_crate_type_names_those_there_are(run, territory_engine):
    refused = run("--type", "caisse")

    assert refused.exit_code == 1
    assert "casier-12" in refused.stderr
    assert registered(territory_engine) == []
