"""Blocks of committed rows, sealed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "seals"
down_revision: str | None = "stocktakes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(24), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sealed_at", utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
        sa.UniqueConstraint("table", "last", name=op.f("uq_seal_table_last")),
        sa.UniqueConstraint("table", "previous", name=op.f("uq_seal_table_previous")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("seal")
