"""Pictures that events name, kept beside them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "photos"
down_revision: str | None = "added_stops"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "photo",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("received_at", utc(), nullable=False),
        sa.Column("mime", sa.String(24), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_photo_person")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_photo")),
        sa.UniqueConstraint("event", "digest", name=op.f("uq_photo_event_digest")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("photo")
