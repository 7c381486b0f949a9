"""Reporting a review to the administrator, who hides it, restores it, or lets it stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from gigneo.api import Refused, audit, emit, gettext, now, send_mail, written
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews.hooks import ReviewReported
from gigneo.plugins.reviews.models import Report, Review
from gigneo.plugins.reviews.queries import ReviewRow

REASON_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What an administrator may do with a review.

    Attributes:
        name: as the form sends it.
        label: what the button says.
        kind: of the audit row and of the order's activity.
        said: what follows the administrator's name in the order's history.
        done: what the administrator reads afterwards.
        possible: called with the review; whether it makes sense now.
        hides: whether the review is hidden afterwards.
        told: whether its author is told.
    """

    name: str
    label: LazyText
    kind: str
    said: LazyText
    done: LazyText
    possible: Callable[[Review | ReviewRow], bool]
    hides: bool
    told: bool = True


DECISIONS: Final = {
    each.name: each
    for each in (
        Decision(
            "hide",
            _l("Hide the review"),
            "reviews.hidden",
            _l("hid a review as administrator"),
            _l("The review is hidden. Its author reads why."),
            lambda review: review.hidden_at is None,
            hides=True,
        ),
        Decision(
            "restore",
            _l("Restore the review"),
            "reviews.restored",
            _l("restored a review as administrator"),
            _l("The review is back."),
            lambda review: review.hidden_at is not None,
            hides=False,
        ),
        Decision(
            "keep",
            _l("Let it stand"),
            "reviews.kept",
            _l("looked at a reported review as administrator and let it stand"),
            _l("The review stands, and the reports are settled."),
            lambda review: review.reported and review.hidden_at is None,
            hides=False,
            told=False,
        ),
    )
}


def report(session: Session, review_id: int, actor_id: int, *, reason: str) -> int:
    """Ask the administrator to look at a review, once per person.

    Args:
        session: the action's writing transaction.
        review_id: a review that everybody can read.
        actor_id: who reports it; not its author.
        reason: as typed; required.

    Returns:
        The review's id.

    Raises:
        Refused: ``not_found``: there is no such review to read; or it is their own, they have reported it already, or the
            reason is missing or too long.
    """
    order, review = _locked(session, review_id)
    if review.published_at is None or review.hidden_at is not None:
        raise Refused(gettext("There is no such review."), code="not_found")
    if review.author_id == actor_id:
        raise Refused(gettext("This is your own review."), code="own_review")
    if reported_by(session, review_id, actor_id):
        raise Refused(gettext("You have reported this review already."), code="reported_already")
    why = written(reason, "reason", REASON_LIMIT, missing=gettext("Say what is wrong with it."))
    at = now()
    session.add(Report(review_id=review_id, reporter_id=actor_id, reason=why, at=at))
    review.reported = True
    session.add(review)
    emit(session, ReviewReported(**orders.event_fields(order, actor_id, at), review_id=review_id))
    return review_id


def moderate(session: Session, review_id: int, actor_id: int, *, decision: str, reason: str) -> int:
    """Hide a review, restore it or let it stand; every report about it is settled by that.

    Args:
        session: the action's writing transaction.
        review_id: the review, published or not.
        actor_id: the administrator; no party of the order.
        decision: a key of :data:`DECISIONS`.
        reason: why; required. Both sides read it in the order's history.

    Returns:
        The review's id.

    Raises:
        Refused: ``not_found``; it was decided otherwise meanwhile; it is about their own order; or the reason is missing.
    """
    order, review = _locked(session, review_id)
    chosen = DECISIONS[decision]
    if order.role_of(actor_id) is not None:
        raise Refused(gettext("You are a party of this order. Another administrator has to decide."), code="own_order")
    why = written(reason, "reason", REASON_LIMIT, missing=gettext("Say why; both sides read it."))
    if not chosen.possible(review):
        raise Refused(gettext("Somebody has decided about this review already. See what came of it."), code="decided")
    at = now()
    review.reported = False
    review.hidden_at, review.hidden_by_id, review.hidden_reason = (at, actor_id, why) if chosen.hides else (None, None, "")
    session.add(review)
    open_reports = update(Report).where(col(Report.review_id) == review_id, col(Report.settled_at).is_(None))
    session.execute(open_reports.values(settled_at=at))
    orders.record_activity(session, order.id, chosen.kind, str(chosen.said), actor_id=actor_id, params={"reason": why})
    audit(session, chosen.kind, f"order:{order.number}", {"review": review_id, "reason": why}, actor_id=actor_id)
    if chosen.told:
        about = {"number": order.number, "title": order.title, "reason": why, "path": f"/orders/{order.number}/overview"}
        send_mail(session, review.author_id, "reviews/moderated", hidden=chosen.hides, **about)
    return review_id


def reported_by(session: Session, review_id: int, person_id: int) -> bool:
    """Return whether somebody has reported a review."""
    mine = select(Report.id).where(col(Report.review_id) == review_id, col(Report.reporter_id) == person_id)
    return session.exec(mine).first() is not None


def _locked(session: Session, review_id: int) -> tuple[OrderFacts, Review]:
    """Lock the order of a review, then read the review: whoever changes it holds the same lock."""
    order_id = session.exec(select(Review.order_id).where(col(Review.id) == review_id)).first()
    if order_id is None:
        raise Refused(gettext("There is no such review."), code="not_found")
    order = orders.lock_order(session, order_id)
    statement = select(Review).where(col(Review.id) == review_id).execution_options(populate_existing=True)
    return order, session.exec(statement).one()
