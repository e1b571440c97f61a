"""Migrations make the tables that the code speaks of, on both databases, and lose nothing on the way."""

import hashlib
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

import bottles
from bottles import disputes, migrations
from bottles.db import open_engine, reading, transaction
from bottles.partners import Partner, PartnerKind, listed


@pytest.fixture
def blank(blank_url: str) -> Iterator[Engine]:
    """Give a database without any table; every model is known."""
    for module in pkgutil.iter_modules(bottles.__path__, "bottles."):
        if module.name != "bottles.migrations":
            importlib.import_module(module.name)
    engine = open_engine(blank_url)
    yield engine
    engine.dispose()


def _shape(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Read what the database itself says of its tables: columns, keys, checks."""
    look = sa.inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in look.get_columns(name)),
            look.get_pk_constraint(name),
            sorted((c["name"] or "", str(c["sqltext"])) for c in look.get_check_constraints(name)),
            sorted(str(sorted(u.items(), key=str)) for u in look.get_unique_constraints(name)),
            sorted(str(sorted(f.items(), key=str)) for f in look.get_foreign_keys(name)),
            sorted(_told(index) for index in look.get_indexes(name)),
        )
        for name in look.get_table_names()
        if name != "alembic_version"
    }


def _told(index: dict[str, object]) -> str:
    """Write what a database says of an index; the condition of a partial one as its text."""
    options = {key: str(value) for key, value in index.pop("dialect_options", {}).items()}
    return str(sorted([*index.items(), *options.items()], key=str))


def test_migrations_make_exactly_what_the_models_say(blank):
    migrations.upgrade(blank)
    migrated = _shape(blank)
    with blank.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    SQLModel.metadata.drop_all(blank)

    SQLModel.metadata.create_all(blank)

    assert differences == []
    assert migrated == _shape(blank)


def test_migrating_twice_changes_nothing_and_keeps_what_is_there(blank):
    assert not migrations.is_current(blank)
    first = migrations.upgrade(blank)
    with transaction(blank) as session:
        session.add(Partner(id="cave", name="Cave", kind=PartnerKind.WINERY))

    again = migrations.upgrade(blank)

    assert (first, again) == (True, False)
    assert migrations.is_current(blank)
    with reading(blank) as session:
        assert [partner.id for partner in listed(session)] == ["cave"]


def test_a_migration_that_fails_leaves_the_database_as_it_was(blank, monkeypatch):
    real = migrations.command.upgrade

    def fail(*arguments: object) -> None:
        real(*arguments)
        raise RuntimeError("out of disk")

    monkeypatch.setattr(migrations.command, "upgrade", fail)
    with pytest.raises(RuntimeError):
        migrations.upgrade(blank)

    assert sa.inspect(blank).get_table_names() == []


def test_going_back_removes_every_table(blank):
    migrations.upgrade(blank)

    with blank.begin() as connection:
        settings = migrations._settings()
        settings.attributes["connection"] = connection
        migrations.command.downgrade(settings, "base")

    assert sa.inspect(blank).get_table_names() == ["alembic_version"]


def test_after_a_migration_sqlite_checks_its_keys_again(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'keys.sqlite'}")

    migrations.upgrade(engine)

    with engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
    engine.dispose()


def test_migrations_are_named_by_their_time_and_follow_one_another():
    names = sorted(
        module.name for module in pkgutil.iter_modules(importlib.import_module("bottles.migrations.versions").__path__)
    )

    assert names
    assert all(len(name.split("_", 2)[0]) == 8 and name.split("_", 2)[1].isdigit() for name in names)
    assert migrations.newest() is not None  # more than one head raises


def test_what_the_first_version_kept_is_there_after_the_next(blank):
    settings = migrations._settings()
    with blank.begin() as connection:
        settings.attributes["connection"] = connection
        migrations.command.upgrade(settings, "first_work")
        for row in OLD:
            body = "x'7b7d'" if blank.dialect.name == "sqlite" else "'{}'::bytea"
            connection.exec_driver_sql(row.replace("@now", "'2026-10-06 10:00:00+00:00'").replace("@body", body))

    migrations.upgrade(blank)

    with transaction(blank) as session:
        run = session.connection().exec_driver_sql
        assert run("SELECT code, number, owner, edition FROM crate").all() == [("J000001X", 1, "", 1)]
        assert run("SELECT plan_version FROM event").scalar() == 7
        assert run("SELECT digest, receipt FROM set_aside").all() == [(hashlib.sha256(b"{}").hexdigest(), "invalid")]
        assert run("SELECT move, quantity FROM visit_line").all() == [("drop", 4)]
        # and the next one gets a number of its own
        disputes.keep(session, {"crate:B": [disputes.Oddity(disputes.DisputeKind.VOID_LABEL)]}, at=datetime.now(UTC))
        assert len(disputes.open_ones(session)) == 2


OLD = (
    "INSERT INTO partner (id, name, kind, email, phone) VALUES ('cave', 'Cave', 'winery', '', '')",
    "INSERT INTO person (id, name, email, role, partner, password_hash, language, active) "
    "VALUES (1, 'P', 'p@example.org', 'driver', 'cave', '', '', true)",
    "INSERT INTO crate_type (id, name, bottles, grams, units, position) VALUES ('crate12', 'C', 12, 1500, 1, 0)",
    "INSERT INTO point (id, partner, kind, name, street, town, postcode, lat, lon, hours, closures, service_seconds, "
    "crate_seconds, tags, access_note, contact, phone, public) "
    "VALUES ('cellar', 'cave', 'winery', 'C', '', 'Arbois', '39600', 46.9, 5.8, '{}', '[]', 300, 20, '[]', '', '', '', true)",
    "INSERT INTO task (id, kind, partner, point, ready_from, made_at) "
    "VALUES (1, 'collect', 'cave', 'cellar', '2026-10-06', @now)",
    "INSERT INTO visit_line (task, plan, move, item, quantity, scanned) VALUES (1, 7, 'drop', 'crate12', 4, 0)",
    'INSERT INTO crate (code, type, number, state, clean, "where", holder) '
    "VALUES ('J000001X', 'crate12', 1, 'new', true, 'outside', '')",
    'INSERT INTO dispute (kind, subject, key, "values", status, opened_at, note) '
    "VALUES ('unknown_crate', 'crate:A', 'a', '{}', 'open', @now, '')",
    "INSERT INTO event (id, kind, at, received_at, device, sequence, person, partner, role, centre, plan, future, digest, "
    "body) "
    "VALUES ('e', 'note', @now, @now, 'phone', 0, 1, 'cave', 'driver', '', 7, false, '', @body)",
    "INSERT INTO set_aside (receipt, device, person, received_at, message, body) "
    "VALUES ('invalid', 'phone', 1, @now, 'no', @body)",
)
"""A little of everything, as the tables of the first version kept it."""
