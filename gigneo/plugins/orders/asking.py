"""The rows of requests: what one side asked for, answered once, and closed with the order."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, bindparam
from sqlmodel import Session

from gigneo.api import prepared
from gigneo.hooks import OrderFacts, RequestFacts
from gigneo.plugins.orders.models import Request

REQUESTS: Final[Table] = Request.__table__
_GIVEN: Final = ("state", "answered_by_id", "answered_at", "answer")
_ANSWER: Final = prepared(
    REQUESTS.update().where(REQUESTS.c.id == bindparam("request")).values({name: bindparam(name) for name in _GIVEN})
)


def ask(session: Session, order: OrderFacts, kind: str, asked_by_id: int, at: datetime, **values: Any) -> int:
    """Write an open request.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order: the order.
        kind: ``cancellation``, ``extension`` or ``administrator``.
        asked_by_id: who asks.
        at: when.
        values: further columns.

    Returns:
        The request's id.
    """
    row = Request(order_id=order.id, kind=kind, asked_by_id=asked_by_id, asked_at=at, **values)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def answer(session: Session, request: RequestFacts, state: str, by_id: int | None, at: datetime, text: str = "") -> None:
    """Close an open request of a locked order.

    Args:
        session: the action's writing transaction.
        request: the request.
        state: ``accepted``, ``rejected``, ``withdrawn``, ``answered`` or ``lapsed``.
        by_id: who answered; ``None`` for the system.
        at: when.
        text: what was said.
    """
    values = {"request": request.id, "state": state, "answered_by_id": by_id, "answered_at": at, "answer": text}
    session.execute(_ANSWER, values)


def lapse_open(session: Session, order: OrderFacts, at: datetime, kind: str | None = None) -> None:
    """Close the open requests of a locked order without an answer; of one kind only when it is named."""
    for request in order.requests:
        if kind is None or request.kind == kind:
            answer(session, request, "lapsed", None, at)
