"""People, roles, log-ins and grants."""

import sqlalchemy as sa
from alembic import op

from gigneo.core.db.columns import BigKey, UtcDateTime

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of accounts, with the three roles."""
    op.create_table(
        "account_user",
        sa.Column("id", BigKey, primary_key=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("email", name="uq_account_user_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_account_user_fs_uniquifier"),
    )
    role = op.create_table(
        "account_role",
        sa.Column("id", BigKey, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.UniqueConstraint("name", name="uq_account_role_name"),
    )
    op.bulk_insert(role, [{"name": name} for name in ("employer", "freelancer", "administrator")])
    op.create_table(
        "account_user_role",
        sa.Column("user_id", BigKey, primary_key=True),
        sa.Column("role_id", BigKey, primary_key=True),
        sa.ForeignKeyConstraint(["user_id"], ["account_user.id"], name="fk_account_user_role_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["account_role.id"], name="fk_account_user_role_role_id"),
    )
    op.create_table(
        "account_session",
        sa.Column("id", BigKey, primary_key=True),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", BigKey, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("authenticated_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("ip", sa.String(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("token_hash", name="uq_account_session_token_hash"),
        sa.ForeignKeyConstraint(["user_id"], ["account_user.id"], name="fk_account_session_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_account_session_user_id", "account_session", ["user_id"])
    op.create_table(
        "account_grant",
        sa.Column("user_id", BigKey, primary_key=True),
        sa.Column("permission", sa.String(), primary_key=True),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account_user.id"], name="fk_account_grant_user_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("account_grant", "account_session", "account_user_role", "account_role", "account_user"):
        op.drop_table(table)
