"""The day a call is for, weeks that are proposed, what drivers' days taught of ways, and how a vehicle drives."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "weeks"
down_revision: str | None = "planning"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("plan", sa.Column("notes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("task", sa.Column("day", sa.Date(), nullable=True))
    op.add_column("vehicle", sa.Column("profile", sa.String(8), nullable=False, server_default="car"))
    with op.batch_alter_table("search") as search:
        search.add_column(sa.Column("days", sa.JSON(), nullable=False, server_default="[]"))
        search.add_column(sa.Column("proposal", sa.JSON(), nullable=False, server_default="{}"))
        search.add_column(sa.Column("accepted_by", sa.Integer(), nullable=True))
        search.add_column(sa.Column("accepted_at", utc(), nullable=True))
        search.create_foreign_key(op.f("fk_search_accepted_by"), "person", ["accepted_by"], ["id"])
    op.create_table(
        "calibration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("before", sa.Float(), nullable=False),
        sa.Column("after", sa.Float(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("calibration")
    with op.batch_alter_table("search") as search:
        for name in ("accepted_at", "accepted_by", "proposal", "days"):
            search.drop_column(name)
    op.drop_column("vehicle", "profile")
    op.drop_column("task", "day")
    op.drop_column("plan", "notes")
