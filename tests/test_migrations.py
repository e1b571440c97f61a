"""Migrations make the tables that the code speaks of, on both databases, and lose nothing on the way."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

import bottles
from bottles import migrations
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
