"""The table of disputes. The migration makes it; this class only describes it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, column
from sqlmodel import Field

from gigneo.api import BigKey, ForeignId, Id, When, table_base

Base = table_base("disputes")

MANAGE = "disputes.manage"
OPEN = "open"
WITHDRAWN = "withdrawn"
CLOSED = "closed"
LAPSED = "lapsed"
STATES = (OPEN, WITHDRAWN, CLOSED, LAPSED)


class Dispute(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What somebody could not settle alone. At most one of an order is open at a time; the database sees to that."""

    __tablename__ = "disputes_dispute"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'withdrawn', 'closed', 'lapsed')", name="state"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        Index("ix_disputes_dispute_order", "order_id", "id"),
        Index("ix_disputes_dispute_state", "state", "id"),
        Index(
            "uq_disputes_dispute_open",
            "order_id",
            unique=True,
            sqlite_where=column("state") == OPEN,
            postgresql_where=column("state") == OPEN,
        ),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    opened_by_id: int = ForeignId("account_user.id", index=False)
    reason: str
    description: str = Field(sa_type=Text)
    hold_id: int = Field(sa_type=BigKey)
    state: str = OPEN
    opened_at: datetime = When()
    settled_at: datetime | None = When(nullable=True)
    settled_by_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    outcome: str = Field(default="", sa_type=Text)
