"""Tokens of programs and phones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "tokens"
down_revision: str | None = "event_schema"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", choice("token_kind", "upload bearer"), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("role", choice("role", "winemaker shop driver washer coordinator"), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("centre", sa.String(60), nullable=False),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("expires_at", utc(), nullable=False),
        sa.Column("revoked_at", utc(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("last_used_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_token_made_by")),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_token_partner")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_token_person")),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name=op.f("fk_token_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_token_digest")),
    )
    op.create_index("ix_token_person", "token", ["person"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_token_person", "token")
    op.drop_table("token")
