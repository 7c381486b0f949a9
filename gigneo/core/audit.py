"""The audit: who did what to what, and when. A row is written in the transaction of the deed itself."""

from collections.abc import Mapping
from types import EllipsisType
from typing import Any

from flask import g, has_app_context
from sqlmodel import Session

from gigneo.core.current import present
from gigneo.core.db.models import AuditEntry
from gigneo.core.logs import request_id
from gigneo.core.typed_json import encode


def audit(
    session: Session,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    actor_id: int | EllipsisType | None = ...,
) -> None:
    """Write an audit row.

    Args:
        session: the writing transaction of the deed.
        action: what was done, ``<thing>.<verb in the past>``, as in ``module.enabled``.
        subject: what it was done to, as in ``disputes`` or ``order:G-7F3K``.
        detail: plain values; never a secret.
        actor_id: who did it, ``None`` for the system; the person of the request when left out.
    """
    context: Any = g if has_app_context() else {}
    if isinstance(actor_id, EllipsisType):
        actor_id = getattr(context.get("person"), "id", None)
    session.add(
        AuditEntry(
            at=present(),
            actor_id=actor_id,
            action=action,
            subject=subject,
            detail=None if detail is None else encode(dict(detail)),
            request_id=context.get("request_id") or request_id(),
        )
    )
    session.flush()
