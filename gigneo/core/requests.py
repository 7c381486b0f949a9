"""The data of one request: its shared read-only session, and its one writing transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from gigneo.core.current import current_runtime, current_site, held
from gigneo.core.db.locks import WriterBusy
from gigneo.core.db.reader import ReadSession
from gigneo.core.db.uow import SiteMoved, writing

LOST_A_RACE = frozenset({"40001", "40P01"})
"""What PostgreSQL says to the transaction that it gave up for another: serialization failure, deadlock."""
LOCK_KEPT_TOO_LONG = "55P03"
"""What PostgreSQL says to a statement that waited for a lock until the time-out of the connection."""
_READ = "gigneo_read_session"


def read() -> Session:
    """Return the request's (or task's, or command's) shared read-only session; it closes by itself."""
    kept = held()
    session: Session | None = kept.get(_READ)
    if session is None:
        session = ReadSession(current_runtime().engines)
        setattr(kept, _READ, session)
    return session


@contextmanager
def write() -> Iterator[Session]:
    """Open the one writing transaction of an action.

    It is fenced: when the set of modules changed since the request began, nothing is written and the request runs again
    on the new site. It commits when the block ends and rolls everything back when the block raises.

    Raises:
        NestedWrite: opened inside another one.
        WriterBusy: somebody kept what this action needs for longer than anybody should wait; nothing was written.
    """
    site = current_site()
    try:
        with writing(site.runtime.engines, revision=site.revision) as session:
            yield session
    except DBAPIError as error:
        said = getattr(error.orig, "sqlstate", None)
        if said in LOST_A_RACE:
            raise SiteMoved from error  # rolled back whole: the dispatcher runs the request again
        if said == LOCK_KEPT_TOO_LONG:
            raise WriterBusy("Somebody else is at work on the same thing. Nothing was written; try again.") from error
        raise
    close_read_session()
    site.runtime.wake()


def close_read_session(_error: Any = None) -> None:
    """End the read-only transaction, so that what is read next is what is there now."""
    session: Session | None = held().pop(_READ, None)
    if session is not None:
        session.close()
