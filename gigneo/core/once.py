"""Form keys: the same form posted twice does once. The key is made with the form and kept with the first result."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from flask import g, has_app_context
from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from gigneo.core.current import present
from gigneo.core.db.models import OnceKey
from gigneo.core.db.prepared import prepared
from gigneo.core.refusals import Refused
from gigneo.core.translations import lazy_gettext as _l
from gigneo.core.typed_json import encode

KEY_MAX_LENGTH = 64
KEYS: Final[Table] = OnceKey.__table__


def form_key() -> str:
    """Return a new key, for the hidden field ``form_key`` of a form that is shown."""
    return secrets.token_urlsafe(18)


def once(session: Session, key: str, body: Mapping[str, Any], run: Callable[[], str]) -> str:
    """Do something once for a key, whatever a reload, a double click or a retry does.

    Args:
        session: the action's writing transaction; the key stands or falls with it.
        key: what the form carried.
        body: everything the person entered, and what it is about; the CSRF token and the key are not part of it.
        run: does it, and returns what the view needs to answer, such as an order's number.

    Returns:
        What ``run`` returned, now or the first time.

    Raises:
        Refused: ``key_missing``: the form had no usable key. ``key_reused``: the key was used for something else, or
            by somebody else; nothing was written.
    """
    if not key or len(key) > KEY_MAX_LENGTH:
        raise Refused(_l("This form is incomplete. Open it again and send it once more."), "key_missing")
    actor_id = getattr(g.get("person"), "id", None) if has_app_context() else None
    body_hash = hashlib.sha256(encode(dict(body), sort_keys=True).encode()).hexdigest()
    if _claimed(session, key, actor_id, body_hash):
        result = run()
        session.execute(_KEEP, {"form": key, "result": result})
        return result
    first = session.execute(_FIRST, {"form": key}).one()
    if first.actor_id != actor_id or first.body_hash != body_hash:
        raise Refused(_l("This form was already sent, with other values. Open it again to see what came of it."), "key_reused")
    return str(first.result)


def _claimed(session: Session, key: str, actor_id: int | None, body_hash: str) -> bool:
    """Write the key; false when it is there already. On PostgreSQL this waits for whoever is writing it now."""
    values = {"key": key, "actor_id": actor_id, "body_hash": body_hash, "created_at": present()}
    return session.execute(_claim(session.get_bind().dialect.name), values).first() is not None


@lru_cache(maxsize=2)
def _claim(dialect: str) -> Any:
    given: dict[str, Any] = {name: bindparam(name) for name in ("key", "actor_id", "body_hash", "created_at")}
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(KEYS).values({**given, "result": ""})
    return prepared(statement.on_conflict_do_nothing().returning(KEYS.c.key))


_KEEP = prepared(KEYS.update().where(KEYS.c.key == bindparam("form")).values(result=bindparam("result")))
_FIRST = prepared(select(KEYS.c.actor_id, KEYS.c.body_hash, KEYS.c.result).where(KEYS.c.key == bindparam("form")))
