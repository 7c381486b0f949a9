"""Tells people what happened to a review; that the reviews are public is told by the process table."""

from typing import Final

from sqlmodel import Session

from gigneo.api import holders_of, hookimpl, tell
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import NotificationKind
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews import queries
from gigneo.plugins.reviews.hooks import ReviewReplied, ReviewReported, ReviewWritten
from gigneo.plugins.reviews.models import MANAGE
from gigneo.plugins.reviews.process import ends_at

_PARTIES: Final = frozenset({"employer", "freelancer"})
_GROUP: Final = _l("Reviews")

KINDS: Final = (
    NotificationKind("reviews.waiting", _l("The other side has written a review"), _GROUP, _PARTIES, position=50),
    NotificationKind("reviews.published", _l("The reviews of an order can be read"), _GROUP, _PARTIES, position=51),
    NotificationKind("reviews.replied", _l("Your review is answered"), _GROUP, _PARTIES, position=52),
    NotificationKind("reviews.moderated", _l("Your review is hidden or restored"), _GROUP, _PARTIES, position=53),
    NotificationKind("reviews.reported", _l("A review is reported"), _GROUP, frozenset({"administrator"}), position=54),
)


class TellsPeople:
    """The part of the reviews plugin that hears what happened, and tells whom it concerns."""

    @hookimpl
    def reviews_written(self, event: ReviewWritten, session: Session) -> None:
        """Tell the other side that a review waits, and nothing of what it says; when both are in, the publication is told."""
        if event.both:
            return
        order = orders.facts(session, event.order_id)
        by_employer = event.actor_id == order.employer_id
        tell(
            session,
            event.subject_id,
            "reviews.waiting",
            "reviews/waiting",
            author=order.employer_name if by_employer else order.freelancer_name,
            title=order.title,
            number=order.number,
            until=ends_at(order),
            path=f"/orders/{order.number}/review",
        )

    @hookimpl
    def reviews_replied(self, event: ReviewReplied, session: Session) -> None:
        """Tell whoever wrote the review."""
        order = orders.facts(session, event.order_id)
        by_employer = event.actor_id == order.employer_id
        tell(
            session,
            event.author_id,
            "reviews.replied",
            "reviews/replied",
            replier=order.employer_name if by_employer else order.freelancer_name,
            title=order.title,
            number=order.number,
            path=f"/orders/{order.number}/overview",
        )

    @hookimpl
    def reviews_reported(self, event: ReviewReported, session: Session) -> None:
        """Tell the administrators."""
        review = queries.one(session, event.review_id)
        if review is None:
            return
        parties = (event.employer_id, event.freelancer_id)  # they may not decide, and one of them may have reported it
        path = f"/admin/reviews/{review.id}"
        for person_id in holders_of(session, MANAGE):
            if person_id not in (*parties, event.actor_id):
                tell(
                    session,
                    person_id,
                    "reviews.reported",
                    "reviews/reported",
                    path=path,
                    number=event.number,
                    rating=review.rating,
                )
