"""Everything in which the real order and the modelled one must be the same, as sentences where they are not."""

from datetime import datetime, timedelta
from typing import Any

from gigneo.hooks import OrderFacts
from tests.plugins.orders import model_rules as rules
from tests.plugins.orders.model import OPEN, RECORD, STATES, Order
from tests.plugins.orders.model_steps import Model
from tests.plugins.orders.real import Real

COUNTED_AGAIN = timedelta(days=2)
"""How long an order that is a year old may still count: the records are counted anew by night."""


def differences(real: Real, model: Model, *, disputes: bool = False) -> list[str]:
    """Compare the site with the model."""
    seen = real.look(frozenset(rules.ACTIONS))
    facts = seen.facts
    found = _unlike(_seen(facts), _meant(model.order))
    if facts.state in OPEN:
        found += _unlike(_seen_open(facts), _meant_open(model.order))
    found += _unlike(seen.money, vars(model.purse))
    found += _unlike({"activities": seen.activities}, {"activities": model.order.activities})
    counts = [model.record.counts(model.now - RECORD - late) for late in (timedelta(0), COUNTED_AGAIN)]
    if not all(low <= count <= high for low, count, high in zip(counts[0], seen.record, counts[1], strict=True)):
        found.append(f"record: {seen.record} where the model says {counts[0]}")
    found += _unlike(
        {f"offered to the {role}": names for role, names in seen.offered.items()},
        {f"offered to the {role}": sorted(rules.offered(model, role, disputes=disputes)) for role in seen.offered},
    )
    if facts.state not in STATES:
        found.append(f"there is no state {facts.state}")
    if facts.revisions_left is not None and (facts.revisions_left < 0 or facts.revisions_used > (facts.revisions_total or 0)):
        found.append(f"{facts.revisions_used} of {facts.revisions_total} revisions were used")
    return found + [f"a task failed: {task}" for task in seen.stuck]


def _unlike(seen: dict[str, Any], meant: dict[str, Any]) -> list[str]:
    return [f"{name}: {seen[name]} where the model says {meant[name]}" for name in meant if seen[name] != meant[name]]


def _seen(facts: OrderFacts) -> dict[str, Any]:
    return {
        "state": facts.state,
        "version": facts.version,
        "on time": facts.on_time,
        "revisions used": facts.revisions_used,
        "finished": facts.finished_at,
        "cancelled by": facts.cancelled_by,
        "review until": facts.review_until,
        "review left": facts.review_left_seconds,
        "requests": sorted((one.kind, one.days, one.silent_at is not None) for one in facts.requests),
        "holds": {hold.id: hold.actions for hold in facts.holds},
    }


def _meant(order: Order) -> dict[str, Any]:
    requests: list[tuple[str, int | None, bool]] = []
    if order.administrator_asked:
        requests.append(("administrator", None, False))
    if order.cancellation is not None:
        requests.append(("cancellation", None, order.cancellation.silent))
    if order.extension_days is not None:
        requests.append(("extension", order.extension_days, False))
    return {
        "state": order.state,
        "version": order.version,
        "on time": order.on_time,
        "revisions used": order.revisions_used,
        "finished": order.finished_at,
        "cancelled by": order.cancelled_by,
        "review until": order.review_until,
        "review left": None if order.review_left is None else int(order.review_left.total_seconds()),
        "requests": requests,
        "holds": order.holds,
    }


def _seen_open(facts: OrderFacts) -> dict[str, Any]:
    """What nobody asks about once the order is over."""
    request = facts.request("cancellation")
    return {
        "due": None if any("deliver_final" in hold.actions for hold in facts.holds) else facts.due_at,
        "a draft waits": facts.draft_at is not None,
        "late": facts.late_at is not None,
        "reminded": _in_review(facts.state, facts.reminded_at),
        "review stopped": _in_review(facts.state, facts.review_stopped),
        "review extended": _in_review(facts.state, facts.review_extended),
        "refused": facts.refused_at is not None,
        "answer by": request and not request.silent_at and not facts.holds and request.answer_by,
    }


def _meant_open(order: Order) -> dict[str, Any]:
    return {
        "due": None if any("deliver_final" in actions for actions in order.holds.values()) else order.due_at,
        "a draft waits": order.draft,
        "late": order.late,
        "reminded": _in_review(order.state, order.reminded),
        "review stopped": _in_review(order.state, order.review_stopped),
        "review extended": _in_review(order.state, order.review_extended),
        "refused": order.refused,
        "answer by": order.cancellation and not order.cancellation.silent and not order.holds and order.cancellation.answer_by,
    }


def _in_review(state: str, value: bool | datetime | None) -> bool:
    return state == "delivered" and bool(value)
