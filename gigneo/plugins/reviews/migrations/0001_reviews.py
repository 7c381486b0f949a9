"""Reviews of completed orders, one from each side, and reports about them."""

import sqlalchemy as sa
from alembic import op

revision = "reviews_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "reviews_review",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("author_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("subject_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("author_role", sa.String(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", WHEN, nullable=False),
        sa.Column("published_at", WHEN),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", WHEN),
        sa.Column("reported", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("hidden_at", WHEN),
        sa.Column("hidden_by_id", BIG_KEY, sa.ForeignKey("account_user.id")),
        sa.Column("hidden_reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("order_id", "author_id"),
        sa.CheckConstraint("author_role IN ('employer', 'freelancer')", name="author_role"),
        sa.CheckConstraint("author_id <> subject_id", name="two_people"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("(reply = '') = (replied_at IS NULL)", name="reply"),
    )
    public = sa.text("published_at IS NOT NULL AND hidden_at IS NULL")
    summed = ["subject_id", "author_role", "rating", "published_at", "hidden_at"]
    for name, columns in {"public": summed, "subject": ["subject_id", "id"]}.items():
        op.create_index(f"ix_reviews_review_{name}", "reviews_review", columns, sqlite_where=public, postgresql_where=public)
    op.create_index("ix_reviews_review_reported", "reviews_review", ["reported", "id"])
    op.create_index("ix_reviews_review_hidden", "reviews_review", ["hidden_at", "id"])
    op.create_table(
        "reviews_report",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("review_id", BIG_KEY, sa.ForeignKey("reviews_review.id"), nullable=False),
        sa.Column("reporter_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("settled_at", WHEN),
        sa.UniqueConstraint("review_id", "reporter_id"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("reviews_report")
    op.drop_table("reviews_review")
