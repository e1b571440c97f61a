"""What a driver tells besides: photos, signatures, stops nobody planned, a route that is closed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "field_kinds"
down_revision: str | None = "audits"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = "scan count stop_reached stop_done stop_partly stop_missed note undo settle"
FRESH = "photo signature stop_added route_closed"


def upgrade() -> None:
    """Go forward."""
    _check(f"{KINDS} {FRESH}")


def downgrade() -> None:
    """Go back: the older table has no room for these kinds, and they are lost."""
    op.execute(sa.text(f"DELETE FROM event WHERE kind IN ({_listed(FRESH)})"))  # noqa: S608 - our own words
    _check(KINDS)


def _check(kinds: str) -> None:
    # SQLite alters no constraint: there the table is made anew, with its rows
    with op.batch_alter_table("event") as event:
        event.drop_constraint(op.f("ck_event_event_kind"), type_="check")
        event.create_check_constraint(op.f("ck_event_event_kind"), sa.text(f"kind IN ({_listed(kinds)})"))


def _listed(kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds.split())
