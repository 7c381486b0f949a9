"""Arms timers on orders that were there before them: after an upgrade, and when a module comes back that has timers.

While a module is off, orders go on without moving its timers. So whatever has appeared, or may have been away, is computed
anew for every order that it may still matter to, a few hundred in each task. What has run for its time does not run again,
and what was due so long ago that nobody remembers whether it ran is left alone.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_
from sqlmodel import Session, col, select

from gigneo.api import TASKS_KEPT, now, schedule, site_revision, task_was_done
from gigneo.hooks import OrderFacts, OrderTimer
from gigneo.plugins.orders.models import ArmedTimer, Order
from gigneo.plugins.orders.queries import lock
from gigneo.plugins.orders.states import FINISHED
from gigneo.plugins.orders.table import table
from gigneo.plugins.orders.timers import key_of, set_to

CHECK: Final = "orders.check_timers"
CHECK_EVERY: Final = timedelta(minutes=1)
ARM: Final = "orders.arm_timer"
CHUNK: Final = 200
STILL_MATTERS: Final = timedelta(days=30)
"""How long after its end an order is looked at: a module may have a timer that begins there."""


def check(payload: Mapping[str, Any], session: Session) -> None:
    """Compare the site's timers with those that are armed. The handler of ``orders.check_timers``.

    Our own are always there when an order takes a step. Those of other modules are armed anew at each revision of the site,
    since the module may have been off in between.
    """
    revision, owners = site_revision(), table().owners
    armed = {row.name: row for row in session.exec(select(ArmedTimer))}
    for name in armed.keys() - owners.keys():
        session.delete(armed[name])
    for name, owner in owners.items():
        row = armed.get(name)
        if row is None or (owner != "orders" and row.revision != revision):
            session.merge(ArmedTimer(name=name, revision=revision))
            schedule(session, ARM, f"{ARM}:{name}", now(), {"timer": name, "after": 0})


def arm_all(payload: Mapping[str, Any], session: Session) -> None:
    """Arm a timer on the next orders, then go on with the ones after them. The handler of ``orders.arm_timer``.

    Args:
        payload: the name of the ``timer``, and the key of the order ``after`` which to go on.
        session: the task's writing transaction.
    """
    timer = table().timers.get(payload["timer"])
    if timer is None:
        return
    matters = or_(col(Order.state).not_in(FINISHED), col(Order.finished_at) > now() - STILL_MATTERS)
    wanted = select(col(Order.id)).where(col(Order.id) > payload["after"], matters).order_by(col(Order.id)).limit(CHUNK)
    found: list[Any] = list(session.exec(wanted))
    for order_id in found:
        order = lock(session, order_id)
        if order is not None:
            _arm(session, order, timer)
    if len(found) == CHUNK:
        schedule(session, ARM, f"{ARM}:{timer.name}", now(), {"timer": timer.name, "after": found[-1]})


def _arm(session: Session, order: OrderFacts, timer: OrderTimer) -> None:
    due = timer.due(order)
    if due is not None and (due < now() - TASKS_KEPT or task_was_done(session, key_of(order.id, timer.name), due)):
        return
    set_to(session, order.id, timer.name, due)
