"""Jobs, the proposals for them, and which order came from which proposal."""

import sqlalchemy as sa
from alembic import op

revision = "jobs_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "jobs_job",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("employer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("budget_min_minor", sa.BigInteger()),
        sa.Column("budget_max_minor", sa.BigInteger()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("posted_at", WHEN, nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.Column("closed_at", WHEN),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("number"),
        sa.CheckConstraint("state IN ('open', 'hired', 'closed')", name="state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        sa.CheckConstraint("budget_min_minor IS NULL OR budget_min_minor >= 1", name="budget_min"),
        sa.CheckConstraint("budget_max_minor IS NULL OR budget_max_minor >= 1", name="budget_max"),
        sa.CheckConstraint(
            "budget_min_minor IS NULL OR budget_max_minor IS NULL OR budget_min_minor <= budget_max_minor", name="budget"
        ),
        sa.CheckConstraint("version >= 1", name="version"),
    )
    op.create_index("ix_jobs_job_state", "jobs_job", ["state", "id"])
    op.create_index("ix_jobs_job_employer", "jobs_job", ["employer_id", "id"])
    op.create_table(
        "jobs_proposal",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("job_id", BIG_KEY, sa.ForeignKey("jobs_job.id"), nullable=False),
        sa.Column("freelancer_id", BIG_KEY, sa.ForeignKey("account_user.id"), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.Integer()),
        sa.Column("cover", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'withdrawn', 'hired', 'declined')", name="state"),
        sa.CheckConstraint("price_minor >= 1", name="price"),
        sa.CheckConstraint("days >= 1 AND days <= 3650", name="days"),
        sa.CheckConstraint("revisions IS NULL OR (revisions >= 0 AND revisions <= 1000)", name="revisions"),
        sa.CheckConstraint("version >= 1", name="version"),
    )
    op.create_index("ix_jobs_proposal_job", "jobs_proposal", ["job_id", "id"])
    op.create_index("ix_jobs_proposal_job_state", "jobs_proposal", ["job_id", "state"])
    op.create_index("ix_jobs_proposal_freelancer", "jobs_proposal", ["freelancer_id", "id"])
    _unique_where("uq_jobs_proposal_kept", "jobs_proposal", ["job_id", "freelancer_id"], "state <> 'withdrawn'")
    op.create_table(
        "jobs_hire",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("job_id", BIG_KEY, sa.ForeignKey("jobs_job.id"), nullable=False),
        sa.Column("proposal_id", BIG_KEY, sa.ForeignKey("jobs_proposal.id"), nullable=False),
        sa.Column("order_id", BIG_KEY, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("hired_at", WHEN, nullable=False),
        sa.Column("paid_at", WHEN),
        sa.Column("undone_at", WHEN),
        sa.UniqueConstraint("order_id"),
        sa.CheckConstraint("paid_at IS NULL OR undone_at IS NULL", name="ended_once"),
    )
    op.create_index("ix_jobs_hire_proposal", "jobs_hire", ["proposal_id"])
    op.create_index("ix_jobs_hire_waiting", "jobs_hire", ["paid_at", "undone_at"])
    _unique_where("uq_jobs_hire_standing", "jobs_hire", ["job_id"], "undone_at IS NULL")


def downgrade() -> None:
    """Go back."""
    for table in ("jobs_hire", "jobs_proposal", "jobs_job"):
        op.drop_table(table)


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
