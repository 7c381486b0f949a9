"""Every action that a person can take, as the person sees it: from which situation, where its form is, what comes of it.

Written down a second time on purpose, from the specification; ``tests/e2e/test_twice_at_once.py`` says when the process has
an action that is missing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

EMPLOYER: Final = "employer"
FREELANCER: Final = "freelancer"
ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, slots=True)
class Action:
    """An action and its form.

    Attributes:
        name: in the process table.
        situation: what an order must have come to before it, one of :data:`SITUATIONS`.
        who: the role.
        path: the last part of the form's address.
        kind: what the order's history calls it afterwards.
        words: how the history tells it to everybody.
        to: the state that it leads to; empty where the state is kept.
        typed: what is filled in.
        file: the name of a file that comes with the form.
    """

    name: str
    situation: str
    who: str
    path: str
    kind: str
    words: str
    to: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    def url(self, number: str) -> str:
        """Return where its form is."""
        return f"/admin/orders/{number}/decide/{self.path}" if self.who == ADMINISTRATOR else f"/orders/{number}/{self.path}"

    def after(self, situation: str) -> "Action":
        """Return the same action, taken in another situation."""
        return replace(self, situation=situation)


SITUATIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "unpaid": (),
        "active": ("pay",),
        "late": ("pay",),
        "drafted": ("pay", "draft"),
        "delivered": ("pay", "deliver"),
        "last_revision": ("pay", "deliver"),
        "overdue": ("pay", "deliver"),
        "nearly_over": ("pay", "deliver"),
        "forgotten": (),
        "unanswered": ("pay", "ask_to_cancel"),
        "clearing": ("pay", "deliver", "approve"),
        "asked_for_days": ("pay", "ask_for_days"),
        "asked_to_cancel": ("pay", "ask_to_cancel"),
        "not_agreed": ("pay", "ask_to_cancel", "reject_cancellation"),
        "flagged": ("pay", "ask_to_cancel", "reject_cancellation", "ask_administrator"),
    }
)
"""Situation → the steps that lead there from a new order; for some of them time has passed since."""

_WORK: Final = {"type": "final", "description": "All of it, as <agreed>."}
_DRAFT: Final = {"type": "draft", "description": "A first look & more to come."}
_MINDS: Final = {"reason": "Something else", "description": "We merged with “another” company."}
_DECIDES: Final = {"reason": "Both sides wrote to us, and this is what follows."}
_E, _F, _A = EMPLOYER, FREELANCER, ADMINISTRATOR

_ALL: Final = (
    Action("pay", "unpaid", _E, "pay", "paid", "into escrow; the work starts", "active"),
    Action("drop", "unpaid", _E, "drop", "dropped", "dropped the order before it was paid", "cancelled"),
    Action(
        "deliver_final", "active", _F, "deliver", "delivered", "submitted the final delivery", "delivered", _WORK,
        "whole-work.pdf",
    ),
    Action("deliver_draft", "active", _F, "deliver", "draft", "shared a draft", "", _DRAFT, "first-look.pdf"),
    Action("give_feedback", "drafted", _E, "feedback", "feedback", "gave feedback on the draft", "", {"text": "Warmer, please."}),
    Action("approve", "delivered", _E, "approve", "completed", "approved the delivery; the order is completed", "completed"),
    Action(
        "request_revision", "delivered", _E, "request-revision", "revision_requested", "requested a revision", "in_revision",
        {"instructions": "Heavier letters, and 10 % more <white>."},
    ),
    Action("extend_review", "delivered", _E, "extend-review", "review_extended", "took more time to review"),
    Action(
        "request_extension", "active", _F, "request-extension", "extension_requested", "asked for 3 more days", "",
        {"days": "3", "reason": "The paper comes later."},
    ),
    Action(
        "withdraw_extension", "asked_for_days", _F, "withdraw-extension", "extension_withdrawn",
        "withdrew the request for more days",
    ),
    Action("accept_extension", "asked_for_days", _E, "accept-extension", "extension_accepted", "gave 3 more days"),
    Action(
        "decline_extension", "asked_for_days", _E, "decline-extension", "extension_rejected", "declined the request for more days"
    ),
    Action(
        "request_cancellation", "active", _E, "request-cancellation", "cancellation_requested", "requested a cancellation",
        "", _MINDS,
    ),
    Action(
        "withdraw_cancellation", "asked_to_cancel", _E, "withdraw-cancellation", "cancellation_withdrawn",
        "withdrew the cancellation request",
    ),
    Action(
        "approve_cancellation", "asked_to_cancel", _F, "approve-cancellation", "cancelled_by_agreement", "agreed to cancel",
        "cancelled",
    ),
    Action(
        "reject_cancellation", "asked_to_cancel", _F, "reject-cancellation", "cancellation_rejected", "rejected the cancellation",
        "", {"answer_text": "Half of it is done."},
    ),
    Action("cancel", "active", _F, "cancel", "cancelled", "cancelled the order", "cancelled"),
    Action("cancel_late", "late", _E, "cancel-late", "cancelled_late", "cancelled the late order", "cancelled"),
    Action(
        "ask_administrator", "not_agreed", _E, "ask-administrator", "administrator_asked", "asked the administrator", "",
        {"text": "Please have a look at the second round."},
    ),
    Action(
        "administrator_answer", "flagged", _A, "answer", "administrator_answered", "answered as administrator", "",
        {"answer": "Talk to each other first, & write to us again."},
    ),
    Action(
        "administrator_complete", "active", _A, "complete", "completed_by_administrator", "completed the order as administrator",
        "completed", _DECIDES,
    ),
    Action(
        "administrator_cancel", "active", _A, "cancel", "cancelled_by_administrator", "cancelled the order as administrator",
        "cancelled", _DECIDES,
    ),
    Action(
        "administrator_refund", "clearing", _A, "refund", "refunded", "back to the employer as administrator", "",
        {**_DECIDES, "amount_minor": "10.00"},
    ),
)  # fmt: skip

ACTIONS: Final[Mapping[str, Action]] = MappingProxyType({action.name: action for action in _ALL})
"""By name; without ``place``, which has no order yet."""

BY_TIME: Final[Mapping[str, Action]] = MappingProxyType(
    {
        action.name: action
        for action in (
            Action("expire", "forgotten", "system", "", "expired", "The order expired before it was paid", "cancelled"),
            Action("late", "late", "system", "", "late", "The order is late: the due date is over"),
            Action("remind", "nearly_over", "system", "", "reminded", "A reminder was sent"),
            Action(
                "complete", "overdue", "system", "", "completed_by_time", "The review time ended without an answer", "completed"
            ),
            Action("silence", "unanswered", "system", "", "cancellation_unanswered", "Nobody answered the cancellation request"),
        )
    }
)
"""What a worker does, by the timer's name."""

SILENCE_AGREES: Final = Action(
    "silence", "unanswered", "system", "", "cancelled_by_silence", "so the order was cancelled", "cancelled"
)
"""The same timer where the operator chose that silence agrees."""
