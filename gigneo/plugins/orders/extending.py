"""Requests for more days: the freelancer asks, the employer gives them or does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from gigneo.api import Refused, gettext, ngettext, setting, written
from gigneo.hooks import ExtensionAnswered, ExtensionRequested, OrderFacts, RequestFacts
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.asking import answer, ask
from gigneo.plugins.orders.limits import TEXT_LIMIT
from gigneo.plugins.orders.steps import Step, begin, finish, told


def request_extension(
    session: Session, order: int | str, actor_id: int, *, days: int, reason: str, version: int | None = None
) -> OrderFacts:
    """Ask the employer for more days. Nothing moves before they say yes.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        days: how many; at least 1, at most what the operator allows at once.
        reason: why, as typed; required.
        version: of the page that the person saw.

    Raises:
        Refused: a request is open already, another rule refuses, or what was entered is not possible.
    """
    step = begin(session, order, "request_extension", actor_id, version)
    most = int(setting("orders", "extension_days_max"))
    if not 1 <= days <= most:
        said = ngettext("At most %(num)s day can be asked for at once.", "From 1 to %(num)s days can be asked for.", most)
        raise Refused(said, code="days", field="days")
    text = written(reason, "reason", TEXT_LIMIT, missing=gettext("Say why you need more days."))
    values = {"to_id": step.order.employer_id, "days": days, "text": text}
    request_id = ask(session, step.order, "extension", actor_id, step.at, **values)
    return finish(
        session,
        step,
        kind="extension_requested",
        params={"days": days, "reason": text},
        event=ExtensionRequested(**told(step), request_id=request_id, days=days),
    )


def accept_extension(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Give the days that were asked for: the due date moves by them, and the order is not late before the new one.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: nothing was asked, or another rule refuses.
    """
    step = begin(session, order, "accept_extension", actor_id, version)
    asked = _asked(step)
    assert asked.days is not None and step.order.due_at is not None
    due = step.order.due_at + timedelta(days=asked.days)
    changes: dict[str, Any] = {"due_at": due}
    due_now = clocks.due(replace(step.order, due_at=due), step.at)
    if due_now is not None and due_now > step.at:
        changes["late_at"] = None
    return _answered(session, step, asked, "accepted", changes)


def decline_extension(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Don't give more days: the due date stays.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: nothing was asked, or another rule refuses.
    """
    step = begin(session, order, "decline_extension", actor_id, version)
    return _answered(session, step, _asked(step), "rejected", {})


def withdraw_extension(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Take the request for more days back.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        version: of the page that the person saw.

    Raises:
        Refused: nothing was asked, or another rule refuses.
    """
    step = begin(session, order, "withdraw_extension", actor_id, version)
    return _answered(session, step, _asked(step), "withdrawn", {})


def _answered(session: Session, step: Step, asked: RequestFacts, state: str, changes: dict[str, Any]) -> OrderFacts:
    answer(session, asked, state, step.actor_id, step.at)
    due = changes.get("due_at", step.order.due_at)
    event = ExtensionAnswered(**told(step), request_id=asked.id, answer=state, due_at=due)
    kind = f"extension_{state}"
    return finish(session, step, kind=kind, params={"days": asked.days}, changes=changes, event=event)


def _asked(step: Step) -> RequestFacts:
    asked = step.order.request("extension")
    if asked is None:
        raise Refused(gettext("Nobody asked for more days."), code="no_request")
    return asked
