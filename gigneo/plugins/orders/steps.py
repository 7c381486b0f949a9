"""What every action of an order shares: lock, stale check, decision, then state, history and fact in one transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table, bindparam
from sqlmodel import Session

from gigneo.api import Refused, RefusedMany, emit, gettext, now, prepared
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderEvent, OrderFacts
from gigneo.plugins.orders.asking import lapse_open
from gigneo.plugins.orders.clocks import STOPPED_FOR_GOOD
from gigneo.plugins.orders.decisions import decide, find
from gigneo.plugins.orders.models import Activity
from gigneo.plugins.orders.queries import ORDERS, facts_by_id, lock
from gigneo.plugins.orders.records import count_finished
from gigneo.plugins.orders.states import ADMINISTRATOR, FINISHED, SYSTEM
from gigneo.plugins.orders.timers import arm
from gigneo.plugins.orders.wording import fill, values_of

ACTIVITIES: Final[Table] = Activity.__table__
OWN_ORDER: Final = _l("You are a party of this order. Another administrator has to settle it.")


@dataclass(frozen=True, slots=True)
class Step:
    """An action that passed every check and is about to happen.

    Attributes:
        order: as it was when its row was locked.
        action: the row of the process table.
        actor_id: who acts; ``None`` for the system.
        role: in which role.
        at: when.
    """

    order: OrderFacts
    action: OrderAction
    actor_id: int | None
    role: str
    at: datetime


def begin(
    session: Session,
    order: int | str,
    action: str,
    actor_id: int | None,
    version: int | None = None,
    *,
    administrator: bool = False,
) -> Step:
    """Lock the order, then judge.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        action: its name in the process table.
        actor_id: who acts; ``None`` for the system.
        version: the order's version on the page that the person saw; ``None`` asks for no particular one.
        administrator: whether the person acts as administrator, which nobody may on an order of their own.

    Raises:
        Refused: ``not_found`` for an order that is not there or not theirs; ``stale`` when it has changed since the
            page was made; otherwise the reason of the rule that refuses.
        RefusedMany: several rules refuse.
    """
    facts = lock(session, order)
    role = None if facts is None else _role(facts, actor_id, administrator)
    if facts is None or role is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    refuse_stale(facts, version)
    rule = find(action)
    decision = decide(facts, rule, role, session)
    if not decision.offered:
        raise refused(decision.refusals, facts)
    return Step(facts, rule, actor_id, role, now())


def _role(order: OrderFacts, actor_id: int | None, administrator: bool) -> str | None:
    if actor_id is None:
        return SYSTEM
    own = order.role_of(actor_id)
    if administrator and own is not None:
        raise Refused(OWN_ORDER, code="own_order")
    return ADMINISTRATOR if administrator else own


def refuse_stale(order: OrderFacts, version: int | None) -> None:
    """Refuse a page that was made from an older version of the order.

    Raises:
        Refused: with the code ``stale``.
    """
    if version is not None and version != order.version:
        raise Refused(
            gettext("The order has changed while you were looking at it. Nothing was done; see what happened."), code="stale"
        )


def refused(refusals: tuple[Refusal, ...], order: OrderFacts) -> Exception:
    """Return refusals as the exception that stops an action, with the order's names and amounts filled in."""
    values = values_of(order)
    filled = [replace(refusal, reason=fill(refusal.reason, values)) for refusal in refusals]
    return Refused(filled[0].reason, filled[0].code) if len(filled) == 1 else RefusedMany(filled)


def finish(
    session: Session,
    step: Step,
    *,
    event: OrderEvent | None = None,
    kind: str,
    text: str = "",
    params: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    noted: bool = False,
) -> OrderFacts:
    """Write what a step has come to: state, version, timers, history, fact. An order that ends leaves nothing open.

    Args:
        session: the action's writing transaction.
        step: as :func:`begin` gave it.
        event: the fact to tell, if any.
        kind: of the activity; ``<plugin>.<what happened>`` for a step of another module.
        text: the activity's words, for kinds of other modules.
        params: filled into the activity's words.
        changes: further columns of the order.
        noted: whether it is only noted: nothing becomes possible or impossible, so that pages made before stay good.

    Returns:
        The order as it is now.
    """
    order, to = step.order, step.action.to or step.order.state
    columns = {**(changes or {}), "state": to}
    if to in FINISHED and order.state not in FINISHED:
        columns |= {"finished_at": step.at, "draft_at": None, **STOPPED_FOR_GOOD}
        lapse_open(session, order, step.at)
    after = change(session, order, columns, noted=noted)
    if to in FINISHED and order.state not in FINISHED:
        count_finished(session, after, against=bool(columns.get("against_freelancer")))
    record(session, order.id, kind, step.actor_id, params=params, text=text, version=after.version, at=step.at)
    if event is not None:
        emit(session, event)
    return after


def change(session: Session, order: OrderFacts, changes: Mapping[str, Any], *, noted: bool = False) -> OrderFacts:
    """Change columns of a locked order, and move its timers with them.

    Its version moves, so that pages made before are stale, unless it is only ``noted``. What is in its other tables is
    written before.

    Returns:
        The order as it is now.
    """
    values = {**changes, "version": order.version + (not noted)}
    session.execute(_changing(frozenset(values)), {**values, "changed": order.id})
    after = facts_by_id(session, order.id)
    assert after is not None
    arm(session, order, after)
    return after


@lru_cache(maxsize=256)
def _changing(columns: frozenset[str]) -> Any:
    """Make the statement that changes these columns of an order; there are as many as there are kinds of steps."""
    given: dict[str, Any] = {name: bindparam(name) for name in sorted(columns)}
    return prepared(ORDERS.update().where(ORDERS.c.id == bindparam("changed")).values(given))


def record(
    session: Session,
    order_id: int,
    kind: str,
    actor_id: int | None,
    *,
    params: Mapping[str, Any] | None = None,
    text: str = "",
    version: int,
    at: datetime | None = None,
) -> None:
    """Add a fact to the order's history.

    Args:
        session: the action's writing transaction.
        order_id: the order.
        kind: what happened, as in ``placed`` or ``<plugin>.<what>``.
        actor_id: who did it; ``None`` for the system.
        params: plain values, filled into the words of our own kinds.
        text: the words, for kinds of other modules.
        version: the order's version after it.
        at: when; now when absent.
    """
    values = {
        "order_id": order_id,
        "at": at or now(),
        "actor_id": actor_id,
        "kind": kind,
        "params": json.dumps(dict(params or {}), sort_keys=True),
        "text": text,
        "order_version": version,
    }
    session.execute(_RECORD, values)


_RECORD: Final = prepared(
    ACTIVITIES.insert().values({column.name: bindparam(column.name) for column in ACTIVITIES.c if column.name != "id"}).inline()
)


def told(step: Step) -> dict[str, Any]:
    """Return what every event about the step's order carries."""
    return event_fields(step.order, step.actor_id, step.at)


def event_fields(order: OrderFacts, actor_id: int | None, at: datetime) -> dict[str, Any]:
    """Return what every event about an order carries, as the arguments of an :class:`~gigneo.hooks.OrderEvent`.

    Args:
        order: the order.
        actor_id: who did it; ``None`` for the system.
        at: when it happened.
    """
    return {
        "order_id": order.id,
        "number": order.number,
        "kind": order.kind,
        "employer_id": order.employer_id,
        "freelancer_id": order.freelancer_id,
        "actor_id": actor_id,
        "at": at,
    }
