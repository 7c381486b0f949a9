"""A table of a small plugin, with what the traps are about: 64-bit money, a time, a parent and its children."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "ledger_account",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("account_id", BIG_KEY, sa.ForeignKey("ledger_account.id", name="fk_ledger_entry_account_id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_ledger_entry_account_id", "ledger_entry", ["account_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("ledger_entry")
    op.drop_table("ledger_account")
