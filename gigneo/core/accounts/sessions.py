"""Log-ins are rows: opened, touched once a day, and revoked. The cookie carries a token and nothing else."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from flask import Response, after_this_request
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from gigneo.contributions import TaskHandler
from gigneo.core.accounts.models import Login
from gigneo.core.accounts.people import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    Badges,
    Person,
    Rights,
    effective_permissions,
    hash_of,
    load_person,
)
from gigneo.core.contribution_sets import Contributions
from gigneo.core.current import current_runtime, current_site, present, this_request, this_session
from gigneo.core.places import place_of
from gigneo.core.requests import read
from gigneo.core.rights import KERNEL_PERMISSIONS
from gigneo.core.tasks.handlers import add_kernel_handler

log = structlog.get_logger("gigneo.accounts")

COOKIE_KEY = "_user_id"
"""Where Flask-Login looks in the signed cookie; what it finds there is the token."""

TOUCH_EVERY = timedelta(days=1)
KEPT_AFTER_END = timedelta(days=30)
USER_AGENT_LENGTH = 160


def load_request_person() -> Person | None:
    """Return who makes this request, or ``None`` for somebody without a log-in that counts; one statement."""
    token = this_session().get(COOKIE_KEY)
    if not isinstance(token, str):
        return None
    now = current_site().runtime.clock.now()
    person = _with_badges(token, now)
    if person is not None and now - person.last_seen_at > TOUCH_EVERY:
        _touch_afterwards(person.session_id, now)
    return person


def _with_badges(token: str, now: datetime) -> Person | None:
    """Find the person, with the numbers of modules; without them when one of their statements fails: the page goes on."""
    site = current_site()
    rights = site.contributions.derived(_rights_on)
    badges = site.contributions.derived(_badges_of)
    if not badges:
        return load_person(read(), token, now, rights)
    try:
        return load_person(read(), token, now, rights, badges, place_of(this_request().path.replace("\x00", "")))
    except Exception:
        read().rollback()
        person = load_person(read(), token, now, rights)  # the database works, so it was a badge
        for owner in {site.contributions.owner_of(badge) for badge in site.contributions.person_badges}:
            site.runtime.faults[owner, "person_badges"] += 1
        log.exception("a badge failed")
        return person


def _rights_on(found: Contributions) -> Rights:
    """Return what gives rights on a site; people have few combinations of roles and grants, so they are kept."""
    declared = (*KERNEL_PERMISSIONS, *found.permissions)
    return lru_cache(maxsize=256)(lambda roles, granted, denied: effective_permissions(roles, granted, denied, declared))


def _badges_of(found: Contributions) -> Badges:
    return tuple((badge.name, badge.count) for badge in found.person_badges)


def new_login(user_id: int, now: datetime, user_agent: str, ip: str) -> tuple[str, Login]:
    """Make a log-in for somebody whose password was just proven.

    Args:
        user_id: who.
        now: the present.
        user_agent: the browser's name for itself.
        ip: the trusted address.

    Returns:
        The token for the cookie, and the row to be stored.
    """
    token = secrets.token_urlsafe(32)
    row = Login(
        token_hash=hash_of(token),
        user_id=user_id,
        created_at=now,
        authenticated_at=now,
        last_seen_at=now,
        user_agent=user_agent[:USER_AGENT_LENGTH],
        ip=ip,
    )
    return token, row


def revoke_token(session: Session, token: str, now: datetime) -> None:
    """End the log-in behind a token, if it is open."""
    _revoke(session, now, col(Login.token_hash) == hash_of(token))


def revoke_all(session: Session, user_id: int, now: datetime, keep_session_id: int | None = None) -> int:
    """End every log-in of a person, and return how many that were.

    Args:
        session: a writing session.
        user_id: whose.
        now: the present.
        keep_session_id: the one to keep; ``None`` keeps none.
    """
    conditions = [col(Login.user_id) == user_id]
    if keep_session_id is not None:
        conditions.append(col(Login.id) != keep_session_id)
    return _revoke(session, now, *conditions)


def open_logins(session: Session, user_id: int, now: datetime) -> list[Login]:
    """Return a person's open log-ins, the latest used first."""
    return list(
        session.exec(
            select(Login)
            .where(
                col(Login.user_id) == user_id,
                col(Login.revoked_at).is_(None),
                col(Login.created_at) > now - ABSOLUTE_LIMIT,
                col(Login.last_seen_at) > now - IDLE_LIMIT,
            )
            .order_by(col(Login.last_seen_at).desc(), col(Login.id).desc())
        )
    )


def prove_again(session: Session, session_id: int, now: datetime) -> str:
    """Note that the password was proven once more in a log-in, and return the token that it goes by from now on."""
    token = secrets.token_urlsafe(32)
    session.execute(
        update(Login).where(col(Login.id) == session_id).values(authenticated_at=now, last_seen_at=now, token_hash=hash_of(token))
    )
    return token


def _revoke(session: Session, now: datetime, *conditions: Any) -> int:
    result = session.execute(update(Login).where(*conditions, col(Login.revoked_at).is_(None)).values(revoked_at=now))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _touch_afterwards(session_id: int, now: datetime) -> None:
    """Note that a log-in was used, once a day, in a transaction of its own after the view."""

    @after_this_request
    def touch(response: Response) -> Response:
        with current_runtime().write() as session:
            session.execute(
                update(Login).where(col(Login.id) == session_id, col(Login.last_seen_at) < now).values(last_seen_at=now)
            )
        return response


def _sweep(payload: Mapping[str, Any], session: Session) -> None:
    """Delete log-ins that ended a month ago: they prove nothing any more, and name addresses and browsers."""
    oldest = present() - ABSOLUTE_LIMIT - KEPT_AFTER_END
    session.execute(delete(Login).where(col(Login.created_at) < oldest))


add_kernel_handler(TaskHandler("kernel.sweep_log_ins", _sweep), every=timedelta(days=1))
