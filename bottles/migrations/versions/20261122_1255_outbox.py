"""Letters to be sent, and who wants to be told that the van is near."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "outbox"
down_revision: str | None = "positions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("person", sa.Column("van_mail", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("until", utc(), nullable=True),
        sa.Column("sent_at", utc(), nullable=True),
        sa.Column("next_at", utc(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
    )
    op.create_index("ix_letter_next_at", "letter", ["next_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("letter")
    op.drop_column("person", "van_mail")
