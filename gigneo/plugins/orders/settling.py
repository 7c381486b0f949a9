"""Where the two can't agree: asking the administrator, and what an administrator decides, with a reason for both."""

from sqlmodel import Session

from gigneo.api import Refused, audit, gettext, holders_of, hooks, written
from gigneo.hooks import AdministratorAnswered, AdministratorAsked, OrderCompleted, OrderFacts, OrderRefunded
from gigneo.plugins.orders.asking import answer as close
from gigneo.plugins.orders.asking import ask
from gigneo.plugins.orders.cancelling import end
from gigneo.plugins.orders.holding import settle_holds
from gigneo.plugins.orders.limits import REASON_LIMIT, TEXT_LIMIT
from gigneo.plugins.orders.states import ADMINISTRATOR, MANAGE
from gigneo.plugins.orders.steps import Step, begin, finish, told


def ask_administrator(session: Session, order: int | str, actor_id: int, *, text: str, version: int | None = None) -> OrderFacts:
    """Flag the order for Gigneo → Orders, and tell the administrators. No money moves, and nothing else stops.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: one of the two parties.
        text: what should be looked at, as typed; required.
        version: of the page that the person saw.

    Raises:
        Refused: it is too early to ask, they were asked already, another rule refuses, or nothing is written.
    """
    step = begin(session, order, "ask_administrator", actor_id, version)
    said = written(text, "text", TEXT_LIMIT, missing=gettext("Say what the administrator should look at."))
    request_id = ask(session, step.order, "administrator", actor_id, step.at, text=said)
    return finish(
        session,
        step,
        kind="administrator_asked",
        params={"reason": said},
        event=AdministratorAsked(**told(step), request_id=request_id),
    )


def answer_as_administrator(
    session: Session, order: int | str, actor_id: int, *, answer: str, version: int | None = None
) -> OrderFacts:
    """Answer what one side asked the administrator: the question is closed, both are told, and the order goes on.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the administrator, who is no party of it.
        answer: as typed; required, shown to both sides and kept in the audit.
        version: of the page that the person saw.

    Raises:
        Refused: nobody has asked, the answer is missing or too long, or the administrator is a party.
    """
    refuse_who_may_not(session, actor_id)
    step = begin(session, order, "administrator_answer", actor_id, version, administrator=True)
    said = written(answer, "answer", TEXT_LIMIT, missing=gettext("Write an answer; both sides read it."))
    asked = step.order.request("administrator")
    assert asked is not None
    close(session, asked, "answered", actor_id, step.at, said)
    after = finish(
        session,
        step,
        kind="administrator_answered",
        params={"reason": said},
        event=AdministratorAnswered(**told(step), request_id=asked.id),
    )
    audit(session, "orders.answered", f"order:{after.number}", {"answer": said}, actor_id=actor_id)
    return after


def complete_as_administrator(
    session: Session, order: int | str, actor_id: int, *, reason: str, version: int | None = None
) -> OrderFacts:
    """Complete an open order: the escrow is released, and every open request and hold is settled.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the administrator, who is no party of it.
        reason: why; required, shown to both sides and kept in the audit.
        version: of the page that the person saw.

    Raises:
        Refused: the order is not open, a reason is missing, or whoever moves the money refuses.
    """
    step, why = _decide(session, order, "administrator_complete", actor_id, reason, version)
    hooks.participate("order_completing", order=step.order, actor_id=step.actor_id, session=session)
    after = finish(
        session,
        step,
        kind="completed_by_administrator",
        params={"reason": why},
        event=OrderCompleted(**told(step), completed_by=step.role),
    )
    audit(session, "orders.completed", f"order:{after.number}", {"reason": why}, actor_id=actor_id)
    return after


def cancel_as_administrator(
    session: Session, order: int | str, actor_id: int, *, reason: str, version: int | None = None
) -> OrderFacts:
    """Cancel an open order: the whole escrow goes back, nobody's record is touched, every request and hold is settled.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the administrator, who is no party of it.
        reason: why; required, shown to both sides and kept in the audit.
        version: of the page that the person saw.

    Raises:
        Refused: the order is not open, a reason is missing, or whoever moves the money refuses.
    """
    step, why = _decide(session, order, "administrator_cancel", actor_id, reason, version)
    after = end(session, step, ADMINISTRATOR, kind="cancelled_by_administrator", reason=why)
    audit(session, "orders.cancelled", f"order:{after.number}", {"reason": why}, actor_id=actor_id)
    return after


def refund_as_administrator(
    session: Session, order: int | str, actor_id: int, *, amount_minor: int, reason: str, version: int | None = None
) -> OrderFacts:
    """Give the employer back all or a part of what is still clearing; the order stays completed.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the administrator, who is no party of it.
        amount_minor: how much of the price goes back, from 1 to all of it; commission and fee follow by the split rule.
        reason: why; required, shown to both sides and kept in the audit.
        version: of the page that the person saw.

    Raises:
        Refused: nothing is clearing, the amount is not possible, or a reason is missing.
    """
    step, why = _decide(session, order, "administrator_refund", actor_id, reason, version)
    hooks.participate("order_refunding", order=step.order, amount_minor=amount_minor, actor_id=step.actor_id, session=session)
    after = finish(
        session,
        step,
        kind="refunded",
        params={"refunded_minor": amount_minor, "reason": why},
        event=OrderRefunded(**told(step), awarded_minor=amount_minor),
    )
    detail = {"amount_minor": amount_minor, "reason": why}
    audit(session, "orders.refunded", f"order:{after.number}", detail, actor_id=actor_id)
    return after


def refuse_who_may_not(session: Session, actor_id: int) -> None:
    """Refuse whoever does not manage orders; the route has asked already, and other callers are asked here.

    Raises:
        Refused: ``not_found``.
    """
    if actor_id not in holders_of(session, MANAGE):
        raise Refused(gettext("There is no such order."), code="not_found")


def _decide(session: Session, order: int | str, action: str, actor_id: int, reason: str, version: int | None) -> tuple[Step, str]:
    """Begin an administrator's step: they may, a reason is given, and no hold stands in the way any more."""
    refuse_who_may_not(session, actor_id)
    step = begin(session, order, action, actor_id, version, administrator=True)
    why = written(reason, "reason", REASON_LIMIT, missing=gettext("Say why; both sides read it."))
    settle_holds(session, step.order, actor_id, why, step.at)
    return step, why
