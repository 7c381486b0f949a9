"""The reads: a page of somebody's notices by key, and the numbers that every page knows about whoever is logged in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Select, Table, and_, bindparam, column, func, literal_column, or_, select, table
from sqlmodel import Session

from gigneo.api import UtcDateTime, from_json, gettext, prepared, words_of
from gigneo.plugins.notifications.models import KeptNotice

NOTICES: Final[Table] = KeptNotice.__table__
PAGE: Final = 20
CAP: Final = 100
"""Nobody counts further; the bell then says 99+."""
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as the list shows it.

    Attributes:
        id: the key.
        words: what it says, in the reader's language.
        at: when it was told.
        unread: whether it was not read yet.
    """

    id: int
    words: str
    at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of notices, newest first.

    Attributes:
        lines: the notices.
        older: the key of the next page, or ``None`` on the last one.
    """

    lines: tuple[Line, ...]
    older: int | None

    @property
    def newest_id(self) -> int:
        """The largest key on the page."""
        return max((line.id for line in self.lines), default=0)


def page_of(session: Session, person_id: int, before: int | None = None) -> Page:
    """Read a page of somebody's notices, in one statement; a later page needs another one for where it begins.

    Args:
        session: the page's read session.
        person_id: whose.
        before: only what was told before this notice; ``None`` for the newest page.
    """
    edge = session.execute(_AT, {"person_id": person_id, "notice_id": before}).scalar_one_or_none() if before else None
    given = {"person_id": person_id, "at": edge or _LAST, "before": before or 0, "size": PAGE + 1}
    rows = session.execute(_PAGE, given).all()
    lines = tuple(
        Line(
            row.id,
            words_of(row.template, row.path, from_json(row.context)) or gettext("News from a module that is switched off"),
            row.at,
            row.read_at is None,
        )
        for row in rows[:PAGE]
    )
    return Page(lines, lines[-1].id if len(rows) > PAGE else None)


def count_unread(person_id: Any, _place: Any) -> Any:
    """The bell's number, as a column of the statement that finds the person; it stops counting at :data:`CAP`."""
    unread: Select[Any] = select(literal_column("1")).where(NOTICES.c.person_id == person_id, NOTICES.c.read_at.is_(None))
    return select(func.count()).select_from(unread.limit(CAP).subquery()).scalar_subquery()


def newest_here(person_id: Any, place: Any) -> Any:
    """The newest unread notice about the part of the site that is looked at, so that its page can mark it as seen."""
    return (
        select(func.max(NOTICES.c.id))
        .where(NOTICES.c.person_id == person_id, NOTICES.c.place == place, NOTICES.c.read_at.is_(None))
        .scalar_subquery()
    )


def owned(session: Session, notice_id: int, person_id: int) -> str | None:
    """Return the page that a notice is about, or ``None`` when it is not this person's."""
    if notice_id >= 2**63:  # more than any database can keep
        return None
    return session.execute(_OWN, {"notice_id": notice_id, "person_id": person_id}).scalar_one_or_none()


def exists(session: Session, person_id: int) -> bool:
    """Return whether somebody has an account."""
    return session.execute(_PERSON, {"person_id": person_id}).scalar_one_or_none() is not None


_PEOPLE = table("account_user", column("id", BigInteger))
_PERSON = prepared(select(_PEOPLE.c.id).where(_PEOPLE.c.id == bindparam("person_id")))
_MINE = (NOTICES.c.id == bindparam("notice_id"), NOTICES.c.person_id == bindparam("person_id"))
_OWN = prepared(select(NOTICES.c.path).where(*_MINE))
_SHOWN: Final = ("id", "kind", "template", "context", "path", "at", "read_at")
_AT = prepared(select(NOTICES.c.at).where(*_MINE))
_EDGE = bindparam("at", type_=UtcDateTime())
_PAGE = prepared(
    select(*(NOTICES.c[name] for name in _SHOWN))
    .where(
        NOTICES.c.person_id == bindparam("person_id"),
        or_(NOTICES.c.at < _EDGE, and_(NOTICES.c.at == _EDGE, NOTICES.c.id < bindparam("before"))),
    )
    .order_by(NOTICES.c.at.desc(), NOTICES.c.id.desc())
    .limit(bindparam("size"))
)
