"""Tells the other side by mail. Handlers of facts: they run after the commit, and write the mail as a task."""

from sqlmodel import Session

from gigneo.api import send_mail
from gigneo.hooks import OrderCompleted, OrderDelivered, OrderEvent
from gigneo.plugins.orders.queries import facts_by_id


def tell_delivered(session: Session, event: OrderDelivered) -> None:
    """Write to the employer that the final delivery is there."""
    _tell(session, event, event.employer_id, "orders/delivered")


def tell_completed(session: Session, event: OrderCompleted) -> None:
    """Write to the freelancer that the delivery was approved."""
    _tell(session, event, event.freelancer_id, "orders/completed")


def _tell(session: Session, event: OrderEvent, to: int, template: str) -> None:
    order = facts_by_id(session, event.order_id)
    if order is None:
        return
    send_mail(
        session,
        to,
        template,
        number=order.number,
        title=order.title,
        employer=order.employer_name,
        freelancer=order.freelancer_name,
        payout_minor=order.price_minor - order.commission_minor,
        currency=order.currency,
        path=f"/orders/{order.number}/overview",
    )
