"""The module's two tables."""

import sqlalchemy as sa
from alembic import op

revision = "extras_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "extras_note",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders_order.id"), nullable=False, index=True),
        sa.Column("author_id", sa.BigInteger(), sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "extras_heard",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders_order.id"), index=True),
    )
