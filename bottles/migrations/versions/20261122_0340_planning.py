"""Drivers' rests, unloading on the way, overtime, and plans that go on from another."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "planning"
down_revision: str | None = "seals"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NUMBERS = ("unloads", "unload_minutes", "overtime_minutes", "overtime_cents_per_hour")


def upgrade() -> None:
    """Go forward."""
    op.add_column("vehicle", sa.Column("rests", sa.String(8), nullable=False, server_default="once"))
    for name in NUMBERS:
        op.add_column("vehicle", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("plan", sa.Column("follows", sa.Integer(), nullable=True))
    op.add_column("plan", sa.Column("shortage", sa.JSON(), nullable=False, server_default="{}"))
    for name in ("pauses", "unloads"):
        op.add_column("route", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Go back."""
    for name in ("unloads", "pauses"):
        op.drop_column("route", name)
    for name in ("shortage", "follows"):
        op.drop_column("plan", name)
    for name in (*reversed(NUMBERS), "rests"):
        op.drop_column("vehicle", name)
