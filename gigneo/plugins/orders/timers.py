"""What orders do by themselves: each timer computes its time from the order; each step of an order moves its tasks.

One task per timer and order, written in the step's own transaction. Before anything happens the order is locked and the
time computed again, so that a task that comes late, twice or for nothing does no harm.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import now, schedule, unschedule
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.queries import lock
from gigneo.plugins.orders.table import table

KIND: Final = "orders.timer"


def arm(session: Session, before: OrderFacts | None, after: OrderFacts) -> None:
    """Write, move and take back an order's timers after a step.

    Args:
        session: the step's writing transaction.
        before: the order before it; ``None`` for one that is new, or whose tasks are unknown.
        after: the order after it.
    """
    for timer in table().timers.values():
        was = timer.due(before) if before is not None else None
        due = timer.due(after)
        if due == was:
            continue
        set_to(session, after.id, timer.name, due)


def set_to(session: Session, order_id: int, timer: str, due: datetime | None) -> None:
    """Write, move or take back one timer of an order. The task is the module's whose timer it is, and waits while that is off.

    Args:
        session: a writing transaction.
        order_id: the order.
        timer: its name.
        due: when; ``None`` takes it back.
    """
    key = key_of(order_id, timer)
    if due is None:
        unschedule(session, key)
    else:
        schedule(session, KIND, key, due, {"order_id": order_id, "timer": timer}, plugin=table().owners[timer])


def key_of(order_id: int, timer: str) -> str:
    """Return the key of a timer's task."""
    return f"{KIND}:{timer}:{order_id}"


def run(payload: Mapping[str, Any], session: Session) -> None:
    """Fire a timer whose time has come. The handler of ``orders.timer``.

    Args:
        payload: the ``order_id``, and the name of the ``timer``.
        session: the task's writing transaction.
    """
    timer = table().timers.get(payload["timer"])
    order = lock(session, int(payload["order_id"]))
    if timer is None or order is None:
        return
    due = timer.due(order)
    if due is None:
        return
    if due > now():
        set_to(session, order.id, timer.name, due)
        return
    timer.fire(session, order.id)


def upcoming(order: OrderFacts) -> list[tuple[LazyText, datetime]]:
    """Return what an order will do by itself, in words, soonest first; what has nothing to say is left out."""
    found = [
        (said, due)
        for timer in table().timers.values()
        if timer.says is not None and (due := timer.due(order)) is not None and (said := timer.says(order)) is not None
    ]
    return sorted(found, key=lambda pair: pair[1])
