"""Stocktakes: what somebody counted on the spot, beside what the books said."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "stocktakes"
down_revision: str | None = "pallets"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = "outside point van received clean sorted washed available reserved customer cullet unexplained"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "stocktake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", choice("account_kind", KINDS), nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("opening", sa.Boolean(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_stocktake_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake")),
    )
    op.create_index(op.f("ix_stocktake_holder"), "stocktake", ["holder"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_stocktake_holder"), table_name="stocktake")
    op.drop_table("stocktake")
