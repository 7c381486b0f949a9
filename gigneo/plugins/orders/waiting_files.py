"""Sweeps files that wait for a form that nobody sent again. One that a form is taking right now is left to it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from gigneo.api import StoredFile, now, remove_file
from gigneo.plugins.orders.filing import UPLOAD_OWNER

SWEEP: Final = "orders.sweep_uploads"
SWEEP_EVERY: Final = timedelta(hours=6)
WAITS: Final = timedelta(days=7)
AT_ONCE: Final = 200


def sweep(_payload: Mapping[str, Any], session: Session) -> None:
    """Remove what has waited for a week. What a form has locked is skipped, and a form finds what is gone gone."""
    old = (col(StoredFile.owner_kind) == UPLOAD_OWNER, col(StoredFile.created_at) < now() - WAITS)
    statement = select(StoredFile).where(*old).order_by(col(StoredFile.id)).limit(AT_ONCE).with_for_update(skip_locked=True)
    for row in session.exec(statement).all():
        remove_file(session, row)
