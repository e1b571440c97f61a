"""The tokens that a phone ever had are found without looking at all of them."""

from collections.abc import Sequence

from alembic import op

revision: str = "token_device"
down_revision: str | None = "place_photos"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_token_device", "token", ["device"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_token_device", "token")
