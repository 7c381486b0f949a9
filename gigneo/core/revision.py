"""The revision of the site: one number that moves whenever the set of modules, the theme or a setting changes."""

from sqlalchemy import text
from sqlmodel import Session


def bump_revision(session: Session) -> int:
    """Move the revision, so that every process builds the next site.

    Args:
        session: of a writing transaction opened with ``toggling=True``.

    Returns:
        The new revision.
    """
    return int(session.execute(_BUMP).scalar_one())


_BUMP = text("UPDATE site_state SET revision = revision + 1 WHERE id = 1 RETURNING revision")
