"""Who may do what with the modelled order, and when; and what it does by itself. From the product's rules only.

:func:`reasons` gives every reason against an action, as codes. Where there are several, the product may tell any of them
first: no rule says which.
"""

from datetime import datetime, timedelta

from tests.plugins.orders.model import FINISHED, OPEN, PAY_WINDOW, PENDING, REMINDER
from tests.plugins.orders.model_steps import Model

WORKING = frozenset({"active", "in_revision"})
UNDELIVERED = frozenset({"active"})
DELIVERED, COMPLETED = frozenset({"delivered"}), frozenset({"completed"})
E, F, A = "employer", "freelancer", "administrator"

ACTIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "pay": (frozenset({E}), PENDING),
    "drop": (frozenset({E}), PENDING),
    "deliver_draft": (frozenset({F}), WORKING),
    "deliver_final": (frozenset({F}), WORKING),
    "give_feedback": (frozenset({E}), WORKING),
    "approve": (frozenset({E}), DELIVERED),
    "request_revision": (frozenset({E}), DELIVERED),
    "extend_review": (frozenset({E}), DELIVERED),
    "request_extension": (frozenset({F}), UNDELIVERED),
    "withdraw_extension": (frozenset({F}), UNDELIVERED),
    "accept_extension": (frozenset({E}), UNDELIVERED),
    "decline_extension": (frozenset({E}), UNDELIVERED),
    "request_cancellation": (frozenset({E}), OPEN),
    "withdraw_cancellation": (frozenset({E}), OPEN),
    "approve_cancellation": (frozenset({F}), OPEN),
    "reject_cancellation": (frozenset({F}), OPEN),
    "cancel": (frozenset({F}), OPEN),
    "cancel_late": (frozenset({E}), WORKING),
    "ask_administrator": (frozenset({E, F}), OPEN),
    "administrator_answer": (frozenset({A}), OPEN),
    "administrator_complete": (frozenset({A}), OPEN),
    "administrator_cancel": (frozenset({A}), OPEN),
    "administrator_refund": (frozenset({A}), COMPLETED),
}
"""Each action that a person takes: who, and in which states."""

ADMINISTRATORS = frozenset(name for name, (actors, _) in ACTIONS.items() if A in actors)

NO_REQUEST = {
    "withdraw_extension": "extension", "accept_extension": "extension", "decline_extension": "extension",
    "withdraw_cancellation": "cancellation", "approve_cancellation": "cancellation", "reject_cancellation": "cancellation",
}  # fmt: skip
"""What must have been asked for before it can be answered or withdrawn."""

OFF = frozenset({"cancel_late"})
"""What the operator has to switch on first."""


def reasons(model: Model, action: str, role: str, *, stale: bool = False, disputes: bool = False) -> set[str]:
    """Say every reason why somebody may not do something now; nothing when they may.

    Args:
        model: the order.
        action: its name in the process table.
        role: ``employer``, ``freelancer``, ``stranger``, ``administrator``, or ``party`` for the employer who is an
            administrator too, and comes as that where administrators act.
        stale: whether it comes from a page that is older than the order.
        disputes: whether the Dispute Module is on; then nobody asks the administrator.
    """
    actors, states = ACTIONS[action]
    if role == "party" and A not in actors:
        role = E
    if A in actors:
        if role != A:
            return {"own_order"} if role == "party" else {"not_found", "wrong_role", "own_order"}
    elif role not in {E, F}:
        return {"not_found"}
    if role not in actors:
        return {"wrong_role"}
    found = {"stale"} if stale else set()
    if model.order.state not in states:
        found.add("wrong_state")
    found |= _particular(model, action)
    if any(action in hold for hold in model.order.holds.values()):
        found.add("held")
    if action in OFF:
        found.add("switched_off")
    if action == "ask_administrator" and disputes:
        found.add("no_such_action")
    return found


def _particular(model: Model, action: str) -> set[str]:
    """The rules of single actions."""
    order = model.order
    asked = {"extension": order.extension_days is not None, "cancellation": order.cancellation is not None}
    if action in NO_REQUEST:
        return set() if asked[NO_REQUEST[action]] else {"no_request"}
    enough_to_ask = order.refused or order.revisions_used >= 2
    rules: dict[str, dict[str, bool]] = {
        "pay": {"not_enough": order.state == "pending_payment" and model.purse.employer < order.price},
        "give_feedback": {"no_draft": not order.draft},
        "request_revision": {"no_revisions_left": order.revisions_left == 0},
        "extend_review": {"extended_already": order.review_extended},
        "request_extension": {"request_open": asked["extension"]},
        "request_cancellation": {"request_open": asked["cancellation"]},
        "ask_administrator": {"request_open": order.administrator_asked, "too_early": not enough_to_ask},
        "administrator_answer": {"no_request": not order.administrator_asked},
        "administrator_refund": {"not_clearing": model.purse.clearing == 0},
    }
    return {code for code, applies in rules.get(action, {}).items() if applies}


def offered(model: Model, role: str, *, disputes: bool = False) -> set[str]:
    """The actions that the page offers to a role. Too little money is told when paying: the top-up is offered with it."""
    return {
        action
        for action, (actors, _) in ACTIONS.items()
        if role in actors and not reasons(model, action, role, disputes=disputes) - {"not_enough"}
    }


def deadlines(model: Model) -> list[tuple[datetime, str]]:
    """What the order does by itself, and when, soonest first."""
    order = model.order
    found: list[tuple[datetime, str]] = []
    if order.state in PENDING:
        found.append((order.placed_at + PAY_WINDOW, "expire"))
    if order.state == "active" and not order.late and order.due_at is not None:
        found.append((order.due_at, "mark_late"))
    if order.cancellation is not None and not order.cancellation.silent and order.cancellation.answer_by is not None:
        found.append((order.cancellation.answer_by, "note_silence"))
    if order.review_until is not None:
        found.append((order.review_until, "complete"))
        if not order.reminded:
            found.append((order.review_until - REMINDER, "remind"))
    if order.state in FINISHED and model.purse.clearing and order.clears_at is not None and not order.holds:
        found.append((order.clears_at, "clear"))
    return sorted(found)


def next_deadline(model: Model) -> datetime | None:
    """When something happens by itself next."""
    return next((when for when, _ in deadlines(model)), None)


def pass_time(model: Model, until: datetime) -> list[str]:
    """Let the order do what is due by ``until``, each thing at that moment, as a worker does that wakes then.

    Call it with a moment before the next deadline but one, so that what is due by now could not have happened earlier.
    """
    model.now = until
    happened: list[str] = []
    while (due := deadlines(model)) and due[0][0] <= until:
        action = due[0][1]
        if action == "clear":
            model.clear()
        else:
            model.take(action)
        happened.append(action)
        assert len(happened) < 10, happened
    return happened


MOMENT = timedelta(seconds=1)
"""Just before, or just after, a time that matters."""
