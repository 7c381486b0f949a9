"""Answering a review: one public reply by the person whom it is about."""

from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, emit, gettext, now, written
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews.hooks import ReviewReplied
from gigneo.plugins.reviews.models import Review

REPLY_LIMIT: Final = 1000


def reply(session: Session, order: int | str, actor_id: int, *, text: str) -> int:
    """Answer the review that the other side of an order wrote, once, for everybody to read.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: whom the review is about.
        text: as typed; required.

    Returns:
        The review's id.

    Raises:
        Refused: there is no review about this person that can be read, it was answered, or the text is missing or too long.
    """
    facts = orders.lock_order(session, order)
    statement = select(Review).where(col(Review.order_id) == facts.id, col(Review.subject_id) == actor_id)
    review = session.exec(statement.execution_options(populate_existing=True)).first()
    if review is None or review.published_at is None or review.hidden_at is not None:
        raise Refused(gettext("There is no review that you could answer."), code="no_review")
    if review.replied_at is not None:
        raise Refused(gettext("You have answered this review already."), code="replied_already")
    review.reply, review.replied_at = written(text, "text", REPLY_LIMIT, missing=gettext("Write your answer.")), now()
    session.add(review)
    assert review.id is not None
    orders.record_activity(session, facts.id, "reviews.replied", gettext("answered the review"), actor_id=actor_id)
    about = orders.event_fields(facts, actor_id, review.replied_at)
    emit(session, ReviewReplied(**about, review_id=review.id, author_id=review.author_id))
    return review.id
