"""The timers of orders as data: when each is due, by the order alone, and the use case that it takes."""

from datetime import datetime
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts, OrderTimer
from gigneo.plugins.orders import delivering, placing, requesting, reviewing
from gigneo.plugins.orders.clocks import REMIND_BEFORE
from gigneo.plugins.orders.states import ACTIVE, DELIVERED, IN_REVISION, OPEN, PENDING


def _expires(order: OrderFacts) -> datetime | None:
    return order.pay_until if order.state == PENDING else None


def _is_late(order: OrderFacts) -> datetime | None:
    waits = order.state in {ACTIVE, IN_REVISION} and order.on_time is None and order.late_at is None
    return order.due_at if waits and order.undeliverable_at is None else None


def _completes(order: OrderFacts) -> datetime | None:
    return order.review_until if order.state == DELIVERED and not order.holds else None


def _reminds(order: OrderFacts) -> datetime | None:
    until = _completes(order)
    if until is None or order.reminded_at is not None or order.delivered_at is None:
        return None
    return until - REMIND_BEFORE if until - REMIND_BEFORE > order.delivered_at else None


def _falls_silent(order: OrderFacts) -> datetime | None:
    asked = order.request("cancellation")
    if order.state not in OPEN or order.holds or asked is None or asked.silent_at is not None:
        return None
    return asked.answer_by


def _after_silence(order: OrderFacts) -> LazyText:
    asked = order.request("cancellation")
    if asked is not None and asked.silence_agrees:
        return _l("Without an answer to the cancellation request, the order is cancelled; everything goes back to %(employer)s.")
    return _l("Without an answer to the cancellation request, the administrator is told.")


TIMERS: Final = (
    OrderTimer("expire", "expire", _expires, placing.expire, lambda _order: _l("Without a payment the order expires.")),
    OrderTimer("late", "mark_late", _is_late, delivering.mark_late),
    OrderTimer("remind", "remind", _reminds, reviewing.remind),
    OrderTimer(
        "complete",
        "complete",
        _completes,
        reviewing.complete,
        lambda _order: _l("Without an answer to the delivery, the order is completed and the money released."),
    ),
    OrderTimer("silence", "note_silence", _falls_silent, requesting.silence, _after_silence),
)
