"""The kernel's first tables, and the one row of the site."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "kernel_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    site = op.create_table(
        "site_state",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "module_state",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.Column("fault_at", WHEN),
        sa.Column("changed_at", WHEN, nullable=False),
    )
    op.create_table(
        "setting_value",
        sa.Column("plugin", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("actor_id", BIG_KEY),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("request_id", sa.String()),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"])
    op.create_table(
        "task",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", WHEN, nullable=False),
        sa.Column("lease_until", WHEN),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plugin", sa.String(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("done_at", WHEN),
        sa.UniqueConstraint("key", name="uq_task_key"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'dead')", name="state"),
    )
    op.create_index("ix_task_state_due_at", "task", ["state", "due_at"])
    op.create_index("ix_task_done_at", "task", ["done_at"])
    op.create_table(
        "once_key",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("actor_id", BIG_KEY),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
    )
    op.create_index("ix_once_key_created_at", "once_key", ["created_at"])
    op.bulk_insert(
        site,
        [
            {
                "id": 1,
                "revision": 1,
                "currency": "EUR",
                "theme": "default",
                "demo": False,
                "created_at": datetime.now(UTC),
            }
        ],
    )


def downgrade() -> None:
    """Go back."""
    for table in ("once_key", "task", "audit_entry", "setting_value", "module_state", "site_state"):
        op.drop_table(table)
