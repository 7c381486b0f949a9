"""The reads of disputes: those of an order, the administrator's list, and the tab's badge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session, col

from gigneo.plugins.disputes.models import OPEN, Dispute

PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute as pages show it.

    Attributes:
        id: the key.
        order_id: the order.
        opened_by_id: who opened it.
        reason: one of the form's reasons.
        description: as typed.
        state: ``open``, ``withdrawn``, ``closed`` or ``lapsed``.
        opened_at: when.
        settled_at: when it ended, if it has.
        settled_by_id: who ended it; ``None`` for the system.
        outcome: what the administrator said.
    """

    id: int
    order_id: int
    opened_by_id: int
    reason: str
    description: str
    state: str
    opened_at: datetime
    settled_at: datetime | None
    settled_by_id: int | None
    outcome: str

    @property
    def open(self) -> bool:
        """Whether it waits to be settled."""
        return self.state == OPEN


_ROWS = select(
    col(Dispute.id),
    col(Dispute.order_id),
    col(Dispute.opened_by_id),
    col(Dispute.reason),
    col(Dispute.description),
    col(Dispute.state),
    col(Dispute.opened_at),
    col(Dispute.settled_at),
    col(Dispute.settled_by_id),
    col(Dispute.outcome),
)


def of_order(session: Session, order_id: int) -> list[DisputeRow]:
    """Read the disputes of an order, newest first."""
    rows = session.execute(_ROWS.where(col(Dispute.order_id) == order_id).order_by(col(Dispute.id).desc()))
    return [DisputeRow(*row) for row in rows]


def one(session: Session, dispute_id: int) -> DisputeRow | None:
    """Read a dispute."""
    row = session.execute(_ROWS.where(col(Dispute.id) == dispute_id)).one_or_none()
    return None if row is None else DisputeRow(*row)


def listed(session: Session, only_open: bool, after: int | None) -> tuple[list[DisputeRow], int | None]:
    """Read a page of the administrator's list, newest first.

    Args:
        session: the page's read session.
        only_open: leave out what is settled.
        after: the last dispute of the page before; ``None`` for the first page.

    Returns:
        The disputes, and the last one's id when there are more.
    """
    statement = _ROWS.where(col(Dispute.state) == OPEN) if only_open else _ROWS
    if after is not None:
        statement = statement.where(col(Dispute.id) < after)
    rows = [DisputeRow(*row) for row in session.execute(statement.order_by(col(Dispute.id).desc()).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def badge(order_id: Any, _person_id: Any) -> Any:
    """The tab's badge: whether a dispute is open, as a column of the header statement."""
    return (
        select(func.count())
        .select_from(Dispute)
        .where(col(Dispute.order_id) == order_id, col(Dispute.state) == OPEN)
        .scalar_subquery()
    )
