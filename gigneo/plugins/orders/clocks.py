"""The times of an order: the review of a final delivery, which is extended once, and what holds let stand still.

Each function looks at the order and returns the columns to change; nothing is read or written here.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from gigneo.api import setting
from gigneo.hooks import OrderFacts, RequestFacts

REMIND_BEFORE: Final = timedelta(days=1)

LIFTED: Final[dict[str, Any]] = {"held_at": None, "undeliverable_at": None}
"""The columns of an order on which no hold stands."""

STOPPED_FOR_GOOD: Final[dict[str, Any]] = {"review_until": None, "review_left_seconds": None}
"""The columns of an order that is reviewed no longer."""


def start(order: OrderFacts, at: datetime) -> dict[str, Any]:
    """Start the review time of a final delivery: a new one, whatever was before.

    While a hold stands, or a cancellation request waits for its answer, it stands still from the beginning.

    Args:
        order: as it was before the delivery.
        at: when it was delivered.
    """
    whole = timedelta(days=int(setting("orders", "review_days")))
    asked = order.request("cancellation") is not None
    still = asked or bool(order.holds)
    return {
        "review_until": None if still else at + whole,
        "review_left_seconds": int(whole.total_seconds()) if still else None,
        "review_stopped": asked,
        "review_extended": False,
        "reminded_at": None,
    }


def pause(order: OrderFacts, at: datetime) -> dict[str, Any]:
    """Let the review time stand still, if it runs."""
    if order.review_until is None:
        return {}
    left = max(0, int((order.review_until - at).total_seconds()))
    return {"review_until": None, "review_left_seconds": left}


def resume(order: OrderFacts, at: datetime) -> dict[str, Any]:
    """Let the review time go on with what was left, if nothing stands in its way any more.

    Args:
        order: as it is without what has just been lifted or answered.
        at: the present.
    """
    if order.review_left_seconds is None or standing_still(order):
        return {}
    return {"review_until": at + timedelta(seconds=order.review_left_seconds), "review_left_seconds": None}


def extend(order: OrderFacts) -> dict[str, Any]:
    """Add the operator's days to the review time, once per final delivery; a time that stands still grows as well."""
    more = timedelta(days=int(setting("orders", "review_extension_days")))
    changes: dict[str, Any] = {"review_extended": True, "reminded_at": None}
    if order.review_until is not None:
        changes["review_until"] = order.review_until + more
    elif order.review_left_seconds is not None:
        changes["review_left_seconds"] = order.review_left_seconds + int(more.total_seconds())
    return changes


def standing_still(order: OrderFacts) -> bool:
    """Return whether a hold or an open request stops the review time."""
    return bool(order.holds) or any(request.stops_review for request in order.requests)


def hold(order: OrderFacts, actions: Collection[str], at: datetime) -> dict[str, Any]:
    """Let times stand still under a hold; one that stands already has stopped them before.

    Args:
        order: as it was before the hold.
        actions: what the hold blocks.
        at: when it is placed.
    """
    changes = {"held_at": order.held_at or at, **pause(order, at)}
    return changes | {"undeliverable_at": order.undeliverable_at or at} if "deliver_final" in actions else changes


def lift(order: OrderFacts, after: OrderFacts, at: datetime) -> dict[str, Any]:
    """Let times go on that nothing stops any more, each with what was left of it, however many holds stood meanwhile.

    Args:
        order: as it was while the hold stood.
        after: the same without it.
        at: when it is lifted.
    """
    changes: dict[str, Any] = {} if after.holds else {**LIFTED, **resume(after, at)}
    if not after.blocked("deliver_final"):
        changes |= {"undeliverable_at": None, "due_at": due(order, at)}
    return changes


def due(order: OrderFacts, at: datetime) -> datetime | None:
    """Return when the final delivery would be due if nothing blocked it any more.

    The due date moves by the time for which holds have blocked the final delivery, unless it was over before.
    """
    since = order.undeliverable_at
    if order.due_at is None or since is None or order.on_time is not None or order.due_at <= since:
        return order.due_at
    return order.due_at + (at - since)


def answer_by(order: OrderFacts, request: RequestFacts, at: datetime) -> datetime | None:
    """Return when silence about a request is noted, once the last hold is lifted.

    Args:
        order: as it was under the holds.
        request: what waits for an answer.
        at: when the last hold is lifted.
    """
    if request.answer_by is None or order.held_at is None:
        return request.answer_by
    return request.answer_by + (at - max(order.held_at, request.asked_at))
