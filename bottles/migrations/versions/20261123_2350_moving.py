"""Who asks for a plan anew says what moving a call to another vehicle costs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "moving"
down_revision: str | None = "token_device"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("search", sa.Column("moving", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("search") as table:
        table.drop_column("moving")
