"""The person of a request: one statement finds the log-in, its owner, the roles and the grants."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, and_, bindparam, case, func, literal, literal_column, or_, select
from sqlmodel import Session

from gigneo.contributions import Permission
from gigneo.core.accounts.models import ADMINISTRATOR, Grant, Login, Role, User, UserRole
from gigneo.core.db.columns import UtcDateTime
from gigneo.core.db.prepared import prepared

Badges = tuple[tuple[str, Callable[..., Any]], ...]
"""The numbers that every page knows about whoever is logged in: name, and maker of a scalar subquery."""
Rights = Callable[[frozenset[str], frozenset[str], frozenset[str]], frozenset[str]]
"""What somebody holds, by roles, what is granted, and what is denied."""

IDLE_LIMIT = timedelta(days=14)
ABSOLUTE_LIMIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in, as the whole product sees them: values, no row.

    Attributes:
        id: the account.
        name: the display name.
        email: the proven address; shown to nobody else.
        roles: ``employer``, ``freelancer``, ``administrator``.
        permissions: the rights that the roles and the grants give on this site.
        locale: the chosen language, or ``None``.
        time_zone: the chosen time zone, or ``None``.
        session_id: the log-in; 0 for somebody who acts outside a browser.
        authenticated_at: when the password was last proven.
        last_seen_at: when the log-in was last used, to the day.
        badges: the numbers that modules contribute, by name; empty outside a request.
    """

    id: int
    name: str
    email: str
    roles: frozenset[str]
    permissions: frozenset[str]
    locale: str | None
    time_zone: str | None
    session_id: int
    authenticated_at: datetime
    last_seen_at: datetime
    badges: Mapping[str, int] = field(default_factory=dict, compare=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def may(self, permission: str) -> bool:
        """Whether the person holds a right."""
        return permission in self.permissions

    @property
    def is_admin(self) -> bool:
        """Whether the person is an administrator."""
        return ADMINISTRATOR in self.roles

    def get_id(self) -> str:
        """What Flask-Login asks for; the cookie never carries it."""
        return str(self.session_id)


@dataclass(frozen=True, slots=True)
class PersonName:
    """What modules may know of somebody who is not the viewer.

    Attributes:
        id: the account.
        name: the display name.
    """

    id: int
    name: str


def hash_of(token: str) -> str:
    """Return what the database keeps of a log-in's token."""
    return sha256(token.encode()).hexdigest()


def load_person(
    session: Session, token: str, now: datetime, rights: Rights, badges: Badges = (), place: str = ""
) -> Person | None:
    """Find the person behind a log-in's token, in one statement.

    Args:
        session: a reading session.
        token: what the cookie carries.
        now: the present, by the Runtime's clock.
        rights: gives what somebody holds, by their roles, what is granted to them, and what is denied.
        badges: the numbers that plugins contribute; each is a column of the statement.
        place: the part of the site that is looked at, for the badges.

    Returns:
        The person, or ``None`` when the log-in is unknown, revoked, idle for 14 days, older than 30, or its owner is
        not active.
    """
    given = {"token_hash": hash_of(token), "oldest": now - ABSOLUTE_LIMIT, "idle_since": now - IDLE_LIMIT}
    row = session.execute(_with_badges(badges), {**given, "place": place} if badges else given).one_or_none()
    if row is None:
        return None
    roles = _words(row.roles)
    return Person(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=roles,
        permissions=rights(roles, _words(row.granted), _words(row.denied)),
        locale=row.locale,
        time_zone=row.time_zone,
        session_id=row.session_id,
        authenticated_at=row.authenticated_at,
        last_seen_at=row.last_seen_at,
        badges={name: getattr(row, f"badge_{name}") or 0 for name, _ in badges},
    )


def is_active(session: Session, person_id: int) -> bool:
    """Return whether somebody has an account that may log in."""
    return session.execute(_ACTIVE, {"person_id": person_id}).scalar_one_or_none() is True


def effective_permissions(
    roles: frozenset[str], granted: frozenset[str], denied: frozenset[str], declared: Iterable[Permission]
) -> frozenset[str]:
    """Return the rights that somebody holds on a site.

    Args:
        roles: the person's roles.
        granted: rights given to the person.
        denied: rights taken from the person; they win.
        declared: the rights that the site's plugins declare. What nobody declares, nobody holds.
    """
    names = {permission.name for permission in declared if permission.name in granted or permission.roles & roles}
    return frozenset(names) - denied


def find_person(session: Session, email: str) -> PersonName | None:
    """Find an active person by e-mail address, however it is written."""
    row = session.execute(
        select(_user.c.id, _user.c.name).where(_user.c.email == email.strip().lower(), _user.c.active)
    ).one_or_none()
    return None if row is None else PersonName(row.id, row.name)


def names_of(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """Return the display names of accounts by id, in one statement."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(select(_user.c.id, _user.c.name).where(_user.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def active_roles(session: Session, ids: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """Return the roles of accounts by id, in one statement; an account that is not active has none.

    Args:
        session: reads them.
        ids: the accounts.
    """
    wanted = sorted(set(ids))
    roles: dict[int, frozenset[str]] = dict.fromkeys(wanted, frozenset())
    for row in session.execute(_ROLES, {"wanted": wanted}):
        roles[row.user_id] |= {row.name}
    return roles


def active_with_role(person_id: Any, role: str) -> ColumnElement[bool]:
    """Return the condition that an account is active and has a role, for a statement's ``where``.

    Args:
        person_id: the column that names the account.
        role: ``employer``, ``freelancer`` or ``administrator``.
    """
    has_it = _has.join(_user, _user.c.id == _has.c.user_id).join(_role, _role.c.id == _has.c.role_id)
    return (
        select(literal(1)).select_from(has_it).where(_has.c.user_id == person_id, _user.c.active, _role.c.name == role).exists()
    )


def holders_of(session: Session, permission: Permission) -> list[int]:
    """Return who holds a right now, by id: active accounts only.

    Args:
        session: reads it.
        permission: as a plugin declares it.
    """
    by_role = select(_has.c.user_id).join(_role, _role.c.id == _has.c.role_id).where(_role.c.name.in_(sorted(permission.roles)))
    by_grant = select(_grant.c.user_id).where(_grant.c.permission == permission.name, _grant.c.allowed)
    taken = select(_grant.c.user_id).where(_grant.c.permission == permission.name, _grant.c.allowed.is_(False))
    wanted = or_(_user.c.id.in_(by_role), _user.c.id.in_(by_grant))
    rows = session.execute(select(_user.c.id).where(_user.c.active, wanted, _user.c.id.not_in(taken)).order_by(_user.c.id))
    return [row.id for row in rows]


@lru_cache(maxsize=1024)
def _words(joined: str | None) -> frozenset[str]:
    return frozenset(joined.split(",")) if joined else frozenset()


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


_user, _login, _role, _has, _grant = map(_table, (User, Login, Role, UserRole, Grant))


_ROLES = (
    select(_has.c.user_id, _role.c.name)
    .select_from(_has.join(_user, _user.c.id == _has.c.user_id).join(_role, _role.c.id == _has.c.role_id))
    .where(_has.c.user_id.in_(bindparam("wanted", expanding=True)), _user.c.active)
)


def _grants(allowed: bool) -> Any:
    permission = case((_grant.c.allowed == allowed, _grant.c.permission))
    return select(func.aggregate_strings(permission, ",")).where(_grant.c.user_id == _user.c.id).scalar_subquery()


_BY_TOKEN = prepared(
    select(
        _user.c.id,
        _user.c.name,
        _user.c.email,
        _user.c.locale,
        _user.c.time_zone,
        _login.c.id.label("session_id"),
        _login.c.authenticated_at,
        _login.c.last_seen_at,
        select(func.aggregate_strings(_role.c.name, ","))
        .select_from(_has.join(_role, _role.c.id == _has.c.role_id))
        .where(_has.c.user_id == _user.c.id)
        .scalar_subquery()
        .label("roles"),
        _grants(True).label("granted"),
        _grants(False).label("denied"),
    )
    .select_from(_login.join(_user, _user.c.id == _login.c.user_id))
    .where(
        and_(
            _login.c.token_hash == bindparam("token_hash"),
            _login.c.revoked_at.is_(None),
            _login.c.created_at > bindparam("oldest", type_=UtcDateTime()),
            _login.c.last_seen_at > bindparam("idle_since", type_=UtcDateTime()),
            _user.c.active,
        )
    )
)
_ACTIVE = select(_user.c.active).where(_user.c.id == bindparam("person_id"))
_THIS_PERSON = literal_column("account_user.id", BigInteger())
"""The person of the statement, as text, so that it means the outer row however deep a badge's subquery is nested."""


@lru_cache(maxsize=16)
def _with_badges(badges: Badges) -> Select[Any]:
    """Return the statement with a column for each badge; made once for a set of badges."""
    columns = [make(_THIS_PERSON, bindparam("place")).label(f"badge_{name}") for name, make in badges]
    return prepared(_BY_TOKEN.add_columns(*columns)) if columns else _BY_TOKEN
