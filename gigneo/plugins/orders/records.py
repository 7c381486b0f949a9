"""Freelancers' records: how many paid orders they finished in the last 365 days, and how those ended.

Each end of an order adds to the record in its own transaction; once a day what is older than a year is taken out, by
counting again, some freelancers in each task. Formulas, as they stand where the figures are shown (spec: the cancellation rate):

- cancellation rate = orders that the freelancer cancelled ÷ paid orders that were finished
- completion rate = completed orders ÷ paid orders that were finished
- on time = first final deliveries before the due date ÷ finished orders that were delivered
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Integer, Table, bindparam, cast, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from gigneo.api import UtcDateTime, now, prepared, schedule
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.models import Order, Record
from gigneo.plugins.orders.states import COMPLETED

ORDERS: Final = Order.__table__
RECORDS: Final[Table] = Record.__table__
WINDOW: Final = timedelta(days=365)
COUNT_AGAIN: Final = "orders.count_records"
COUNT_EVERY: Final = timedelta(days=1)
CHUNK: Final = 200


@dataclass(frozen=True, slots=True)
class Rates:
    """A freelancer's record.

    Attributes:
        finished: paid orders that were completed or cancelled in the last 365 days.
        completed: how many of them were completed.
        cancelled: how many of them the freelancer cancelled.
        delivered: how many of them had a final delivery.
        on_time: how many of those came in time.
    """

    finished: int = 0
    completed: int = 0
    cancelled: int = 0
    delivered: int = 0
    on_time: int = 0

    @property
    def cancellation_rate(self) -> Fraction | None:
        """Orders that the freelancer cancelled ÷ finished orders; ``None`` before the first one."""
        return Fraction(self.cancelled, self.finished) if self.finished else None

    @property
    def completion_rate(self) -> Fraction | None:
        """Completed orders ÷ finished orders; ``None`` before the first one."""
        return Fraction(self.completed, self.finished) if self.finished else None

    @property
    def on_time_rate(self) -> Fraction | None:
        """Deliveries in time ÷ delivered orders; ``None`` before the first one."""
        return Fraction(self.on_time, self.delivered) if self.delivered else None


def rates_of(session: Session, freelancer_id: int) -> Rates:
    """Read a freelancer's record."""
    row = session.execute(_RECORD, {"freelancer": freelancer_id}).one_or_none()
    return Rates(*row) if row is not None else Rates()


def with_one_more_cancelled(rates: Rates) -> Rates:
    """Return what a record would be if the freelancer cancelled one more order; for the question before it."""
    return Rates(rates.finished + 1, rates.completed, rates.cancelled + 1, rates.delivered, rates.on_time)


def count_finished(session: Session, order: OrderFacts, *, against: bool) -> None:
    """Add an order that has just ended to its freelancer's record. One that was never paid does not count.

    Args:
        session: the step's writing transaction.
        order: as it is now.
        against: whether its cancellation counts against the freelancer.
    """
    if order.started_at is None:
        return
    more = {
        "finished": 1,
        "completed": int(order.state == COMPLETED),
        "cancelled": int(against),
        "delivered": int(order.on_time is not None),
        "on_time": int(order.on_time is True),
    }
    values = {"freelancer_id": order.freelancer_id, "counted_at": now(), **more}
    session.execute(_add(session.get_bind().dialect.name), values)


@lru_cache(maxsize=2)
def _add(dialect: str) -> Any:
    """Add to a record, or begin it."""
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(RECORDS)
    statement = statement.values({column.name: bindparam(column.name) for column in RECORDS.c}).inline()
    counts = {name: RECORDS.c[name] + statement.excluded[name] for name in _COUNTS}
    return prepared(statement.on_conflict_do_update(index_elements=["freelancer_id"], set_=counts))


def count_again(payload: Mapping[str, Any], session: Session) -> None:
    """Count the next records anew over the last 365 days, then go on. The handler of ``orders.count_records``, once a day.

    Args:
        payload: ``after`` which freelancer's key to go on; empty at the beginning.
        session: the task's writing transaction.
    """
    at, key = now(), col(Record.freelancer_id)
    wanted = select(key).where(key > payload.get("after", 0)).order_by(key).limit(CHUNK).with_for_update()
    found = session.execute(wanted).scalars().all()
    count_of(session, found, at)
    if len(found) == CHUNK:
        schedule(session, COUNT_AGAIN, f"{COUNT_AGAIN}:next", at, {"after": found[-1]})


def count_of(session: Session, freelancers: Sequence[int], at: datetime) -> None:
    """Count the records of some freelancers anew.

    Args:
        session: a writing transaction, in which those records that are there are locked.
        freelancers: by id.
        at: the present.
    """
    counted = (
        select(
            ORDERS.c.freelancer_id,
            func.count(),
            _sum(ORDERS.c.state == COMPLETED),
            _sum(ORDERS.c.against_freelancer),
            _sum(ORDERS.c.on_time.is_not(None)),
            _sum(ORDERS.c.on_time.is_(True)),
            literal(at, UtcDateTime()),
        )
        .where(ORDERS.c.freelancer_id.in_(freelancers), ORDERS.c.finished_at > at - WINDOW, ORDERS.c.started_at.is_not(None))
        .group_by(ORDERS.c.freelancer_id)
    )
    session.execute(delete(Record).where(col(Record.freelancer_id).in_(freelancers)))
    names = ["freelancer_id", "finished", "completed", "cancelled", "delivered", "on_time", "counted_at"]
    session.execute(insert(Record).from_select(names, counted))


def _sum(condition: Any) -> Any:
    return func.sum(cast(condition, Integer))


_COUNTS: Final = ("finished", "completed", "cancelled", "delivered", "on_time")
_RECORD = prepared(select(*(RECORDS.c[name] for name in _COUNTS)).where(RECORDS.c.freelancer_id == bindparam("freelancer")))
