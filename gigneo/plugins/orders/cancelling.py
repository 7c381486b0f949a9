"""Cancelling an order alone: by its freelancer, on their record, or by the employer of one that is far too late."""

from sqlmodel import Session

from gigneo.api import hooks
from gigneo.hooks import OrderCancelled, OrderFacts
from gigneo.plugins.orders.states import FREELANCER
from gigneo.plugins.orders.steps import Step, begin, finish, told


def cancel(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Cancel an open order as its freelancer: the whole escrow goes back, and the cancellation goes on the record.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, or whoever moves the money does; nothing has changed then.
    """
    return end(session, begin(session, order, "cancel", actor_id, version), FREELANCER, against=True)


def cancel_late(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Cancel an order that is a day late as its employer, where the operator allows it; it counts as the freelancer's.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, or whoever moves the money does; nothing has changed then.
    """
    step = begin(session, order, "cancel_late", actor_id, version)
    return end(session, step, step.role, against=True, kind="cancelled_late")


def end(session: Session, step: Step, by: str, *, against: bool = False, kind: str = "cancelled", reason: str = "") -> OrderFacts:
    """Give back what is in escrow, and end the order; what every way of cancelling a paid order shares.

    Args:
        session: the action's writing transaction.
        step: the action.
        by: who cancels, as it is kept: ``freelancer``, ``employer``, ``agreement`` or ``administrator``.
        against: whether it counts against the freelancer.
        kind: of the activity.
        reason: shown to both sides.

    Raises:
        Refused: whoever moves the money refuses; nothing has changed then.
    """
    hooks.participate("order_cancelling", order=step.order, actor_id=step.actor_id, session=session)
    refunded = step.order.total_minor
    return finish(
        session,
        step,
        kind=kind,
        params={"by": by, "refunded_minor": refunded, **({"reason": reason} if reason else {})},
        changes={"cancelled_by": by, "against_freelancer": against},
        event=OrderCancelled(**told(step), cancelled_by=by, refunded_minor=refunded),
    )
