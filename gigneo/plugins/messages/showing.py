"""A conversation as its templates show it: lines by the viewer's days, with names, words and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gigneo.api import fmt, gettext, isolated, now
from gigneo.hooks import OrderFacts
from gigneo.plugins.messages.facts import words_of
from gigneo.plugins.messages.queries import Line, Reading
from gigneo.plugins.messages.talking import MESSAGE
from gigneo.plugins.orders import api as orders


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the template shows it.

    Attributes:
        id: the key.
        name: who wrote it; empty for the system.
        mine: whether the viewer did.
        text: the message as typed, or what happened.
        at: when.
        files: what came with it.
        day: the viewer's day when it is the first line of that day, else empty.
        first_unread: whether the unread part begins here.
    """

    id: int
    name: str
    mine: bool
    text: str
    at: datetime
    files: Sequence[orders.FileRow]
    day: str
    first_unread: bool


def show(
    session: Session,
    order: OrderFacts,
    viewer_id: int,
    lines: Sequence[Line],
    unread: int | None = None,
    after: Line | None = None,
) -> list[Shown]:
    """Put lines into the form in which a template shows them.

    Args:
        session: the page's read session.
        order: the order.
        viewer_id: who reads.
        lines: oldest first.
        unread: the line with which the unread part begins.
        after: the line before them that the viewer sees already; what is on its day needs no heading.
    """
    names = {order.employer_id: order.employer_name, order.freelancer_id: order.freelancer_name}
    sides = {"employer": isolated(order.employer_name), "freelancer": isolated(order.freelancer_name)}
    files = _files_of(session, order.id, lines)
    shown, last_day = [], "" if after is None else fmt.date(after.at)
    for line in lines:
        day = fmt.date(line.at)
        by_somebody = line.author_id is not None
        shown.append(
            Shown(
                id=line.id,
                name=names.get(line.author_id, "") if line.author_id is not None else "",
                mine=line.author_id == viewer_id,
                text=line.body if by_somebody else words_of(line.kind, sides),
                at=line.at,
                files=files.get(line.id, ()),
                day=day if day != last_day else "",
                first_unread=line.id == unread,
            )
        )
        last_day = day
    return shown


def seen_words(read: Reading) -> str:
    """Say that the other side has read something, and when, as shortly as it can be said; nothing when it has read nothing."""
    if not read.message_id:
        return ""
    if read.at is None:
        return gettext("Seen")
    today = fmt.date(read.at) == fmt.date(now())
    return gettext("Seen %(when)s", when=fmt.time(read.at) if today else fmt.datetime(read.at))


def _files_of(session: Session, order_id: int, lines: Sequence[Line]) -> Mapping[int | None, Sequence[orders.FileRow]]:
    ids = [line.id for line in lines if line.author_id is not None]
    if not ids:
        return {}
    return orders.by_origin(orders.files_that_came_with(session, order_id, MESSAGE, between=(min(ids), max(ids))))
