"""The review time of a final delivery: it starts, stands still, goes on with what was left, and is extended once.

Each function looks at the order and returns the columns to change; nothing is read or written here.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from gigneo.api import setting
from gigneo.hooks import OrderFacts

REMIND_BEFORE: Final = timedelta(days=1)

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


def after_hold(order: OrderFacts, since: datetime, at: datetime) -> dict[str, Any]:
    """Give back the time that a hold took from the freelancer: the due date moves by it, unless it was over before.

    Args:
        order: as it was while the hold stood.
        since: when the hold was placed.
        at: when it is lifted.
    """
    if order.due_at is None or order.on_time is not None or order.due_at <= since:
        return {}
    return {"due_at": order.due_at + (at - since)}
