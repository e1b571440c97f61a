"""Where drivers were who share it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "positions"
down_revision: str | None = "photos"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "position",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("accuracy", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_position_person")),
        sa.ForeignKeyConstraint(["vehicle"], ["vehicle.id"], name=op.f("fk_position_vehicle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index("ix_position_at", "position", ["at"])
    op.create_index("ix_position_person_at", "position", ["person", "at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("position")
