"""The mark of a demo marketplace. It opens the sandbox gateway, so it is set once, on an empty site, and never taken off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlmodel import Session, select

from gigneo.core.accounts.models import User
from gigneo.core.db.models import SiteState
from gigneo.core.db.restoring import clear
from gigneo.core.files.keeping import removing_blobs
from gigneo.core.refusals import Refused
from gigneo.core.revision import bump_revision

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime


def mark_demo(session: Session) -> None:
    """Make this site a demo marketplace. The next site of every process is one.

    Args:
        session: a writing transaction.

    Raises:
        Refused: somebody is registered already; real people and play money don't mix.
    """
    state = session.exec(select(SiteState)).one()
    if state.demo:
        return
    if not site_is_empty(session):
        raise Refused("People are registered on this site, so it can't become a demo.", code="not_empty")
    state.demo = True
    session.add(state)
    session.flush()
    bump_revision(session)


def site_is_empty(session: Session) -> bool:
    """Return whether nobody is registered."""
    return session.exec(select(User.id).limit(1)).first() is None


@contextmanager
def newest_site(runtime: "Runtime") -> Iterator[None]:
    """Go on inside the block on the site as the database wants it now; for commands that have changed it."""
    with runtime.rebuild().app.app_context():
        yield


def empty_demo(runtime: "Runtime", module: str) -> None:
    """Delete everything on a demo site, its files too, and leave an empty site with the modules that a new one has.

    Processes that serve it go over to the empty site by its revision, as after a toggle.

    Args:
        runtime: the process's ground; not inside a transaction.
        module: a further module to switch on.

    Raises:
        Refused: this is no demo marketplace, or a backup is being made.
    """
    from gigneo.core.modules.lifecycle import enable
    from gigneo.core.upgrading import upgrade_all

    with runtime.read() as session:
        before = session.exec(select(SiteState)).one()
    if not before.demo:
        raise Refused("This is no demo marketplace, so nothing was deleted.", code="no_demo")
    with removing_blobs(runtime) as may:
        if not may:
            raise Refused("A backup is being made, so nothing was deleted. Try again when it is done.", code="backup_runs")
        _delete(runtime)
    upgrade_all(runtime)
    with runtime.write(toggling=True) as session:
        state = session.exec(select(SiteState)).one()
        state.revision += before.revision
        state.currency, state.theme = before.currency, before.theme
        session.add(state)
    enable(runtime, module)


_BLOBS = "SELECT storage_key FROM file_stored UNION ALL SELECT preview_key FROM file_stored WHERE preview_key IS NOT NULL"


def _delete(runtime: "Runtime") -> None:
    from gigneo.core.db.migrate import alone

    with runtime.read() as session:
        blobs = list(session.execute(text(_BLOBS)).scalars())
    runtime.engines.dispose()
    with alone(runtime.engines) as connection:
        clear(connection)
    for key in blobs:
        runtime.storage.delete(key)


__all__ = ["empty_demo", "mark_demo", "newest_site", "site_is_empty"]
