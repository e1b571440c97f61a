"""Passes that sign a driver in for a day, and what they opened."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import utc

revision: str = "passes"
down_revision: str | None = "field_kinds"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPENED = ("sign_in", "token")
"""What a pass leads to, and is withdrawn with it."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "driver_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("vehicle", sa.String(60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("expires_at", utc(), nullable=False),
        sa.Column("used_at", utc(), nullable=True),
        sa.Column("used_device", sa.String(40), nullable=False),
        sa.Column("revoked_at", utc(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_driver_pass_made_by")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_driver_pass_person")),
        sa.ForeignKeyConstraint(["revoked_by"], ["person.id"], name=op.f("fk_driver_pass_revoked_by")),
        sa.ForeignKeyConstraint(["vehicle"], ["vehicle.id"], name=op.f("fk_driver_pass_vehicle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_driver_pass")),
        sa.UniqueConstraint("digest", name=op.f("uq_driver_pass_digest")),
    )
    op.create_index("ix_driver_pass_day", "driver_pass", ["day"])
    op.create_index("ix_driver_pass_person", "driver_pass", ["person"])
    for table in OPENED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("driver_pass", sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_driver_pass"), "driver_pass", ["driver_pass"], ["id"])
            if table == "sign_in":
                batch.create_unique_constraint(op.f("uq_sign_in_driver_pass"), ["driver_pass"])
    op.create_index("ix_token_driver_pass", "token", ["driver_pass"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_token_driver_pass", "token")
    for table in OPENED:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_driver_pass"), type_="foreignkey")
            if table == "sign_in":
                batch.drop_constraint(op.f("uq_sign_in_driver_pass"), type_="unique")
            batch.drop_column("driver_pass")
    op.drop_index("ix_driver_pass_person", "driver_pass")
    op.drop_index("ix_driver_pass_day", "driver_pass")
    op.drop_table("driver_pass")
