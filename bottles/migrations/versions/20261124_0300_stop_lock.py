"""A coordinator fixes the vehicle, the place in the route or the hours of a stop."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "stop_lock"
down_revision: str | None = "moving"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "stop_lock",
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Integer(), nullable=True),
        sa.Column("closes", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f("fk_stop_lock_point")),
        sa.ForeignKeyConstraint(["vehicle"], ["vehicle.id"], name=op.f("fk_stop_lock_vehicle")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_stop_lock_made_by")),
        sa.PrimaryKeyConstraint("point", "day", name=op.f("pk_stop_lock")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("stop_lock")
