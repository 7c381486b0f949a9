"""Copies of orders with their whole history. Their timers are armed as the steps of the patterns would have armed them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func
from sqlmodel import Session

from gigneo.api import PLAN, Copies, now, planned_value
from gigneo.plugins.orders.models import Activity, Delivery, Feedback, Hold, Order, Request, Revision
from gigneo.plugins.orders.queries import facts_by_id
from gigneo.plugins.orders.records import CHUNK, count_of
from gigneo.plugins.orders.searching import learn_words
from gigneo.plugins.orders.table import table
from gigneo.plugins.orders.timers import set_to

STORIES: Final = (Activity, Delivery, Revision, Feedback, Request, Hold)
"""What belongs to an order by its ``order_id``, a delivery before its feedback."""


def copy_orders(copies: Copies) -> None:
    """Copy orders, their activity, deliveries, revisions, feedback, requests and holds. Files are not copied."""
    copies.rows(
        Order.__table__,
        copies.of(Order.__table__, "id"),
        number=planned_value("number"),
        title=planned_value("title"),
        words=planned_value("words"),
        source_id=lambda old: func.coalesce(PLAN.c.source_id, copies.key(old.c.source_id)),
    )
    learn_words(copies.session, {each.title for each in copies.planned})
    for model in STORIES:
        copies.rows(model.__table__)
    _arm(copies)


def count_records(session: Session, freelancers: Sequence[int]) -> None:
    """Count the records of freelancers whose orders were copied.

    Args:
        session: a writing transaction.
        freelancers: by id.
    """
    at = now()
    for first in range(0, len(freelancers), CHUNK):
        count_of(session, freelancers[first : first + CHUNK], at)


def _arm(copies: Copies) -> None:
    """Write the timers that are still to come; what was due for a pattern has run, and did its work on the copy as well."""
    at, due = now(), {}
    for pattern in copies.patterns:
        order = facts_by_id(copies.session, pattern)
        assert order is not None
        times = {name: timer.due(order) for name, timer in table().timers.items()}
        due[pattern] = {name: time for name, time in times.items() if time is not None and time > at}
    for each in copies.planned:
        for name, time in due[each.pattern].items():
            if not each.days:
                set_to(copies.session, each.key(each.pattern), name, time)
