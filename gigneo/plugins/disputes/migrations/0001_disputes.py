"""Disputes, at most one open per order."""

import sqlalchemy as sa
from alembic import op

revision = "disputes_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "disputes_dispute",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("opened_by_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hold_id", BIG_KEY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", WHEN, nullable=False),
        sa.Column("settled_at", WHEN),
        sa.Column("settled_by_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'withdrawn', 'closed', 'lapsed')", name="state"),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
    )
    op.create_index("ix_disputes_dispute_order", "disputes_dispute", ["order_id", "id"])
    op.create_index("ix_disputes_dispute_state", "disputes_dispute", ["state", "id"])
    only_open = sa.text("state = 'open'")
    op.create_index(
        "uq_disputes_dispute_open",
        "disputes_dispute",
        ["order_id"],
        unique=True,
        sqlite_where=only_open,
        postgresql_where=only_open,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("disputes_dispute")
