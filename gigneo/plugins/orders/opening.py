"""What administrators open on purpose, for an hour: private tabs, and with them the files that belong there (ADR 13)."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from gigneo.api import Contributions, StoredFile, contributions, now, prepared
from gigneo.plugins.orders.models import Activity
from gigneo.plugins.orders.queries import ORDERS
from gigneo.plugins.orders.states import MANAGE

OPENED_FOR: Final = timedelta(hours=1)

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


def is_open(session: Session, order_id: int, administrator_id: int, tab: str) -> bool:
    """Return whether an administrator opened a private tab of an order within the last hour."""
    rows = session.execute(_OPENED, {"order_id": order_id, "actor_id": administrator_id})
    at = next((row.at for row in rows if json.loads(row.params).get("tab") == tab), None)
    return at is not None and at > now() - OPENED_FOR


def closed_origins(session: Session, order_id: int, administrator_id: int) -> frozenset[str]:
    """Return the kinds of things whose files an administrator may not see now, because the tab that shows them is closed."""
    tabs = contributions().derived(_private_tabs)
    closed = {tab for tab in set(tabs.values()) if not is_open(session, order_id, administrator_id, tab)}
    return frozenset(origin for origin, tab in tabs.items() if tab in closed)


def may_read_file(person: Any, file: StoredFile, session: Session) -> bool:
    """Whether somebody may read a file of an order: its parties, and administrators what is not in a closed tab."""
    row = session.execute(_PARTIES, {"order_id": file.owner_id}).one_or_none()
    if row is not None and person.id in row:
        return True
    return person.may(MANAGE) and file.origin_kind not in closed_origins(session, file.owner_id, person.id)


def _private_tabs(found: Contributions) -> Mapping[str, str]:
    """Return kind of origin → the private tab that shows it."""
    private = {tab.name for tab in found.order_tabs if tab.private}
    return {origin.kind: origin.tab for origin in found.order_file_origins if origin.tab in private}
