"""Events name the plan version and the label; crates of other networks; what was set aside says whose it is.

Tables whose checks change are made anew around their rows: SQLite alters no constraint, and so both databases take one way.
"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "event_schema"
down_revision: str | None = "first_work"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = "new clean filled aboard out received emptied lent lost retired"
DISPUTES = "unexpected_move unknown_crate negative_balance count_below_scans reception_difference short_stock"
MOVES = "commission fill load drop deliver collect receive return empty wash lend lose find retire"
SPARSE = {"crate": ("crate",), "route": ("route", "move"), "undoes": ("undoes",), "visit": ("task", "plan_version")}
"""Indexes of events, and their columns; since this version they leave out the rows that say nothing there."""


def upgrade() -> None:
    """Go forward."""
    for name in SPARSE:
        op.drop_index(f"ix_event_{name}", "event")
    op.alter_column("event", "plan", new_column_name="plan_version")
    op.add_column("event", sa.Column("label", sa.String(40), nullable=True))
    op.add_column("event", sa.Column("photo", sa.String(80), nullable=True))
    for name, columns in SPARSE.items():
        said = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(f"ix_event_{name}", "event", columns, sqlite_where=said, postgresql_where=said)
    _anew("crate", _crate(f"{STATES} parked", 40, is_ours=True), owner="''", edition="1")
    op.create_index("ix_crate_holder", "crate", ["holder"])
    _anew("dispute", _dispute(f"{DISPUTES} void_label"))
    op.create_index("ix_dispute_subject_status", "dispute", ["subject", "status"])
    _anew("set_aside", _set_aside(is_whole=True), partner="''", centre="''", values="'{}'", is_barred="false", digest="''")
    op.create_index("ix_set_aside_event_id", "set_aside", ["event_id"])
    op.create_index("ix_set_aside_digest", "set_aside", ["digest"])
    _digest()
    _anew("visit_line", _visit_line(MOVES.replace("lend", "lend park")))
    for side in ("source", "target"):
        op.drop_index(f"ix_transfer_{side}", "transfer")
        op.create_index(f"ix_transfer_{side}", "transfer", [side, "at"])
    for column in ("lot", "order"):
        said = sa.text(f'"{column}" <> 0' if column == "order" else f"{column} <> 0")
        op.create_index(f"ix_account_{column}", "account", [column], sqlite_where=said, postgresql_where=said)
    op.add_column("lot", sa.Column("held_at", utc(), nullable=True))
    op.create_index("ix_lot_use_by", "lot", ["use_by"])


def downgrade() -> None:
    """Go back: what the older tables have no room for is lost."""
    op.drop_index("ix_lot_use_by", "lot")
    op.drop_column("lot", "held_at")
    for column in ("lot", "order"):
        op.drop_index(f"ix_account_{column}", "account")
    for side in ("source", "target"):
        op.drop_index(f"ix_transfer_{side}", "transfer")
        op.create_index(f"ix_transfer_{side}", "transfer", [side])
    op.execute("DELETE FROM crate WHERE number IS NULL OR state = 'parked'")
    op.execute("DELETE FROM dispute WHERE kind = 'void_label'")
    op.execute("DELETE FROM visit_line WHERE move = 'park'")
    _anew("visit_line", _visit_line(MOVES))
    for table in ("set_aside", "dispute", "crate"):
        for index in ("digest", "event_id", "subject_status", "holder"):
            op.execute(f"DROP INDEX IF EXISTS ix_{table}_{index}")
    _anew("set_aside", _set_aside(is_whole=False))
    op.create_index("ix_set_aside_event_id", "set_aside", ["event_id"])
    _anew("dispute", _dispute(DISPUTES))
    op.create_index("ix_dispute_subject_status", "dispute", ["subject", "status"])
    _anew("crate", _crate(STATES, 16, is_ours=False))
    op.create_index("ix_crate_holder", "crate", ["holder"])
    for name in SPARSE:
        op.drop_index(f"ix_event_{name}", "event")
    op.drop_column("event", "photo")
    op.drop_column("event", "label")
    op.alter_column("event", "plan_version", new_column_name="plan")
    for name, columns in SPARSE.items():
        older = {"route": ("route",), "visit": ("task", "plan")}.get(name, columns)
        op.create_index(f"ix_event_{name}", "event", older)


def _anew(table: str, parts: list[sa.schema.SchemaItem], **filled: str) -> None:
    """Make a table anew and put its rows back; `filled` are values for columns that were not there."""
    old = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    op.execute(f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")  # noqa: S608 - our own names
    op.drop_table(table)
    op.create_table(table, *parts)
    columns = [part.name for part in parts if isinstance(part, sa.Column)]
    same = [name for name in columns if name in old]
    names = ", ".join(f'"{name}"' for name in [*same, *filled])
    values = ", ".join([*(f'"{name}"' for name in same), *filled.values()])
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}_kept")  # noqa: S608 - our own names
    op.execute(f"DROP TABLE {table}_kept")
    key = {"dispute": "id", "set_aside": "row"}.get(table)
    if key and op.get_bind().dialect.name == "postgresql":
        # the rows brought their numbers along: the next one has to be told
        last = f'SELECT max("{key}") FROM {table}'  # noqa: S608 - our own names
        op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), coalesce(({last}), 1), ({last}) IS NOT NULL)")


def _digest() -> None:
    """Give what was set aside the digest of its body."""
    told = op.get_bind().execute(sa.text('SELECT "row", body FROM set_aside')).all()
    for row, body in told:
        digest = hashlib.sha256(body).hexdigest()
        op.get_bind().execute(sa.text('UPDATE set_aside SET digest = :d WHERE "row" = :r'), {"d": digest, "r": row})


def _crate(states: str, length: int, *, is_ours: bool) -> list[sa.schema.SchemaItem]:
    # the words of a CHECK stand in the order of the code's own list
    words = " ".join(sorted(states.split(), key=ORDER.index))
    fresh: list[sa.schema.SchemaItem] = [
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("printed_at", utc(), nullable=True),
    ]
    return [
        sa.Column("code", sa.String(length), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=is_ours),
        *(fresh if is_ours else []),
        sa.Column("state", choice("crate_state", words), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("where", choice("where", "outside point van received clean customer"), nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("since", utc(), nullable=True),
        sa.ForeignKeyConstraint(["type"], ["crate_type.id"], name=op.f("fk_crate_type")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_crate")),
        sa.UniqueConstraint("number", name=op.f("uq_crate_number")),
    ]


ORDER = ["new", "clean", "filled", "aboard", "out", "received", "emptied", "lent", "parked", "lost", "retired"]


def _visit_line(moves: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("move", choice("move", moves), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_visit_line_task")),
        sa.PrimaryKeyConstraint("task", "plan", "move", "item", name=op.f("pk_visit_line")),
    ]


def _dispute(kinds: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", choice("dispute_kind", kinds), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("status", choice("dispute_status", "open explained settled"), nullable=False),
        sa.Column("opened_at", utc(), nullable=False),
        sa.Column("closed_at", utc(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_dispute_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("key", name=op.f("uq_dispute_key")),
    ]


def _set_aside(*, is_whole: bool) -> list[sa.schema.SchemaItem]:
    fresh: list[sa.schema.SchemaItem] = [
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("role", choice("role", "winemaker shop driver washer coordinator"), nullable=True),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("is_barred", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("decided_at", utc(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_set_aside_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_set_aside_decided_by")),
    ]
    return [
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(36 if is_whole else None), nullable=True),
        sa.Column("receipt", choice("receipt", "kept already_known conflict invalid"), nullable=False),
        sa.Column("device", sa.String(40 if is_whole else None), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("received_at", utc(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *(fresh if is_whole else []),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_set_aside")),
    ]
