"""Pallets, the numbers on labels, and the sheets that were printed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "pallets"
down_revision: str | None = "tokens"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "gs1_number",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", choice("key_kind", "bottle point pallet"), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gs1_number")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_gs1_number_kind_name")),
    )
    op.create_table(
        "label_sheet",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", choice("label_kind", "crate batch lot pallet point"), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("preset", sa.String(12), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_label_sheet_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_sheet")),
    )
    op.create_index(op.f("ix_label_sheet_at"), "label_sheet", ["at"], unique=False)
    op.create_table(
        "pallet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sscc", sa.String(18), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("broken_by", sa.Integer(), nullable=True),
        sa.Column("broken_at", utc(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_pallet_holds_something")),
        sa.ForeignKeyConstraint(["broken_by"], ["person.id"], name=op.f("fk_pallet_broken_by")),
        sa.ForeignKeyConstraint(["lot"], ["lot.id"], name=op.f("fk_pallet_lot")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_pallet_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pallet")),
        sa.UniqueConstraint("sscc", name=op.f("uq_pallet_sscc")),
    )
    op.create_index(op.f("ix_pallet_lot"), "pallet", ["lot"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_pallet_lot"), "pallet")
    op.drop_table("pallet")
    op.drop_index(op.f("ix_label_sheet_at"), "label_sheet")
    op.drop_table("label_sheet")
    op.drop_table("gs1_number")
