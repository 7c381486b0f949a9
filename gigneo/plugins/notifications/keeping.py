"""Notices: kept where something is told, read by following them, by seeing their page, or all at once, and deleted later."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from gigneo.api import now, place_of, setting, to_json
from gigneo.hooks import Notice
from gigneo.plugins.notifications.choosing import BELL, wants
from gigneo.plugins.notifications.models import KeptNotice

SWEEP: Final = "notifications.sweep"
SWEEP_EVERY: Final = timedelta(hours=12)


def keep(session: Session, notice: Notice) -> None:
    """Keep a notice for its reader's bell, if they want it there; in the transaction that tells it."""
    if not wants(session, notice.to, notice.kind, BELL):
        return
    session.add(
        KeptNotice(
            person_id=notice.to,
            kind=notice.kind.name,
            template=notice.template,
            context=to_json(dict(notice.context)),
            path=notice.path,
            place=place_of(notice.path),
            at=now(),
        )
    )
    session.flush()


def follow(session: Session, notice_id: int, person_id: int) -> str | None:
    """Mark a notice as read, and return the page that it is about; ``None`` when it is nobody's, or not this person's."""
    own = (col(KeptNotice.id) == notice_id, col(KeptNotice.person_id) == person_id)
    session.execute(update(KeptNotice).where(*own, _UNREAD).values(read_at=now()))
    return session.execute(select(col(KeptNotice.path)).where(*own)).scalar_one_or_none()


def mark_seen(session: Session, person_id: int, place: str, up_to: int) -> None:
    """Mark what a person was told about a part of the site as read, up to the newest notice that its page knew of."""
    session.execute(
        update(KeptNotice)
        .where(col(KeptNotice.person_id) == person_id, _UNREAD, col(KeptNotice.place) == place, col(KeptNotice.id) <= up_to)
        .values(read_at=now())
    )


def mark_read(session: Session, person_id: int, kind: str, path: str) -> None:
    """Mark notices of one kind about one page as read."""
    about = (col(KeptNotice.place) == place_of(path), col(KeptNotice.kind) == kind, col(KeptNotice.path) == path)
    session.execute(update(KeptNotice).where(col(KeptNotice.person_id) == person_id, _UNREAD, *about).values(read_at=now()))


def mark_all(session: Session, person_id: int, up_to: int) -> int:
    """Mark a person's notices as read, up to the newest one that they saw in the list, and return how many there were."""
    statement = (
        update(KeptNotice)
        .where(col(KeptNotice.person_id) == person_id, _UNREAD, col(KeptNotice.id) <= up_to)
        .values(read_at=now())
    )
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def sweep(payload: Mapping[str, Any], session: Session) -> None:
    """Delete what is older than the operator keeps it; the task's handler."""
    session.execute(delete(KeptNotice).where(col(KeptNotice.at) < now() - timedelta(days=setting("notifications", "keep_days"))))


_UNREAD = col(KeptNotice.read_at).is_(None)
