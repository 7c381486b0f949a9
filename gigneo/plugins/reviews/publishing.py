"""Publishing: the reviews of an order become readable when both are in, or when the time to write them is over."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col

from gigneo.api import emit, gettext
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews.hooks import ReviewsPublished
from gigneo.plugins.reviews.models import Review

OPENING: Final = "publish_reviews"


def publish_both(session: Session, order: OrderFacts, at: datetime) -> None:
    """Publish the reviews of an order whose row is locked: the second one was just written.

    Args:
        session: the transaction that wrote it.
        order: the order.
        at: when.
    """
    published = _publish(session, order.id, at)
    orders.record_activity(session, order.id, "reviews.published", gettext("Both reviews are in; everybody can read them"))
    emit(session, ReviewsPublished(**orders.event_fields(order, None, at), review_ids=published))


def open_reviews(session: Session, order_id: int) -> None:
    """Publish what was written about an order whose time for it is over. What is public already, or nothing, stays so.

    Args:
        session: the timer's writing transaction.
        order_id: the order.
    """
    step = orders.begin(session, order_id, OPENING, None)
    published = _publish(session, order_id, step.at)
    if published:
        event = ReviewsPublished(**orders.event_fields(step.order, None, step.at), review_ids=published)
        said = gettext("The time to write reviews is over; everybody can read what was written")
        orders.finish(session, step, kind="reviews.published", text=said, event=event)


def _publish(session: Session, order_id: int, at: datetime) -> tuple[int, ...]:
    """Publish what is still hidden from the other side; the lock of the order keeps this to one at a time."""
    blind: Any = update(Review).where(col(Review.order_id) == order_id, col(Review.published_at).is_(None))
    return tuple(sorted(session.execute(blind.values(published_at=at).returning(col(Review.id))).scalars()))
