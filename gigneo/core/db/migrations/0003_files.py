"""Files that people send."""

import sqlalchemy as sa
from alembic import op

from gigneo.core.db.columns import BigKey, UtcDateTime

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of files."""
    op.create_table(
        "file_stored",
        sa.Column("id", BigKey, primary_key=True),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("owner_kind", sa.String(length=60), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("origin_kind", sa.String(length=60), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("uploaded_by", BigKey, sa.ForeignKey("account_user.id", name="fk_file_stored_uploaded_by"), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("preview_key", sa.String(length=80), nullable=True),
        sa.UniqueConstraint("storage_key", name="uq_file_stored_storage_key"),
        sa.UniqueConstraint("preview_key", name="uq_file_stored_preview_key"),
    )
    op.create_index("ix_file_stored_owner", "file_stored", ["owner_kind", "owner_id", "id"])
    op.create_index("ix_file_stored_uploaded_by", "file_stored", ["uploaded_by"])
    op.create_table(
        "file_daily_use",
        sa.Column("person_id", BigKey, sa.ForeignKey("account_user.id", name="fk_file_daily_use_person_id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("file_daily_use")
    op.drop_table("file_stored")
