"""Stops that were added on the way."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "added_stops"
down_revision: str | None = "passes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOVES = "commission fill load drop deliver collect receive return empty wash lend park lose find retire"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "added_stop",
        *_place("added_stop"),
        sa.Column("outcome", choice("outcome", "reached done partly missed"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("began", utc(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.PrimaryKeyConstraint("route", "point", name=op.f("pk_added_stop")),
    )
    op.create_table(
        "added_line",
        *_place("added_line"),
        sa.Column("move", choice("move", MOVES), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("route", "point", "move", "item", name=op.f("pk_added_line")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("added_line")
    op.drop_table("added_stop")


def _place(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("route", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["route"], ["route.id"], name=op.f(f"fk_{table}_route")),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f(f"fk_{table}_point")),
    ]
