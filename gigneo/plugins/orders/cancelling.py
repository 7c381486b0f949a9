"""Cancelling an order that was paid: the money goes back, and the record says who cancelled."""

from sqlmodel import Session

from gigneo.api import hooks
from gigneo.hooks import OrderCancelled, OrderFacts
from gigneo.plugins.orders.steps import begin, finish, told


def cancel(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Cancel an open order as its freelancer: the whole escrow goes back to the employer in the same transaction.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, or whoever moves the money does; nothing has changed then.
    """
    step = begin(session, order, "cancel", actor_id, version)
    hooks.participate("order_cancelling", order=step.order, session=session)
    refunded = step.order.price_minor + step.order.employer_fee_minor
    return finish(
        session,
        step,
        kind="cancelled",
        params={"by": step.role, "refunded_minor": refunded},
        changes={"finished_at": step.at, "cancelled_by": step.role},
        event=OrderCancelled(**told(step), cancelled_by=step.role, refunded_minor=refunded),
    )
