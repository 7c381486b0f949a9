"""The reads of a conversation: a page of lines by key, what came after one, how far both sides have read, the tab's badge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select
from sqlmodel import Session, col

from gigneo.api import prepared
from gigneo.plugins.messages.models import Message, Seen

PAGE: Final = 30


class Line(NamedTuple):
    """One line of a conversation.

    Attributes:
        id: the key.
        author_id: who wrote it; ``None`` for the system.
        kind: what happened, for the system's lines.
        body: as typed.
        at: when.
    """

    id: int
    author_id: int | None
    kind: str
    body: str
    at: datetime


class Reading(NamedTuple):
    """How far somebody has read.

    Attributes:
        message_id: the newest line that was seen; 0 for none.
        at: when there last was a message to read; ``None`` when that is not known.
    """

    message_id: int
    at: datetime | None


NOTHING_READ: Final = Reading(0, None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of a conversation, oldest first.

    Attributes:
        lines: the messages and the system's lines.
        older: the key of the page before it, or ``None``.
        newest: whether nothing comes after this page.
        read: person → how far.
    """

    lines: Sequence[Line]
    older: int | None = None
    newest: bool = True
    read: Mapping[int, Reading] = field(default_factory=lambda: MappingProxyType({}))

    def read_by(self, person_id: int) -> Reading:
        """Return how far somebody has read."""
        return self.read.get(person_id, NOTHING_READ)

    def unread_from(self, viewer_id: int) -> int | None:
        """Return the first message on this page that the viewer has not seen, or ``None``."""
        seen = self.read_by(viewer_id).message_id
        return next((line.id for line in self.lines if line.author_id not in (None, viewer_id) and line.id > seen), None)


_COLUMNS: Final = (col(Message.id), col(Message.author_id), col(Message.kind), col(Message.body), col(Message.created_at))
_OF_ORDER: Final = select(*_COLUMNS).where(col(Message.order_id) == bindparam("order_id"))
_LATEST_FIRST: Final = (col(Message.created_at).desc(), col(Message.id).desc())
_EARLIER: Final = or_(
    col(Message.created_at) < bindparam("at"),
    and_(col(Message.created_at) == bindparam("at"), col(Message.id) < bindparam("before")),
)
_NEWEST: Final = prepared(_OF_ORDER.order_by(*_LATEST_FIRST).limit(bindparam("size")))
_OLDER: Final = prepared(_OF_ORDER.where(_EARLIER).order_by(*_LATEST_FIRST).limit(bindparam("size")))
_LINE: Final = prepared(_OF_ORDER.where(col(Message.id) == bindparam("message_id")))
_FROM: Final = prepared(
    _OF_ORDER.where(col(Message.id) >= bindparam("message_id")).order_by(col(Message.id)).limit(bindparam("size"))
)
_READ: Final = prepared(
    select(col(Seen.person_id), col(Seen.message_id), col(Seen.seen_at)).where(col(Seen.order_id) == bindparam("order_id"))
)


def conversation(session: Session, order_id: int, before: int | None = None, containing: int | None = None) -> Conversation:
    """Read a page of a conversation.

    Args:
        session: the page's read session.
        order_id: the order.
        before: only what came before this message; the newest page when there is no such message on the order.
        containing: the page that has this message; the newest one that does, or the one that ends with it.
    """
    edge = _line(session, order_id, before) if before else None
    page = _page(session, order_id, edge)
    if containing and all(line.id != containing for line in page.lines):
        target = _line(session, order_id, containing)
        page = page if target is None else _page(session, order_id, target._replace(id=target.id + 1))
    return Conversation(page.lines, page.older, page.newest, reading(session, order_id))


def reading(session: Session, order_id: int) -> Mapping[int, Reading]:
    """Read how far each side has read, by person."""
    return {person_id: Reading(seen, at) for person_id, seen, at in session.execute(_READ, {"order_id": order_id})}


def lines_from(session: Session, order_id: int, message_id: int, size: int = PAGE) -> list[Line]:
    """Read a line of a conversation, if it is there, and what came after it, by key, which is the order of arrival."""
    given = {"order_id": order_id, "message_id": message_id, "size": size + 1}
    return [Line._make(row) for row in session.execute(_FROM, given)]


def _page(session: Session, order_id: int, edge: Line | None) -> Conversation:
    given: dict[str, Any] = {"order_id": order_id, "size": PAGE + 1}
    statement = _NEWEST
    if edge is not None:
        statement, given = _OLDER, {**given, "at": edge.at, "before": edge.id}
    rows = [Line._make(row) for row in session.execute(statement, given)]
    page = rows[:PAGE]
    return Conversation(tuple(reversed(page)), page[-1].id if len(rows) > PAGE else None, edge is None)


def _line(session: Session, order_id: int, message_id: int) -> Line | None:
    row = session.execute(_LINE, {"order_id": order_id, "message_id": message_id}).one_or_none()
    return None if row is None else Line._make(row)


def count_unread(order_id: Any, person_id: Any) -> Any:
    """The tab's badge: what the other side wrote and the person has not seen, as a column of another statement."""
    seen = select(col(Seen.message_id)).where(col(Seen.order_id) == order_id, col(Seen.person_id) == person_id).scalar_subquery()
    return (
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.order_id) == order_id,
            col(Message.author_id).is_not(None),
            col(Message.author_id) != person_id,
            col(Message.id) > func.coalesce(seen, 0),
        )
        .scalar_subquery()
    )


def newest_line(order_id: Any, _person_id: Any) -> Any:
    """The key of an order's newest line, as a scalar subquery."""
    return select(func.max(col(Message.id))).where(col(Message.order_id) == order_id).scalar_subquery()


def seen_by_other(order_id: Any, person_id: Any) -> Any:
    """How far the other side has read, as a scalar subquery."""
    others = (col(Seen.order_id) == order_id, col(Seen.person_id) != person_id)
    return select(func.max(col(Seen.message_id))).where(*others).scalar_subquery()


def last_message(order_id: Any, person_id: Any) -> Any:
    """When anybody but a person last wrote on an order, as a scalar subquery."""
    others = (col(Message.author_id).is_not(None), col(Message.author_id) != person_id)
    return select(func.max(col(Message.created_at))).where(col(Message.order_id) == order_id, *others).scalar_subquery()
