"""Categories, services, their packages, and which order came from which service."""

import sqlalchemy as sa
from alembic import op

revision = "services_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "services_category",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("icon", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "services_service",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("freelancer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("category_id", BIG_KEY, sa.ForeignKey("services_category.id"), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("slug"),
        sa.CheckConstraint("sold >= 0", name="sold"),
    )
    op.create_index("ix_services_service_published", "services_service", ["published", "id"])
    op.create_index("ix_services_service_category", "services_service", ["category_id", "published", "id"])
    op.create_index("ix_services_service_freelancer", "services_service", ["freelancer_id", "id"])
    op.create_table(
        "services_package",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("service_id", BIG_KEY, sa.ForeignKey("services_service.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.Integer()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("service_id", "name"),
        sa.CheckConstraint("price_minor >= 1", name="price"),
        sa.CheckConstraint("days >= 1", name="days"),
        sa.CheckConstraint("revisions IS NULL OR revisions >= 0", name="revisions"),
    )
    op.create_table(
        "services_purchase",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("service_id", BIG_KEY, sa.ForeignKey("services_service.id"), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("order_id"),
    )
    op.create_index("ix_services_purchase_service", "services_purchase", ["service_id"])
    op.create_index("ix_services_purchase_counted", "services_purchase", ["counted", "order_id"])


def downgrade() -> None:
    """Go back."""
    for table in ("services_purchase", "services_package", "services_service", "services_category"):
        op.drop_table(table)
