"""What the state machine tries: each use case, what no form accepts, and a module that fails wherever one stands."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gigneo.hooks import hookimpl
from gigneo.plugins.orders import api as orders

USE_CASES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "pay": (orders.pay, {}),
    "drop": (orders.drop, {}),
    "deliver_draft": (orders.deliver, {"final": False, "description": "A first look."}),
    "deliver_final": (orders.deliver, {"final": True, "description": "Here it is."}),
    "give_feedback": (orders.give_feedback, {"text": "More air."}),
    "approve": (orders.approve, {}),
    "request_revision": (orders.request_revision, {"instructions": "Heavier, please."}),
    "extend_review": (orders.extend_review, {}),
    "request_extension": (orders.request_extension, {"days": 2, "reason": "The printer is ill."}),
    "withdraw_extension": (orders.withdraw_extension, {}),
    "accept_extension": (orders.accept_extension, {}),
    "decline_extension": (orders.decline_extension, {}),
    "request_cancellation": (
        orders.request_cancellation,
        {"reason": "The work is no longer needed", "description": "The bakery closes."},
    ),
    "withdraw_cancellation": (orders.withdraw_cancellation, {}),
    "approve_cancellation": (orders.approve_cancellation, {}),
    "reject_cancellation": (orders.reject_cancellation, {"answer_text": "It is nearly done."}),
    "cancel": (orders.cancel, {}),
    "cancel_late": (orders.cancel_late, {}),
    "ask_administrator": (orders.ask_administrator, {"text": "Please look."}),
    "administrator_answer": (orders.answer_as_administrator, {"answer": "Talk to each other first."}),
    "administrator_complete": (orders.complete_as_administrator, {"reason": "It was delivered."}),
    "administrator_cancel": (orders.cancel_as_administrator, {"reason": "It was not delivered."}),
    "administrator_refund": (orders.refund_as_administrator, {"reason": "Half of it was missing."}),
}
"""Each action's use case, with what a person would type."""

WALLET = 500_000
ROLES = ("employer", "freelancer", "stranger", "administrator", "party")
PRICES = (1, 5, 99, 1_000, 4_805, 19_995, 600_000)
_WORK = (("pay", "employer"), ("deliver_final", "freelancer"), ("request_revision", "employer"), ("deliver_final", "freelancer"))
STAGES = (_WORK[:2], _WORK[:1], _WORK, _WORK[:3], ())
"""How far an order has come before anything is tried."""
LOOK_AGAIN = timedelta(hours=1, seconds=1)
"""How long money that a hold has kept may take to move once the hold is gone; no rule says it."""
ENDS = frozenset({"drop", "cancel", "approve", "approve_cancellation", "administrator_cancel", "administrator_complete"})
"""What is taken less often, so that orders live long enough."""
HOOKS: dict[str, tuple[str, ...]] = {
    "pay": ("order_paying",),
    "deliver_draft": ("allow_order_deliver", "order_delivering"),
    "deliver_final": ("allow_order_deliver", "order_delivering"),
    "approve": ("allow_order_approve", "order_completing"),
    "request_revision": ("allow_revision_request",),
    "request_extension": ("allow_extension_request",),
    "request_cancellation": ("allow_cancellation_request",),
    "approve_cancellation": ("order_cancelling",),
    "cancel": ("allow_order_cancel", "order_cancelling"),
    "administrator_complete": ("order_completing",),
    "administrator_cancel": ("order_cancelling",),
    "administrator_refund": ("order_refunding",),
}
"""Where a module stands that may fail: each veto and each participant of each action."""
BAD: dict[str, tuple[dict[str, Any], ...]] = {
    "deliver_draft": ({"description": " "},),
    "deliver_final": ({"description": " \n"},),
    "give_feedback": ({"text": " "},),
    "request_revision": ({"instructions": "\t"},),
    "request_extension": ({"days": 0}, {"days": 31}, {"days": -1}),
    "request_cancellation": ({"reason": "Because"}, {"reason": ""}, {"description": " "}),
    "ask_administrator": ({"text": " "},),
    "administrator_answer": ({"answer": " "},),
    "administrator_complete": ({"reason": " "},),
    "administrator_cancel": ({"reason": ""},),
    "administrator_refund": ({"amount_minor": 0}, {"amount_minor": -1}, {"amount_minor": 10**9}, {"reason": " "}),
}
"""What a form must not accept."""
HOLDS = (frozenset({"approve", "cancel", "complete"}), frozenset({"deliver_final", "request_revision"}), frozenset[str]())


def failing(hook: str, first: bool) -> object:
    """A module that fails in one hook, before or after everybody else."""

    def fail() -> None:
        raise RuntimeError("failing")

    mark: Callable[[Any], Any] = hookimpl(tryfirst=first, trylast=not first)
    return type("Failing", (), {hook: staticmethod(mark(fail))})()
