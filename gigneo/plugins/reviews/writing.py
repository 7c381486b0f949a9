"""Writing a review, once for each side of a completed order."""

from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, gettext, written
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews.hooks import ReviewWritten
from gigneo.plugins.reviews.models import EMPLOYER, STARS, Review
from gigneo.plugins.reviews.publishing import publish_both

WRITING: Final = "write_review"
TEXT_LIMIT: Final = 2000


def write_review(session: Session, order: int | str, actor_id: int, *, rating: int, text: str) -> int:
    """Write what one side says of the other. When both have, both are published in the same transaction.

    No version of the order is asked for: whatever has changed on a completed order, a review of it is none the worse.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: one of the two parties.
        rating: 1 to 5 stars.
        text: as typed; required.

    Returns:
        The review's id.

    Raises:
        Refused: the order is not theirs or not completed, the time is over, they have written theirs, a module refuses, or
            rating or text is missing or out of bounds.
    """
    step = orders.begin(session, order, WRITING, actor_id)
    if rating not in STARS:
        raise Refused(gettext("Choose one to five stars."), code="no_rating", field="rating")
    said = written(text, "text", TEXT_LIMIT, missing=gettext("Say how it was."))
    by_employer = step.role == EMPLOYER
    subject_id = step.order.freelancer_id if by_employer else step.order.employer_id
    review = Review(
        order_id=step.order.id,
        author_id=actor_id,
        subject_id=subject_id,
        author_role=step.role,
        rating=rating,
        text=said,
        written_at=step.at,
    )
    session.add(review)
    session.flush()
    assert review.id is not None
    both = len(_roles(session, step.order.id)) > 1
    event = ReviewWritten(
        **orders.event_fields(step.order, actor_id, step.at), review_id=review.id, subject_id=subject_id, both=both
    )
    orders.finish(session, step, kind="reviews.written", text=gettext("wrote a review"), event=event)
    if both:
        publish_both(session, step.order, step.at)
    return review.id


def refuse_second(session: Session, order: OrderFacts, role: str) -> Refusal | None:
    """Refuse a second review by one side, and a first one when the other side's can be read already.

    Args:
        session: what the page or the use case reads with.
        order: a completed order.
        role: of who would write.
    """
    roles = _roles(session, order.id)
    if role in roles:
        return Refusal(_l("You have written your review."), "reviewed_already")
    if any(roles.values()):
        return Refusal(_l("The reviews of this order are public already."), "review_time_over")
    return None


def _roles(session: Session, order_id: int) -> dict[str, bool]:
    """Return who has written about an order, role → whether it is published."""
    statement = select(Review.author_role, col(Review.published_at).is_not(None)).where(col(Review.order_id) == order_id)
    return dict(session.exec(statement).all())
