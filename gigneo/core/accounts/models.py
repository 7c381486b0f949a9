"""The tables of people, their roles, their grants, and their log-ins."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey
from sqlmodel import Field, Relationship

from gigneo.core.db.base import KERNEL, table_base
from gigneo.core.db.columns import BigKey, ForeignId, Id, When

if TYPE_CHECKING:
    from sqlmodel import SQLModel as Table
else:
    Table = table_base(KERNEL)

EMPLOYER = "employer"
FREELANCER = "freelancer"
ADMINISTRATOR = "administrator"
NAME_LENGTH = 80
ROLES = (EMPLOYER, FREELANCER, ADMINISTRATOR)


def _key_part(target: str, ondelete: str | None = None) -> Any:
    """A 64-bit reference that is part of the primary key."""
    return Field(primary_key=True, sa_type=BigKey, sa_column_args=[ForeignKey(target, ondelete=ondelete)])


class Role(Table, RoleMixin, table=True):
    """A role; the three are given by the migration.

    Attributes:
        id: the key.
        name: ``employer``, ``freelancer`` or ``administrator``.
    """

    __tablename__ = "account_role"

    id: int | None = Id()  # type: ignore[assignment]
    name: str = Field(unique=True)


class UserRole(Table, table=True):
    """Who has which role.

    Attributes:
        user_id: the person.
        role_id: the role.
    """

    __tablename__ = "account_user_role"

    user_id: int = _key_part("account_user.id", ondelete="CASCADE")
    role_id: int = _key_part("account_role.id")


class User(Table, UserMixin, table=True):
    """A person with an account, as Flask-Security sees one. Everybody else is given a ``Person``.

    Attributes:
        id: the key.
        email: unique, normalised and in lower case.
        name: the display name.
        password: the argon2 hash.
        active: false for somebody who may not log in any more.
        confirmed_at: when the e-mail address was proven.
        fs_uniquifier: changes with the password, so that links mailed before it are dead.
        locale: the chosen language; ``None`` takes the browser's.
        time_zone: the chosen time zone (IANA name); ``None`` takes the site's.
        created_at: when the account was made.
        roles: the roles.
    """

    __tablename__ = "account_user"

    id: int | None = Id()  # type: ignore[assignment]
    email: str = Field(unique=True)
    name: str
    password: str
    active: bool = Field(default=True)
    confirmed_at: datetime | None = When(nullable=True)
    fs_uniquifier: str = Field(unique=True)
    locale: str | None = Field(default=None)
    time_zone: str | None = Field(default=None)
    created_at: datetime = When()

    roles: list[Role] = Relationship(  # type: ignore[assignment]
        sa_relationship_kwargs={"secondary": "account_user_role"}
    )


class Login(Table, table=True):
    """One log-in of one browser. The cookie carries a token, and this row what the token is worth.

    Attributes:
        id: the key.
        token_hash: SHA-256 of the token, in hexadecimal; the token itself is nowhere but in the cookie.
        user_id: who logged in.
        created_at: when.
        authenticated_at: when the password was last proven.
        last_seen_at: when it was last used, to the day.
        user_agent: the browser, shortened.
        ip: the trusted address of the log-in.
        revoked_at: when it was ended, by the person or by a new password.
    """

    __tablename__ = "account_session"

    id: int | None = Id()
    token_hash: str = Field(unique=True)
    user_id: int = ForeignId("account_user.id", ondelete="CASCADE")
    created_at: datetime = When()
    authenticated_at: datetime = When()
    last_seen_at: datetime = When()
    user_agent: str = Field(default="")
    ip: str = Field(default="")
    revoked_at: datetime | None = When(nullable=True)


class Grant(Table, table=True):
    """A right that was given to one person, or taken from them, whatever their roles say.

    Attributes:
        user_id: the person.
        permission: the right's name, as in ``orders.manage``.
        allowed: true gives it, false takes it.
    """

    __tablename__ = "account_grant"

    user_id: int = _key_part("account_user.id", ondelete="CASCADE")
    permission: str = Field(primary_key=True)
    allowed: bool = Field(default=True)
