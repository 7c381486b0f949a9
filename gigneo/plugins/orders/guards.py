"""The guards of the process: each looks at the order alone, and gives the reason why an action is not open now.

They run for every button of a page, so they read nothing but the facts that they are given.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.api import now, setting
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard
from gigneo.plugins.orders import clocks

SWITCHED_OFF: Final = "switched_off"
"""The code of a refusal that nobody needs to read: the operator does not have this action at all."""

LATE_ENOUGH: Final = timedelta(hours=24)
MANY_REVISIONS: Final = 2


def _revisions_left(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if order.revisions_left != 0:
        return None
    if order.revisions_total == 0:
        return Refusal(_l("This order includes no revisions."), "no_revisions_left")
    return Refusal(_l("No revision is left (%(revisions)s of %(revisions)s used)."), "no_revisions_left")


def _draft_to_judge(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    return None if order.draft_at is not None else Refusal(_l("No draft is waiting for your feedback."), "no_draft")


def _one_cancellation_request(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if order.request("cancellation") is None:
        return None
    return Refusal(_l("A cancellation request is open already. Wait for the answer, or withdraw it."), "request_open")


def _cancellation_to_answer(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    return None if order.request("cancellation") else Refusal(_l("No cancellation was requested."), "no_request")


def _one_extension_request(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if order.request("extension") is None:
        return None
    return Refusal(_l("You have asked for more days already. Wait for the answer, or withdraw it."), "request_open")


def _extension_to_answer(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    return None if order.request("extension") else Refusal(_l("Nobody asked for more days."), "no_request")


def _extended_once(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if not setting("orders", "review_extension_days"):
        return Refusal(_l("More time to review is not given on this site."), SWITCHED_OFF)
    if order.review_extended:
        return Refusal(_l("You have taken more time for this delivery already."), "extended_already")
    return None


def _late_enough(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if not setting("orders", "cancel_when_late"):
        return Refusal(_l("Late orders can't be cancelled alone on this site."), SWITCHED_OFF)
    at = now()
    due = clocks.due(order, at)
    if order.on_time is not None or due is None or at < due + LATE_ENOUGH:
        return Refusal(_l("Possible when the final delivery is 24 hours late."), "not_late")
    return None


def _reason_to_ask(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if order.request("administrator") is not None:
        return Refusal(_l("The administrator was asked already, and will look at the order."), "request_open")
    if order.refused_at is not None or order.revisions_used >= MANY_REVISIONS:
        return None
    reason = _l("Possible when a cancellation request was rejected or not answered, or after the second revision request.")
    return Refusal(reason, "too_early")


def _administrator_asked(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    return None if order.request("administrator") else Refusal(_l("Nobody waits for the administrator's answer."), "no_request")


def _guard(name: str, actions: tuple[str, ...], check: Callable[[OrderFacts, OrderAction, str], Refusal | None]) -> OrderGuard:
    return OrderGuard(name, frozenset(actions), check)


GUARDS: Final = (
    _guard("revisions_left", ("request_revision",), _revisions_left),
    _guard("draft_to_judge", ("give_feedback",), _draft_to_judge),
    _guard("one_cancellation_request", ("request_cancellation",), _one_cancellation_request),
    _guard(
        "cancellation_to_answer",
        ("approve_cancellation", "reject_cancellation", "withdraw_cancellation"),
        _cancellation_to_answer,
    ),
    _guard("one_extension_request", ("request_extension",), _one_extension_request),
    _guard("extension_to_answer", ("accept_extension", "decline_extension", "withdraw_extension"), _extension_to_answer),
    _guard("extended_once", ("extend_review",), _extended_once),
    _guard("late_enough", ("cancel_late",), _late_enough),
    _guard("administrator_asked", ("administrator_answer",), _administrator_asked),
    _guard("reason_to_ask", ("ask_administrator",), _reason_to_ask),
)
