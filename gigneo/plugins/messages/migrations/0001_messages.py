"""Messages, and how far each side has read them."""

import sqlalchemy as sa
from alembic import op

revision = "messages_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "messages_message",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("author_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(author_id IS NULL) = (kind <> '')", name="author_or_kind"),
    )
    op.create_index("ix_messages_message_order", "messages_message", ["order_id", "created_at", "id"])
    op.create_index("ix_messages_message_unread", "messages_message", ["order_id", "id"])
    op.create_table(
        "messages_seen",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("person_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("message_id", BIG_KEY, nullable=False),
        sa.UniqueConstraint("order_id", "person_id"),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("messages_seen", "messages_message"):
        op.drop_table(table)
