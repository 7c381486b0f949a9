"""The hot reads: statements made once, bound per request, into light frozen rows. Entities are for writing only."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, column, literal_column, select, table
from sqlmodel import Session, col

from gigneo.api import prepared
from gigneo.hooks import HoldFacts, OrderFacts, RequestFacts
from gigneo.plugins.orders.models import Hold, Order, Record, Request
from gigneo.plugins.orders.records import Rates

PEOPLE: Final = table("account_user", column("id"), column("name"))
EMPLOYERS: Final = PEOPLE.alias("employer")
FREELANCERS: Final = PEOPLE.alias("freelancer")
ORDERS: Final = Order.__table__

NUMBER_LENGTH: Final = 12

Badges = tuple[tuple[str, Callable[..., Any]], ...]


@dataclass(frozen=True, slots=True)
class OrderHeader:
    """One order as its page sees it.

    Attributes:
        facts: what hooks see.
        badges: tab → count.
        rates: the freelancer's record.
        category: what the commission rules looked at.
    """

    facts: OrderFacts
    badges: Mapping[str, int]
    rates: Rates
    category: str


ASKED: Select[Any] = (
    select(literal_column("1")).select_from(Request).where(col(Request.order_id) == ORDERS.c.id, col(Request.state) == "open")
)
_NAMES: Final = {
    "employer_name": EMPLOYERS.c.name.label("employer_name"),
    "freelancer_name": FREELANCERS.c.name.label("freelancer_name"),
}
_PLAIN: Final = tuple(each.name for each in fields(OrderFacts) if each.name not in {"holds", "requests", "features"})
"""What facts carry as the row has it, in the order of their attributes; first in the row. The three come last there."""
_HEADER = (
    select(
        *(_NAMES[name] if name in _NAMES else ORDERS.c[name] for name in _PLAIN),
        *(ORDERS.c[name] for name in ("features", "category")),
        ASKED.exists().label("asked"),
    )
    .join(EMPLOYERS, EMPLOYERS.c.id == ORDERS.c.employer_id)
    .join(FREELANCERS, FREELANCERS.c.id == ORDERS.c.freelancer_id)
)
_RATES = ("finished", "completed", "cancelled", "delivered", "on_time")
_WITH_RATES = _HEADER.add_columns(*(col(getattr(Record, name)).label(f"record_{name}") for name in _RATES)).outerjoin(
    Record, col(Record.freelancer_id) == ORDERS.c.freelancer_id
)
_BY_NUMBER = prepared(_HEADER.where(ORDERS.c.number == bindparam("number")))
_BY_ID = prepared(_HEADER.where(ORDERS.c.id == bindparam("order_id")))
_LOCK_NUMBER = prepared(select(ORDERS.c.id).where(ORDERS.c.number == bindparam("number")).with_for_update())
_LOCK_ID = prepared(select(ORDERS.c.id).where(ORDERS.c.id == bindparam("order_id")).with_for_update())
_HOLDS = prepared(
    select(col(Hold.id), col(Hold.plugin), col(Hold.reason), col(Hold.actions), col(Hold.placed_at))
    .where(col(Hold.order_id) == bindparam("order_id"), col(Hold.lifted_at).is_(None))
    .order_by(col(Hold.id))
)

_REQUESTS = prepared(
    select(
        col(Request.id), col(Request.kind), col(Request.asked_by_id), col(Request.asked_at), col(Request.reason),
        col(Request.text), col(Request.days), col(Request.answer_by), col(Request.silent_at), col(Request.stops_review),
        col(Request.silence_agrees),
    )
    .where(col(Request.order_id) == bindparam("order_id"), col(Request.state) == "open")
    .order_by(col(Request.id))
)  # fmt: skip


THIS_ORDER: Final[Any] = literal_column("orders_order.id", BigInteger())
"""The order of the header, for badges: as text, so that it means the outer row however deep a subquery is nested."""


@lru_cache(maxsize=16)
def _header_with(badges: Badges) -> Select[Any]:
    """The page's one header statement: each badge is a column of it, so that a module's badge costs no query."""
    columns = [make(THIS_ORDER, bindparam("person_id")).label(f"badge_{name}") for name, make in badges]
    return prepared(_WITH_RATES.add_columns(*columns).where(ORDERS.c.number == bindparam("number")))


def header(session: Session, number: str, person_id: int = 0, badges: Badges = ()) -> OrderHeader | None:
    """Read an order for its page: with its tabs' badges and the freelancer's record, in one query.

    A second and a third one read the holds and the open requests, where there are any.

    Args:
        session: the page's read session.
        number: the public number.
        person_id: who looks; badges may depend on it.
        badges: tab and maker of a scalar subquery, as order tabs contribute them.
    """
    row = session.execute(_header_with(badges), {"number": number, "person_id": person_id}).one_or_none()
    if row is None:
        return None
    return OrderHeader(
        _facts(session, row),
        {name: getattr(row, f"badge_{name}") or 0 for name, _ in badges},
        Rates(*(getattr(row, f"record_{name}") or 0 for name in _RATES)),
        row.category,
    )


def facts_by_id(session: Session, order_id: int) -> OrderFacts | None:
    """Read an order as hooks see it."""
    row = session.execute(_BY_ID, {"order_id": order_id}).one_or_none()
    return None if row is None else _facts(session, row)


def facts_by_number(session: Session, number: str) -> OrderFacts | None:
    """Read an order as hooks see it, by its public number."""
    row = session.execute(_BY_NUMBER, {"number": number}).one_or_none()
    return None if row is None else _facts(session, row)


def lock(session: Session, order: int | str) -> OrderFacts | None:
    """Lock an order's row, then read it: the first thing that every action does.

    It is read by a second statement on purpose: PostgreSQL gives the locking one the snapshot of the moment at which it
    began to wait, in which a hold that was placed meanwhile is missing.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.

    Returns:
        The facts, or ``None`` when there is no such order.
    """
    if isinstance(order, int):
        order_id = session.execute(_LOCK_ID, {"order_id": order}).scalar_one_or_none()
    else:
        order_id = session.execute(_LOCK_NUMBER, {"number": order}).scalar_one_or_none()
    return None if order_id is None else facts_by_id(session, order_id)


def _facts(session: Session, row: Any) -> OrderFacts:
    others: tuple[Any, ...] = (
        holds_of(session, row.id) if row.held_at is not None else (),
        requests_of(session, row.id) if row.asked else (),
        tuple(json.loads(row.features)),
    )
    return OrderFacts(*row[: len(_PLAIN)], *others)


def requests_of(session: Session, order_id: int) -> tuple[RequestFacts, ...]:
    """Read what was asked for on an order and is not answered yet, oldest first."""
    return tuple(RequestFacts(*row) for row in session.execute(_REQUESTS, {"order_id": order_id}))


def holds_of(session: Session, order_id: int) -> tuple[HoldFacts, ...]:
    """Read what blocks an order now, oldest first."""
    return tuple(
        HoldFacts(row.id, row.plugin, row.reason, frozenset(json.loads(row.actions)), row.placed_at)
        for row in session.execute(_HOLDS, {"order_id": order_id})
    )


def is_number(text: str) -> bool:
    """Whether a part of an address can be an order's public number."""
    return len(text) <= NUMBER_LENGTH and text.isascii() and text.isdigit()


def badges_of(tabs: Sequence[Any]) -> Badges:
    """Return the badges that order tabs contribute, as :func:`header` takes them."""
    return tuple((tab.name, tab.badge) for tab in tabs if tab.badge is not None)
