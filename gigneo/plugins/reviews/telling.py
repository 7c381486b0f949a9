"""Tells people by mail what happened to a review; that the reviews are public is told by the process table."""

from sqlmodel import Session

from gigneo.api import holders_of, hookimpl, send_mail
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews import queries
from gigneo.plugins.reviews.hooks import ReviewReplied, ReviewReported, ReviewWritten
from gigneo.plugins.reviews.models import MANAGE
from gigneo.plugins.reviews.process import ends_at


class TellsByMail:
    """The part of the reviews plugin that hears what happened, and writes to whom it concerns."""

    @hookimpl
    def reviews_written(self, event: ReviewWritten, session: Session) -> None:
        """Tell the other side that a review waits, and nothing of what it says; when both are in, the publication is told."""
        if event.both:
            return
        order = orders.facts(session, event.order_id)
        by_employer = event.actor_id == order.employer_id
        send_mail(
            session,
            event.subject_id,
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
        send_mail(
            session,
            event.author_id,
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
        about = {"number": event.number, "rating": review.rating, "path": f"/admin/reviews/{review.id}"}
        for person_id in holders_of(session, MANAGE):
            send_mail(session, person_id, "reviews/reported", **about)
