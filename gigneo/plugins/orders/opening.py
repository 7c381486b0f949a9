"""What administrators open on purpose, for an hour: private tabs, and with them the files that belong there (ADR 13)."""

import json
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from gigneo.api import StoredFile, contributions, now, prepared
from gigneo.plugins.orders.models import Activity
from gigneo.plugins.orders.queries import ORDERS
from gigneo.plugins.orders.states import MANAGE

OPENED_FOR: Final = timedelta(hours=1)
"""For how long an administrator may go on reading what was opened on purpose."""

_OPENED = prepared(
    select(col(Activity.at), col(Activity.params))
    .where(
        col(Activity.order_id) == bindparam("order_id"),
        col(Activity.kind) == "private_read",
        col(Activity.actor_id) == bindparam("actor_id"),
    )
    .order_by(col(Activity.id).desc())
    .limit(50)
)
_PARTIES = prepared(select(ORDERS.c.employer_id, ORDERS.c.freelancer_id).where(ORDERS.c.id == bindparam("order_id")))


def opened_tabs(session: Session, order_id: int, administrator_id: int) -> frozenset[str]:
    """Return the private tabs of an order that an administrator opened within the last hour."""
    oldest = now() - OPENED_FOR
    rows = session.execute(_OPENED, {"order_id": order_id, "actor_id": administrator_id})
    return frozenset(json.loads(row.params).get("tab", "") for row in rows if row.at > oldest)


def open_origins(session: Session, order_id: int, administrator_id: int) -> frozenset[str]:
    """Return with what those files came that an administrator may see now: with nothing, or with what an open tab shows.

    What no module declares stays closed: while the one of a private tab is off, nobody can open it.
    """
    declared = contributions().order_file_origins
    shown = {tab.name: tab.private for tab in contributions().order_tabs}
    opened = opened_tabs(session, order_id, administrator_id) if any(shown.values()) else frozenset()
    free = (origin.kind for origin in declared if not origin.tab or origin.tab in opened or shown.get(origin.tab) is False)
    return frozenset({"", *free})


def may_read_file(person: Any, file: StoredFile, session: Session) -> bool:
    """Whether somebody may read a file of an order: its parties, and administrators what is not closed to them."""
    row = session.execute(_PARTIES, {"order_id": file.owner_id}).one_or_none()
    if row is not None and person.id in row:
        return True
    return person.may(MANAGE) and file.origin_kind in open_origins(session, file.owner_id, person.id)
