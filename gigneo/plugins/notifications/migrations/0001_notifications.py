"""What people were told, and what they chose."""

import sqlalchemy as sa
from alembic import op

revision = "notifications_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "notifications_notice",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("person_id", BIG_KEY, sa.ForeignKey("account_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_notifications_notice_newest", "notifications_notice", ["person_id", "at", "id"])
    op.create_index(
        "ix_notifications_notice_unread",
        "notifications_notice",
        ["person_id", "place", "read_at"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.create_index("ix_notifications_notice_at", "notifications_notice", ["at"])
    op.create_table(
        "notifications_choice",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("person_id", BIG_KEY, sa.ForeignKey("account_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("person_id", "kind", "channel"),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("notifications_choice", "notifications_notice"):
        op.drop_table(table)
