"""When somebody read what the other side wrote."""

import sqlalchemy as sa
from alembic import op

revision = "messages_0002"
down_revision = "messages_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision; of what was read before, nobody knows when."""
    op.add_column("messages_seen", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("messages_seen", "seen_at")
