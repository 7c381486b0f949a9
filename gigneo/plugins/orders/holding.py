"""Holds: what a module blocks on an order. They are rows of ours, so that a module can go without stranding an order."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from gigneo.api import Refused, audit, emit, gettext, holders_of, now
from gigneo.contributions import Refusal
from gigneo.hooks import HoldLifted, HoldPlaced, OrderFacts
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.decisions import refuse_held
from gigneo.plugins.orders.models import Hold, Request
from gigneo.plugins.orders.queries import ORDERS, holds_of, lock
from gigneo.plugins.orders.states import MANAGE
from gigneo.plugins.orders.steps import change, event_fields, record


def place_hold(session: Session, order_id: int, plugin: str, reason: str, actions: Iterable[str]) -> int:
    """Block actions on an order until the hold is lifted. Pages made before are stale.

    Args:
        session: the caller's writing transaction.
        order_id: the order.
        plugin: who places it.
        reason: why, for both parties; a whole sentence.
        actions: the names of the actions to block.

    Returns:
        The hold's id.

    Raises:
        Refused: there is no such order.
    """
    order = lock(session, order_id)
    if order is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    blocked = sorted(set(actions))
    hold = Hold(order_id=order_id, plugin=plugin, reason=reason, actions=json.dumps(blocked), placed_at=now())
    session.add(hold)
    session.flush()
    change(session, order, clocks.hold(order, blocked, hold.placed_at))
    record(session, order_id, "hold_placed", None, params={"plugin": plugin, "reason": reason}, version=order.version + 1)
    emit(session, HoldPlaced(**event_fields(order, None, hold.placed_at), plugin=plugin, reason=reason))
    assert hold.id is not None
    return hold.id


def lift_hold(session: Session, order_id: int, hold_id: int, *, actor_id: int | None = None, reason: str = "") -> None:
    """Lift a hold. Lifting one that is lifted already changes nothing.

    Args:
        session: the caller's writing transaction.
        order_id: the order.
        hold_id: the hold, which must stand on that order.
        actor_id: the administrator who lifts it, or ``None`` for its own module.
        reason: why; required of an administrator, shown to both parties and kept in the audit.

    Raises:
        Refused: there is no such hold, or an administrator gives no reason.
    """
    if actor_id is not None and actor_id not in holders_of(session, MANAGE):
        raise Refused(gettext("There is no such hold."), code="not_found")
    order = lock(session, order_id)
    hold = session.get(Hold, hold_id)
    if order is None or hold is None or hold.order_id != order_id:
        raise Refused(gettext("There is no such hold."), code="not_found")
    reason = reason.strip()
    if actor_id is not None and not reason:
        raise Refused(gettext("Say why the hold is lifted; both sides see it."), code="empty", field="reason")
    if hold.lifted_at is not None:
        return
    at = now()
    _lift(session, order, hold, actor_id, reason, at)
    change(session, order, _gone_on(session, order, at))


def settle_holds(session: Session, order: OrderFacts, actor_id: int, reason: str, at: datetime) -> None:
    """Lift every hold of an order that an administrator decides; the step that follows moves its version.

    Args:
        session: the step's writing transaction, in which the order is locked.
        order: the order.
        actor_id: the administrator.
        reason: of the decision.
        at: when.
    """
    for standing in order.holds:
        hold = session.get(Hold, standing.id)
        assert hold is not None
        _lift(session, order, hold, actor_id, reason, at)
    if order.holds:
        session.execute(update(ORDERS).where(ORDERS.c.id == order.id).values(clocks.LIFTED))


def _lift(session: Session, order: OrderFacts, hold: Hold, actor_id: int | None, reason: str, at: datetime) -> None:
    hold.lifted_at, hold.lifted_by_id, hold.lifted_reason = at, actor_id, reason
    session.add(hold)
    session.flush()
    params = {"plugin": hold.plugin, "reason": reason}
    record(session, order.id, "hold_lifted", actor_id, params=params, version=order.version + 1, at=at)
    emit(session, HoldLifted(**event_fields(order, actor_id, at), plugin=hold.plugin, reason=reason))
    if actor_id is not None:
        audit(session, "orders.hold_lifted", f"order:{order.number}", {"hold": hold.id, **params}, actor_id=actor_id)


def _gone_on(session: Session, order: OrderFacts, at: datetime) -> dict[str, Any]:
    """Let times go on with what was left: the review, the due date, and the answer to a cancellation request."""
    standing = holds_of(session, order.id)
    asked = order.request("cancellation")
    if not standing and asked is not None and asked.silent_at is None:
        moved = clocks.answer_by(order, asked, at)
        session.execute(update(Request).where(col(Request.id) == asked.id).values(answer_by=moved))
    return clocks.lift(order, replace(order, holds=standing), at)


def refuse_payout(session: Session, order_id: int) -> Refusal | None:
    """Say why an order's money must not be paid out yet: while any hold stands, it stays where it is.

    Args:
        session: the writing transaction that would pay it out; the order is locked first, so that a hold placed at the
            same moment is either seen or waits.
        order_id: the order.
    """
    order = lock(session, order_id)
    return None if order is None else refuse_held(order)
