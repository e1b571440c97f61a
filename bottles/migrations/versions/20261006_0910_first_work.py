"""Pickups, orders, plans and washing."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bottles.migrations.columns import choice, utc

revision: str = "first_work"
down_revision: str | None = "first_tables"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("status", choice("order_status", "placed delivered cancelled"), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("closed_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_orders_partner")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_orders_person")),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f("fk_orders_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_partner"), "orders", ["partner"], unique=False)
    op.create_table(
        "pickup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("ready_from", sa.Date(), nullable=False),
        sa.Column("wanted_by", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reference", sa.String(60), nullable=True),
        sa.Column("status", choice("pickup_status", "open done cancelled"), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("closed_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_pickup_partner")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_pickup_person")),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f("fk_pickup_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup")),
        sa.UniqueConstraint("reference", name=op.f("uq_pickup_reference")),
    )
    op.create_index(op.f("ix_pickup_partner"), "pickup", ["partner"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", choice("plan_status", "draft published superseded"), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("saw", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_plan_made_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_plan_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("day", "version", name=op.f("uq_plan_day_version")),
    )
    op.create_index(op.f("ix_plan_day"), "plan", ["day"], unique=False)
    op.create_table(
        "reception",
        sa.Column("route", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("bottles", sa.Integer(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.Column("finished_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["centre"], ["point.id"], name=op.f("fk_reception_centre")),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_reception")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.Column("expires_at", utc(), nullable=False),
        sa.Column("ended_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_sign_in_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    op.create_index(op.f("ix_sign_in_person"), "sign_in", ["person"], unique=False)
    op.create_table(
        "vehicle",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("crates", sa.Integer(), nullable=False),
        sa.Column("kg", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("fixed_cents", sa.Integer(), nullable=False),
        sa.Column("cents_per_km", sa.Integer(), nullable=False),
        sa.Column("cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("mixed", sa.Boolean(), nullable=False),
        sa.Column("break_after_minutes", sa.Integer(), nullable=True),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("driver", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["centre"], ["point.id"], name=op.f("fk_vehicle_centre")),
        sa.ForeignKeyConstraint(["driver"], ["person.id"], name=op.f("fk_vehicle_driver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
    )
    op.create_table(
        "wash_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("readings", sa.JSON(), nullable=False),
        sa.Column("operator", sa.Integer(), nullable=False),
        sa.Column("started_at", utc(), nullable=False),
        sa.Column("ended_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["centre"], ["point.id"], name=op.f("fk_wash_run_centre")),
        sa.ForeignKeyConstraint(["operator"], ["person.id"], name=op.f("fk_wash_run_operator")),
        sa.ForeignKeyConstraint(["recipe"], ["recipe.id"], name=op.f("fk_wash_run_recipe")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wash_run")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("reception", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_batch_not_washed_twice")),
        sa.ForeignKeyConstraint(["centre"], ["point.id"], name=op.f("fk_batch_centre")),
        sa.ForeignKeyConstraint(["reception"], ["reception.route"], name=op.f("fk_batch_reception")),
        sa.ForeignKeyConstraint(["type"], ["bottle_type.id"], name=op.f("fk_batch_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("reception", "type", name=op.f("uq_batch_reception_type")),
    )
    op.create_index(op.f("ix_batch_type"), "batch", ["type"], unique=False)
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("status", choice("lot_status", "washing inspection released held"), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.JSON(), nullable=False),
        sa.Column("inspected_by", sa.Integer(), nullable=True),
        sa.Column("inspected_at", utc(), nullable=True),
        sa.Column("use_by", sa.Date(), nullable=True),
        sa.Column("why_held", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["centre"], ["point.id"], name=op.f("fk_lot_centre")),
        sa.ForeignKeyConstraint(["inspected_by"], ["person.id"], name=op.f("fk_lot_inspected_by")),
        sa.ForeignKeyConstraint(["run"], ["wash_run.id"], name=op.f("fk_lot_run")),
        sa.ForeignKeyConstraint(["type"], ["bottle_type.id"], name=op.f("fk_lot_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_run"), "lot", ["run"], unique=False)
    op.create_index(op.f("ix_lot_type"), "lot", ["type"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("crate_type", sa.String(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["crate_type"], ["crate_type.id"], name=op.f("fk_order_line_crate_type")),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_order_line_order")),
        sa.ForeignKeyConstraint(["type"], ["bottle_type.id"], name=op.f("fk_order_line_type")),
        sa.PrimaryKeyConstraint("order", "type", name=op.f("pk_order_line")),
    )
    op.create_table(
        "pickup_line",
        sa.Column("pickup", sa.Integer(), nullable=False),
        sa.Column("crate_type", sa.String(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("leave", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["crate_type"], ["crate_type.id"], name=op.f("fk_pickup_line_crate_type")),
        sa.ForeignKeyConstraint(["pickup"], ["pickup.id"], name=op.f("fk_pickup_line_pickup")),
        sa.PrimaryKeyConstraint("pickup", "crate_type", name=op.f("pk_pickup_line")),
    )
    op.create_table(
        "route",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("driver", sa.Integer(), nullable=True),
        sa.Column("departs", utc(), nullable=False),
        sa.Column("returns", utc(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("driving_seconds", sa.Integer(), nullable=False),
        sa.Column("peak_crates", sa.Integer(), nullable=False),
        sa.Column("peak_grams", sa.Integer(), nullable=False),
        sa.Column("break_at", utc(), nullable=True),
        sa.ForeignKeyConstraint(["driver"], ["person.id"], name=op.f("fk_route_driver")),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name=op.f("fk_route_plan")),
        sa.ForeignKeyConstraint(["vehicle"], ["vehicle.id"], name=op.f("fk_route_vehicle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
    )
    op.create_index(op.f("ix_route_driver"), "route", ["driver"], unique=False)
    op.create_index(op.f("ix_route_plan"), "route", ["plan"], unique=False)
    op.create_table(
        "search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(60), nullable=True),
        sa.Column("status", choice("search_status", "waiting running done failed"), nullable=False),
        sa.Column("limit_seconds", sa.Float(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", utc(), nullable=False),
        sa.Column("started_at", utc(), nullable=True),
        sa.Column("seen_at", utc(), nullable=True),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_search_asked_by")),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name=op.f("fk_search_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
        sa.UniqueConstraint("key", name=op.f("uq_search_key")),
    )
    op.create_index(op.f("ix_search_day"), "search", ["day"], unique=False)
    op.create_table(
        "sorting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reception", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_sorting_person")),
        sa.ForeignKeyConstraint(["reason"], ["refusal_reason.id"], name=op.f("fk_sorting_reason")),
        sa.ForeignKeyConstraint(["reception"], ["reception.route"], name=op.f("fk_sorting_reception")),
        sa.ForeignKeyConstraint(["type"], ["bottle_type.id"], name=op.f("fk_sorting_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sorting")),
    )
    op.create_index(op.f("ix_sorting_reception"), "sorting", ["reception"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", choice("task_kind", "collect deliver"), nullable=False),
        sa.Column("pickup", sa.Integer(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=True),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("ready_from", sa.Date(), nullable=False),
        sa.Column("made_at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_task_order")),
        sa.ForeignKeyConstraint(["partner"], ["partner.id"], name=op.f("fk_task_partner")),
        sa.ForeignKeyConstraint(["pickup"], ["pickup.id"], name=op.f("fk_task_pickup")),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f("fk_task_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("order", name=op.f("uq_task_order")),
        sa.UniqueConstraint("pickup", name=op.f("uq_task_pickup")),
    )
    op.create_index(op.f("ix_task_ready_from"), "task", ["ready_from"], unique=False)
    op.create_table(
        "stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("route", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("arrives", utc(), nullable=False),
        sa.Column("starts", utc(), nullable=False),
        sa.Column("leaves", utc(), nullable=False),
        sa.ForeignKeyConstraint(["point"], ["point.id"], name=op.f("fk_stop_point")),
        sa.ForeignKeyConstraint(["route"], ["route.id"], name=op.f("fk_stop_route")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
    )
    op.create_index(op.f("ix_stop_route"), "stop", ["route"], unique=False)
    op.create_table(
        "visit",
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("outcome", choice("outcome", "reached done partly missed"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_visit_task")),
        sa.PrimaryKeyConstraint("task", "plan", name=op.f("pk_visit")),
    )
    op.create_table(
        "visit_line",
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            choice("move", "commission fill load drop deliver collect receive return empty wash lend lose find retire"),
            nullable=False,
        ),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_visit_line_task")),
        sa.PrimaryKeyConstraint("task", "plan", "move", "item", name=op.f("pk_visit_line")),
    )
    op.create_table(
        "stop_task",
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stop"], ["stop.id"], name=op.f("fk_stop_task_stop")),
        sa.ForeignKeyConstraint(["task"], ["task.id"], name=op.f("fk_stop_task_task")),
        sa.PrimaryKeyConstraint("stop", "task", name=op.f("pk_stop_task")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("stop_task")
    op.drop_table("visit_line")
    op.drop_table("visit")
    op.drop_table("stop")
    op.drop_table("task")
    op.drop_table("sorting")
    op.drop_table("search")
    op.drop_table("route")
    op.drop_table("pickup_line")
    op.drop_table("order_line")
    op.drop_table("lot")
    op.drop_table("batch")
    op.drop_table("wash_run")
    op.drop_table("vehicle")
    op.drop_table("sign_in")
    op.drop_table("reception")
    op.drop_table("plan")
    op.drop_table("pickup")
    op.drop_table("orders")
