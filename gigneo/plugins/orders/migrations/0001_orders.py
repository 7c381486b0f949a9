"""Orders, their history, deliveries, revision requests and holds."""

import sqlalchemy as sa
from alembic import op

revision = "orders_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
STATES = "'pending_payment', 'active', 'delivered', 'in_revision', 'completed', 'cancelled'"


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "orders_order",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("package", sa.String(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("source_id", sa.BigInteger()),
        sa.Column("employer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("freelancer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("employer_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate_basis_points", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("revisions_total", sa.Integer()),
        sa.Column("revisions_used", sa.Integer(), nullable=False),
        sa.Column("placed_at", WHEN, nullable=False),
        sa.Column("started_at", WHEN),
        sa.Column("due_at", WHEN),
        sa.Column("first_delivered_at", WHEN),
        sa.Column("delivered_at", WHEN),
        sa.Column("finished_at", WHEN),
        sa.Column("on_time", sa.Boolean()),
        sa.Column("cancelled_by", sa.String()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("number"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
        sa.CheckConstraint("employer_id <> freelancer_id", name="two_people"),
        sa.CheckConstraint("price_minor >= 1", name="price"),
        sa.CheckConstraint("employer_fee_minor >= 0", name="employer_fee"),
        sa.CheckConstraint("commission_minor >= 0 AND commission_minor <= price_minor", name="commission"),
        sa.CheckConstraint("days >= 1", name="days"),
        sa.CheckConstraint("revisions_total IS NULL OR revisions_total >= 0", name="revisions_total"),
        sa.CheckConstraint(
            "revisions_used >= 0 AND (revisions_total IS NULL OR revisions_used <= revisions_total)", name="revisions_used"
        ),
    )
    for role in ("employer", "freelancer"):
        op.create_index(f"ix_orders_order_{role}_newest", "orders_order", [f"{role}_id", "kind", "id"])
        op.create_index(f"ix_orders_order_{role}_state", "orders_order", [f"{role}_id", "kind", "state", "id"])
        op.create_index(f"ix_orders_order_{role}_due", "orders_order", [f"{role}_id", "kind", "due_at", "id"])
    op.create_index("ix_orders_order_state_newest", "orders_order", ["state", "id"])
    op.create_index("ix_orders_order_state_due", "orders_order", ["state", "due_at", "id"])
    op.create_table(
        "orders_activity",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("actor_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_orders_activity_order", "orders_activity", ["order_id", "id"])
    op.create_table(
        "orders_delivery",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("freelancer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
    )
    op.create_index("ix_orders_delivery_order", "orders_delivery", ["order_id", "id"])
    op.create_table(
        "orders_revision",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("employer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.UniqueConstraint("order_id", "round"),
    )
    op.create_table(
        "orders_hold",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("placed_at", WHEN, nullable=False),
        sa.Column("lifted_at", WHEN),
        sa.Column("lifted_by_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("lifted_reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_orders_hold_order", "orders_hold", ["order_id", "lifted_at"])
    op.create_index("ix_orders_hold_standing", "orders_hold", ["lifted_at", "order_id"])


def downgrade() -> None:
    """Go back."""
    for table in ("orders_hold", "orders_revision", "orders_delivery", "orders_activity", "orders_order"):
        op.drop_table(table)
