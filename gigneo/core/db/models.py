"""The kernel's tables: the state of the site and of its modules, the operator's choices, audit, tasks and form keys."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field

from gigneo.core.db.base import KERNEL, table_base
from gigneo.core.db.columns import BigKey, Id, When

KernelTable = table_base(KERNEL)


class SiteState(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """The one row that says which site this is.

    Attributes:
        id: always 1.
        revision: moves whenever the set of modules, the theme or a setting changes.
        currency: ISO 4217.
        theme: the theme's name.
        demo: whether this is a demo marketplace.
        created_at: when the database was made.
    """

    __tablename__ = "site_state"

    id: int = Field(primary_key=True, default=1)
    revision: int
    currency: str = Field(default="EUR", max_length=3)
    theme: str = "default"
    demo: bool = False
    created_at: datetime = When()


class ModuleState(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What the operator wants of a module, and what became of it.

    Attributes:
        name: the module.
        wanted: whether it should be enabled.
        version: the version that was enabled last.
        fingerprint: of the package that passed the preflight.
        fault: the traceback of what went wrong, if anything did.
        fault_at: when it did.
        changed_at: when this row changed last.
    """

    __tablename__ = "module_state"

    name: str = Field(primary_key=True)
    wanted: bool = False
    version: str = ""
    fingerprint: str = ""
    fault: str | None = Field(default=None, sa_type=Text)
    fault_at: datetime | None = When(nullable=True)
    changed_at: datetime = When()


class SettingValue(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """One choice of the operator, as JSON."""

    __tablename__ = "setting_value"

    plugin: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


class AuditEntry(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Who did what to what, and when.

    Attributes:
        id: the key.
        at: when.
        actor_id: the person; ``None`` for the system.
        action: ``<subject>.<verb in the past>``, as in ``module.enabled``.
        subject: what it was done to, as in ``module:disputes``.
        detail: JSON; never a secret.
        request_id: of the request, as in the log.
    """

    __tablename__ = "audit_entry"

    id: int | None = Id()
    at: datetime = When(index=True)
    actor_id: int | None = Field(default=None, sa_type=BigKey)
    action: str
    subject: str = Field(index=True)
    detail: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = None


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Task(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Something that happens later: the delivery of a fact, a timer, work that comes back.

    Attributes:
        id: the key in the database.
        key: unique; the idempotency key that a handler may hand on.
        kind: names the handler.
        payload: JSON.
        due_at: not before.
        lease_until: until when the one that claimed it may work on it.
        attempts: how often it was started.
        state: a :class:`TaskState`.
        plugin: whose it is; while that plugin is not in the site, the task waits.
        last_error: why the last attempt failed.
        created_at: when it was written.
        done_at: when it was done or died.
    """

    __tablename__ = "task"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "done_at"))

    id: int | None = Id()
    key: str = Field(unique=True)
    kind: str
    payload: str = Field(sa_type=Text)
    due_at: datetime = When()
    lease_until: datetime | None = When(nullable=True)
    attempts: int = 0
    state: str = TaskState.WAITING.value
    plugin: str
    last_error: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = When()
    done_at: datetime | None = When(nullable=True)


class OnceKey(KernelTable, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A form that was posted: the same key gives the first result again.

    Attributes:
        key: hidden in the form, random.
        actor_id: who posted it; ``None`` for somebody not signed in.
        body_hash: of what was posted.
        result: what came of it.
        created_at: when.
    """

    __tablename__ = "once_key"

    key: str = Field(primary_key=True)
    actor_id: int | None = Field(default=None, sa_type=BigKey)
    body_hash: str
    result: str = Field(sa_type=Text)
    created_at: datetime = When(index=True)
