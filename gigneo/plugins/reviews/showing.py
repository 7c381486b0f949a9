"""What other pages show of reviews: a line of the next step, a panel of the order, and what is public about a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import Person, fmt, gettext, names_of
from gigneo.hooks import OrderFacts
from gigneo.plugins.reviews import queries
from gigneo.plugins.reviews.models import EMPLOYER, FREELANCER, STARS
from gigneo.plugins.reviews.process import ends_at, in_time
from gigneo.plugins.reviews.queries import ReviewRow

ON_PROFILE: Final = 5


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of an order wrote, as a viewer may know it.

    Attributes:
        name: whose.
        other: the other side's name.
        mine: whether the viewer wrote it, or would.
        about_me: whether it is about the viewer.
        review: what was written; ``None`` for nothing.
        readable: whether the viewer may read it.
        may_write: whether the viewer could write it now.
    """

    name: str
    other: str
    mine: bool
    about_me: bool
    review: ReviewRow | None
    readable: bool
    may_write: bool


def sides_of(order: OrderFacts, viewer_id: int, rows: list[ReviewRow], *, administrator: bool) -> tuple[Side, Side]:
    """Return both sides of an order with what the viewer may know of their reviews; the viewer's own comes first.

    Args:
        order: a completed order.
        viewer_id: who looks.
        rows: what was written about the order.
        administrator: whether the viewer may see what is hidden, too.
    """
    by_author = {row.author_id: row for row in rows}
    writable = in_time(order) and not any(row.published_at for row in rows)

    def side(author_id: int, name: str, other: str) -> Side:
        review, mine = by_author.get(author_id), author_id == viewer_id
        return Side(
            name=name,
            other=other,
            mine=mine,
            about_me=review is not None and review.subject_id == viewer_id,
            review=review,
            readable=review is not None and (mine or administrator or review.public),
            may_write=mine and review is None and writable,
        )

    employer = side(order.employer_id, order.employer_name, order.freelancer_name)
    freelancer = side(order.freelancer_id, order.freelancer_name, order.employer_name)
    return (freelancer, employer) if freelancer.mine else (employer, freelancer)


def load_panel(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any] | None:
    """Load the panel of an order's Overview; an order that is not completed has none, and costs no query."""
    ends = ends_at(order)
    if ends is None:
        return None
    administrator = order.role_of(person.id) is None
    rows = queries.of_order(session, order.id)
    return {
        "sides": sides_of(order, person.id, rows, administrator=administrator),
        "ends": ends,
        "open": in_time(order) and not any(row.published_at for row in rows),
        "administrator": administrator,
        "public_ids": {row.subject_id for row in rows if row.public},
        "stars": STARS,
    }


def next_line(session: Session, person: Person, order: OrderFacts, role: str) -> Mapping[str, Any] | None:
    """Say what happens next with the reviews of an order, and when; nothing when that is over."""
    if not in_time(order):
        return None
    rows = queries.of_order(session, order.id)
    wrote = {row.author_id for row in rows}
    if any(row.published_at for row in rows):
        return None
    other = order.freelancer_name if role == EMPLOYER else order.employer_name
    values = {"name": other, "when": fmt.datetime(ends_at(order))}
    if person.id in wrote:
        return {"said": gettext("Your review is hidden from %(name)s until theirs is in, or until %(when)s.", **values)}
    if wrote:
        return {"said": gettext("%(name)s has written a review. You can read it when yours is in, or on %(when)s.", **values)}
    return {"said": gettext("Both of you can write a review until %(when)s.", when=values["when"])}


def on_profile(session: Session, person: Person | None, person_id: int, known: bool) -> Mapping[str, Any]:
    """Load what a public profile shows: averages and the newest reviews.

    Args:
        session: the page's read session.
        person: who looks, if logged in.
        person_id: whose profile it is.
        known: whether there is a profile without reviews, too.
    """
    averages = queries.averages(session, person_id)
    rows, older = queries.about(session, person_id, size=ON_PROFILE) if averages else ([], None)
    return {
        "shown": bool(averages) or known,
        "averages": [(role, averages[role]) for role in (EMPLOYER, FREELANCER) if role in averages],
        "rows": rows,
        "more": older is not None,
        "names": names_of(session, {row.author_id for row in rows}),
        "stars": STARS,
    }
