"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "first_tables"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            choice(
                "account_kind", "outside point van received clean sorted washed available reserved customer cullet unexplained"
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT guarded OR quantity >= 0", name=op.f("ck_account_never_oversold")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("kind", "holder", "item", "lot", "order", name=op.f("uq_account_kind_holder_item_lot_order")),
    )
    op.create_table(
        "bottle_type",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("volume_ml", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("diameter_mm", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("why_not", sa.String(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bottle_type")),
    )
    op.create_table(
        "crate_type",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bottles", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crate_type")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "lot_edge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(80), nullable=False),
        sa.Column("child", sa.String(80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_edge")),
    )
    op.create_index(op.f("ix_lot_edge_child"), "lot_edge", ["child"], unique=False)
    op.create_index(op.f("ix_lot_edge_parent"), "lot_edge", ["parent"], unique=False)
    op.create_table(
        "partner",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", choice("partner_kind", "winery shop town carrier washer cooperative"), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    op.create_table(
        "recipe",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
    )
    op.create_table(
        "refusal_reason",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal_reason")),
    )
    op.create_table(
        "set_aside",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("receipt", choice("receipt", "kept already_known conflict invalid"), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("received_at", utc(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_set_aside")),
    )
    op.create_index(op.f("ix_set_aside_event_id"), "set_aside", ["event_id"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_address"), "sign_in_attempt", ["address"], unique=False)
    op.create_index(op.f("ix_sign_in_attempt_email"), "sign_in_attempt", ["email"], unique=False)
    op.create_table(
        "crate",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state", choice("crate_state", "new clean filled aboard out received emptied lent lost retired"), nullable=False
        ),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("where", choice("where", "outside point van received clean customer"), nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("since", utc(), nullable=True),
        sa.ForeignKeyConstraint(["type"], ["crate_type.id"], name=op.f("fk_crate_type")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_crate")),
        sa.UniqueConstraint("number", name=op.f("uq_crate_number")),
    )
    op.create_index(op.f("ix_crate_holder"), "crate", ["holder"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", choice("role", "winemaker shop driver washer coordinator"), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_person_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_partner"), "person", ["partner"], unique=False)
    op.create_table(
        "point",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("kind", choice("point_kind", "winery shop dropoff centre"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("closures", sa.JSON(), nullable=False),
        sa.Column("service_seconds", sa.Integer(), nullable=False),
        sa.Column("crate_seconds", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("access_note", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_point_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
    )
    op.create_index(op.f("ix_point_partner"), "point", ["partner"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("basis", choice("basis", "declared assumed_full counted weighed"), nullable=False),
        sa.Column("cause", sa.String(120), nullable=False),
        sa.Column("event", sa.String(36), nullable=True),
        sa.Column("at", utc(), nullable=False),
        sa.Column("known_at", utc(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_moves_something")),
        sa.ForeignKeyConstraint(["source"], ["account.id"], name=op.f("fk_transfer_source")),
        sa.ForeignKeyConstraint(["target"], ["account.id"], name=op.f("fk_transfer_target")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_cause"), "transfer", ["cause"], unique=False)
    op.create_index(op.f("ix_transfer_source"), "transfer", ["source"], unique=False)
    op.create_index(op.f("ix_transfer_target"), "transfer", ["target"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            choice(
                "dispute_kind",
                "unexpected_move unknown_crate negative_balance count_below_scans reception_difference short_stock",
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("status", choice("dispute_status", "open explained settled"), nullable=False),
        sa.Column("opened_at", utc(), nullable=False),
        sa.Column("closed_at", utc(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_dispute_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("key", name=op.f("uq_dispute_key")),
    )
    op.create_index("ix_dispute_subject_status", "dispute", ["subject", "status"], unique=False)
    op.create_table(
        "event",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column(
            "kind",
            choice("event_kind", "scan count stop_reached stop_done stop_partly stop_missed note undo settle"),
            nullable=False,
        ),
        sa.Column("at", utc(), nullable=False),
        sa.Column("received_at", utc(), nullable=False),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("role", choice("role", "winemaker shop driver washer coordinator"), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("crate", sa.String(40), nullable=True),
        sa.Column("move", sa.String(24), nullable=True),
        sa.Column("point", sa.String(60), nullable=True),
        sa.Column("holder", sa.String(60), nullable=True),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("plan", sa.Integer(), nullable=True),
        sa.Column("route", sa.Integer(), nullable=True),
        sa.Column("item", sa.String(40), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("basis", choice("basis", "declared assumed_full counted weighed"), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("undoes", sa.String(36), nullable=True),
        sa.Column("state", sa.String(24), nullable=True),
        sa.Column("future", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_event_partner")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_event_person")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
    )
    op.create_index(op.f("ix_event_crate"), "event", ["crate"], unique=False)
    op.create_index("ix_event_device", "event", ["device", "sequence"], unique=False)
    op.create_index(op.f("ix_event_route"), "event", ["route"], unique=False)
    op.create_index(op.f("ix_event_undoes"), "event", ["undoes"], unique=False)
    op.create_index("ix_event_visit", "event", ["task", "plan"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("event")
    op.drop_table("dispute")
    op.drop_table("transfer")
    op.drop_table("point")
    op.drop_table("person")
    op.drop_table("crate")
    op.drop_table("sign_in_attempt")
    op.drop_table("set_aside")
    op.drop_table("refusal_reason")
    op.drop_table("recipe")
    op.drop_table("partner")
    op.drop_table("lot_edge")
    op.drop_table("lease")
    op.drop_table("crate_type")
    op.drop_table("bottle_type")
    op.drop_table("account")
