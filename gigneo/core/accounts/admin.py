"""What operators do to accounts from the command line: make people, list them, give and take rights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import insert
from sqlmodel import Session, col, delete, select

from gigneo.core.accounts.models import NAME_LENGTH, ROLES, Grant, Role, User, UserRole
from gigneo.core.accounts.use_cases import hashed_password
from gigneo.core.audit import audit
from gigneo.core.refusals import Refused
from gigneo.core.rights import ADMINISTRATOR, KERNEL_PERMISSIONS
from gigneo.core.written import written_line

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the list of people.

    Attributes:
        id: the key.
        email: the address.
        name: the display name.
        roles: in alphabetical order.
        active: whether they may log in.
        confirmed: whether the address was proven.
        created_at: when the account was made.
    """

    id: int
    email: str
    name: str
    roles: tuple[str, ...]
    active: bool
    confirmed: bool
    created_at: datetime


def create_user(runtime: "Runtime", email: str, name: str, password: str, roles: Iterable[str]) -> int:
    """Make an account whose address counts as proven.

    Args:
        runtime: the process's ground.
        email: the address to log in with.
        name: the display name.
        password: in plain; judged as in the form.
        roles: ``employer``, ``freelancer``, ``administrator``.

    Returns:
        The account's id.

    Raises:
        Refused: the address is taken or none, the password too weak, or a role unknown.
    """
    address, wanted, name = normalised(email), _known_roles(roles), written_line(name, "name", NAME_LENGTH)
    with runtime.site.app.app_context():
        hashed, faults = hashed_password(password, (address, name))
    if faults:
        raise Refused(" ".join(faults), code="weak_password", field="password")
    now = runtime.clock.now()
    with runtime.write() as session:
        if session.exec(select(User.id).where(col(User.email) == address)).first() is not None:
            raise Refused(f"{address} has an account already.", code="taken", field="email")
        user = User(email=address, name=name, password=hashed, fs_uniquifier=uuid4().hex, confirmed_at=now, created_at=now)
        session.add(user)
        session.flush()
        assert user.id is not None
        for role in wanted:
            _add_role(session, user.id, role)
        audit(session, "user.created", f"user:{user.id}", {"email": address, "roles": wanted}, actor_id=None)
        return user.id


def create_users(runtime: "Runtime", people: Sequence[tuple[str, str, Sequence[str]]], password: str) -> list[int]:
    """Make many accounts with one password, which is hashed once; for demo data.

    Args:
        runtime: the process's ground.
        people: address, display name and roles of each; the addresses are free and in lower case.
        password: in plain; judged as in the form.

    Returns:
        The ids, in the same order.

    Raises:
        Refused: an address is none, the password too weak, or a role unknown.
    """
    wanted = [(normalised(email), name.strip(), _known_roles(roles)) for email, name, roles in people]
    with runtime.site.app.app_context():
        hashed, faults = hashed_password(password, ())
    if faults:
        raise Refused(" ".join(faults), code="weak_password", field="password")
    now = runtime.clock.now()
    same = {"password": hashed, "active": True, "confirmed_at": now, "created_at": now}
    with runtime.write() as session:
        accounts = [{**same, "email": email, "name": name, "fs_uniquifier": uuid4().hex} for email, name, _ in wanted]
        session.execute(insert(User), accounts)
        added = select(User.email, User.id).where(col(User.created_at) == now)
        ids = {email: user_id or 0 for email, user_id in session.exec(added)}
        role_ids = dict(session.exec(select(Role.name, Role.id)).all())
        given = [{"user_id": ids[email], "role_id": role_ids[role]} for email, _, roles in wanted for role in roles]
        session.execute(insert(UserRole), given)
        audit(session, "users.created", "users", {"people": len(wanted)}, actor_id=None)
        return [ids[email] for email, _, _ in wanted]


def list_users(runtime: "Runtime") -> list[Account]:
    """Return everybody, the oldest account first."""
    with runtime.read() as session:
        users = session.exec(select(User).order_by(col(User.id))).all()
        pairs = session.exec(select(UserRole.user_id, Role.name).join(Role, col(Role.id) == col(UserRole.role_id))).all()
        roles: dict[int, list[str]] = {}
        for user_id, role in pairs:
            roles.setdefault(user_id, []).append(role)
        return [
            Account(
                user.id or 0,
                user.email,
                user.name,
                tuple(sorted(roles.get(user.id or 0, ()))),
                user.active,
                user.confirmed_at is not None,
                user.created_at,
            )
            for user in users
        ]


def grant(runtime: "Runtime", email: str, role_or_permission: str, allowed: bool = True) -> None:
    """Give a role or a right to somebody, or take it.

    Args:
        runtime: the process's ground.
        email: whom.
        role_or_permission: a role, or a right that the site declares, as in ``orders.manage``.
        allowed: true gives, false takes.

    Raises:
        Refused: nobody has this address, or there is no such role or right.
    """
    with runtime.read() as session:
        user_id = session.exec(select(User.id).where(col(User.email) == email.strip().lower())).first()
    if user_id is None:
        raise Refused(f"Nobody has the address {email}.", code="unknown_person", field="email")
    is_role = role_or_permission in ROLES
    if not is_role and role_or_permission not in _declared(runtime):
        raise Refused(
            f"{role_or_permission!r} is neither a role ({', '.join(ROLES)}) nor a right that a module declares.",
            code="unknown_right",
            field="role_or_permission",
        )
    with runtime.write() as session:
        if is_role:
            if allowed:
                _refuse_mixed({*_roles_of(session, user_id), role_or_permission})
            _set_role(session, user_id, role_or_permission, allowed)
        else:
            session.merge(Grant(user_id=user_id, permission=role_or_permission, allowed=allowed))
        verb = "granted" if allowed else "revoked"
        audit(session, f"user.{verb}", f"user:{user_id}", {"right": role_or_permission}, actor_id=None)


def normalised(email: str) -> str:
    """Return the one way in which an address is kept.

    Raises:
        Refused: it is no address.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Refused(f"{email} is no e-mail address: {error}", code="bad_email", field="email") from error


def _known_roles(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    if unknown := [role for role in wanted if role not in ROLES]:
        raise Refused(f"{', '.join(unknown)}: there are only {', '.join(ROLES)}.", code="unknown_role", field="roles")
    _refuse_mixed(wanted)
    return wanted


def _refuse_mixed(roles: Iterable[str]) -> None:
    """Who settles orders has none: administrators are separate accounts."""
    if ADMINISTRATOR in roles and set(roles) != {ADMINISTRATOR}:
        raise Refused(
            "An administrator is a separate account: make another one to buy or to sell.", code="mixed_roles", field="roles"
        )


def _declared(runtime: "Runtime") -> set[str]:
    return {right.name for right in (*KERNEL_PERMISSIONS, *runtime.site.contributions.permissions)}


def _roles_of(session: Session, user_id: int) -> set[str]:
    statement = select(Role.name).join(UserRole, col(Role.id) == col(UserRole.role_id)).where(UserRole.user_id == user_id)
    return set(session.exec(statement))


def _set_role(session: Session, user_id: int, role: str, allowed: bool) -> None:
    role_id = session.exec(select(Role.id).where(col(Role.name) == role)).one()
    session.exec(delete(UserRole).where(col(UserRole.user_id) == user_id, col(UserRole.role_id) == role_id))
    if allowed:
        _add_role(session, user_id, role)


def _add_role(session: Session, user_id: int, role: str) -> None:
    role_id = session.exec(select(Role.id).where(col(Role.name) == role)).one()
    session.add(UserRole(user_id=user_id, role_id=role_id or 0))
