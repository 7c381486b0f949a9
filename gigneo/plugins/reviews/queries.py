"""The reads of reviews: those of an order, what is public about a person, and the administrator's list.

Averages are summed when they are shown. The partial index of what is public carries subject, role and rating, so that the
sum reads a few index entries and no row; nothing is kept beside the reviews that a race, a hiding or a restoring could
leave wrong, and no row is fought over when many reviews of one person are published at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, false, func, or_, select, true
from sqlmodel import Session, col

from gigneo.api import prepared
from gigneo.plugins.reviews.models import Report, Review

PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review as pages show it.

    Attributes:
        id: the key.
        order_id: the order.
        author_id: who wrote it.
        subject_id: whom it is about.
        author_role: ``employer`` or ``freelancer``.
        rating: 1 to 5 stars.
        text: plain, as typed.
        written_at: when.
        published_at: since when the other side, and everybody, can read it.
        reply: the subject's answer.
        replied_at: when that was written.
        reported: whether a report waits for the administrator.
        hidden_at: since when an administrator hides it.
        hidden_by_id: who does.
        hidden_reason: why.
    """

    id: int
    order_id: int
    author_id: int
    subject_id: int
    author_role: str
    rating: int
    text: str
    written_at: datetime
    published_at: datetime | None
    reply: str
    replied_at: datetime | None
    reported: bool
    hidden_at: datetime | None
    hidden_by_id: int | None
    hidden_reason: str

    @property
    def blind(self) -> bool:
        """Whether the other side can't read it yet."""
        return self.published_at is None

    @property
    def public(self) -> bool:
        """Whether everybody can read it."""
        return self.published_at is not None and self.hidden_at is None


@dataclass(frozen=True, slots=True)
class Average:
    """What the public reviews of a person by one kind of author come to.

    Attributes:
        count: how many there are.
        stars: what their ratings add up to.
    """

    count: int
    stars: int

    @property
    def mean(self) -> Fraction:
        """Stars ÷ reviews."""
        return Fraction(self.stars, self.count)


_ROWS: Final[Select[Any]] = select(*(col(getattr(Review, each.name)) for each in fields(ReviewRow)))
_PUBLIC: Final = and_(col(Review.published_at).is_not(None), col(Review.hidden_at).is_(None))
_OF_ORDER: Final = prepared(_ROWS.where(col(Review.order_id) == bindparam("order_id")).order_by(col(Review.id)))
_ONE: Final = prepared(_ROWS.where(col(Review.id) == bindparam("review_id")))
_AVERAGES: Final = prepared(
    select(col(Review.author_role), func.count(), func.sum(col(Review.rating)))
    .where(col(Review.subject_id) == bindparam("subject_id"), _PUBLIC)
    .group_by(col(Review.author_role))
)
_ABOUT: Final = _ROWS.where(col(Review.subject_id) == bindparam("subject_id"), _PUBLIC).order_by(col(Review.id).desc())
_REPORTED: Final = prepared(select(func.count()).select_from(Review).where(col(Review.reported).is_(True)))
FILTERS: Final[Mapping[str, Any]] = MappingProxyType(
    {"all": true(), "reported": col(Review.reported).is_(True), "hidden": col(Review.hidden_at).is_not(None)}
)
"""What the administrator's list can be narrowed to."""


def of_order(session: Session, order_id: int) -> list[ReviewRow]:
    """Read what was written about an order, whoever may see it: at most one review of each side."""
    return _read(session.execute(_OF_ORDER, {"order_id": order_id}))


def one(session: Session, review_id: int) -> ReviewRow | None:
    """Read a review, whoever may see it."""
    row = session.execute(_ONE, {"review_id": review_id}).one_or_none() if review_id < 2**63 else None
    return None if row is None else ReviewRow(*row)


def averages(session: Session, person_id: int) -> dict[str, Average]:
    """Sum what is public about a person, by the role of the authors. Who has no reviews from a role has no average of it."""
    rows = session.execute(_AVERAGES, {"subject_id": person_id})
    return {role: Average(count, int(stars)) for role, count, stars in rows}


def about(session: Session, person_id: int, after: int | None = None, size: int = PAGE) -> tuple[list[ReviewRow], int | None]:
    """Read what is public about a person, newest first.

    Args:
        session: the page's read session.
        person_id: whom it is about.
        after: the last review of the page before; ``None`` for the first page.
        size: at most so many.

    Returns:
        The reviews, and the last one's id when there are more.
    """
    statement = _ABOUT if after is None else _ABOUT.where(col(Review.id) < after)
    rows = _read(session.execute(statement.limit(size + 1), {"subject_id": person_id}))
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def listed(session: Session, show: str, after: tuple[bool, int] | None) -> tuple[list[ReviewRow], tuple[bool, int] | None]:
    """Read a page of the administrator's list: reported reviews first, then by age, newest first.

    Args:
        session: the page's read session.
        show: a key of :data:`FILTERS`.
        after: whether the last review of the page before was reported, and its id; ``None`` for the first page.

    Returns:
        The reviews, and where the next page goes on when there are more.
    """
    statement = _ROWS.where(FILTERS[show])
    if after is not None:
        reported, last = after
        older = and_(col(Review.reported).is_(reported), col(Review.id) < last)
        statement = statement.where(or_(older, col(Review.reported).is_(False) if reported else false()))
    ordered = statement.order_by(col(Review.reported).desc(), col(Review.id).desc())
    rows = _read(session.execute(ordered.limit(PAGE + 1)))
    last_row = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last_row.reported, last_row.id) if last_row is not None else None


def count_reported(session: Session) -> int:
    """Return how many reviews wait for the administrator."""
    return int(session.execute(_REPORTED).scalar_one())


def reports_of(session: Session, review_id: int) -> list[Any]:
    """Read the reports about a review, newest first: reporter_id, reason, at, settled_at."""
    wanted = select(col(Report.reporter_id), col(Report.reason), col(Report.at), col(Report.settled_at))
    return list(session.execute(wanted.where(col(Report.review_id) == review_id).order_by(col(Report.id).desc())))


def _read(rows: Iterable[Any]) -> list[ReviewRow]:
    return [ReviewRow(*row) for row in rows]
