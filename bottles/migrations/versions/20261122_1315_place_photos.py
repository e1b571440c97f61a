"""The photos of a point are found without looking at every event there is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "place_photos"
down_revision: str | None = "outbox"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PICTURED = sa.text("photo IS NOT NULL")


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_event_photo", "event", ["point"], sqlite_where=PICTURED, postgresql_where=PICTURED)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_event_photo", "event")
