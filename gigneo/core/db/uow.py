"""The unit of work: one session, one writing transaction, fenced against a set of modules that has moved on."""

import threading
from contextlib import contextmanager
from typing import Iterator

from sqlalchemy import Table, select, text
from sqlmodel import Session

from gigneo.core.crash import crash_point
from gigneo.core.db.engines import Engines
from gigneo.core.db.models import SiteState
from gigneo.core.db.prepared import prepared
from gigneo.core.db.reader import ReadSession
from gigneo.core.db.writer import WriteSession

FENCE_LOCK = 0x6769676E  # "gign": PostgreSQL's advisory lock that a writer shares and a toggle takes alone

_open = threading.local()


class SiteMoved(BaseException):
    """The set of modules changed after this request or task began; run it again on the new site.

    It derives from BaseException so that no view and no handler can swallow it by ``except Exception``.
    """


class NestedWrite(RuntimeError):
    """A writing transaction was opened inside another one of the same thread: one action is one transaction."""


@contextmanager
def writing(engines: Engines, *, revision: int | None, toggling: bool = False) -> Iterator[Session]:
    """Open the one writing transaction of an action.

    Args:
        engines: the database.
        revision: the site revision that the caller runs on; ``None`` for work that depends on no set of modules.
        toggling: true for whoever changes the revision itself: waits for all writers, and keeps new ones out.

    Yields:
        A session. It commits when the block ends, and rolls everything back when the block raises.

    Raises:
        SiteMoved: the revision in the database is no longer ``revision``; nothing was written.
        NestedWrite: this thread is inside a writing transaction already.
    """
    if getattr(_open, "inside", False):
        raise NestedWrite("A use case was called that opens its own transaction inside another one. Pass the session on.")
    _open.inside = True
    try:
        if engines.writer_lock is None:
            yield from _transaction(engines, revision, toggling)
        else:
            with engines.writer_lock.held():
                yield from _transaction(engines, revision, toggling)
    finally:
        _open.inside = False


def _transaction(engines: Engines, revision: int | None, toggling: bool) -> Iterator[Session]:
    with WriteSession(engines) as session:
        with session.begin():
            if not engines.is_sqlite:
                shared = "" if toggling else "_shared"
                session.execute(text(f"SELECT pg_advisory_xact_lock{shared}(:key)"), {"key": FENCE_LOCK})
            if revision is not None and current_revision(session) != revision:
                raise SiteMoved
            yield session
            session.flush()
            crash_point("before-commit")
        crash_point("after-commit")


@contextmanager
def reading(engines: Engines) -> Iterator[Session]:
    """Open a read-only session; a statement that writes is refused by the database."""
    with ReadSession(engines) as session:
        yield session


def current_revision(session: Session) -> int:
    """Return the revision of the set of modules as the database has it now."""
    return int(session.execute(_REVISION, {}).scalar_one())


_STATE: Table = SiteState.__table__
_REVISION = prepared(select(_STATE.c.revision).where(_STATE.c.id == 1))
