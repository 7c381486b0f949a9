"""The task table: writing tasks in the business transaction, claiming what is due, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CursorResult, Table, and_, bindparam, or_
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, delete, select, update

from gigneo.core.current import present
from gigneo.core.db.models import Task, TaskState
from gigneo.core.db.prepared import prepared
from gigneo.core.typed_json import encode

KEPT_AFTER_DONE = timedelta(days=14)
TASKS: Table = Task.__table__
_TOUCHED = "gigneo.tasks_touched"
_TAKE_BACK = prepared(
    TASKS.delete().where(TASKS.c.key == bindparam("task"), TASKS.c.state.in_([TaskState.WAITING.value, TaskState.RUNNING.value]))
)
_HELD = and_(
    TASKS.c.id == bindparam("held_id"),
    TASKS.c.state == TaskState.RUNNING.value,
    TASKS.c.attempts == bindparam("held_attempts"),
)
_IS_MINE = prepared(select(TASKS.c.id).where(_HELD))
_CLAIM = prepared(
    TASKS.update()
    .where(TASKS.c.id == bindparam("task_id"))
    .values(state=TaskState.RUNNING.value, lease_until=bindparam("until"), attempts=TASKS.c.attempts + 1)
    .returning(TASKS.c.id, TASKS.c.key, TASKS.c.kind, TASKS.c.plugin, TASKS.c.payload, TASKS.c.attempts)
)
_FINISH = prepared(
    TASKS.update().where(_HELD).values(state=TaskState.DONE.value, done_at=bindparam("now"), lease_until=None, last_error=None)
)
_COME_BACK = prepared(
    TASKS.update()
    .where(_HELD)
    .values(
        state=TaskState.WAITING.value, due_at=bindparam("again_at"), attempts=0, done_at=None, lease_until=None, last_error=None
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that somebody may run now.

    Attributes:
        id: the task.
        key: its idempotency key.
        kind: what runs it.
        plugin: whose it is.
        payload: JSON.
        attempts: how often it was started, this time included; a later claim has another number, so that this
            one's end counts only while nobody else has it.
    """

    id: int
    key: str
    kind: str
    plugin: str
    payload: str
    attempts: int


def schedule(
    session: Session,
    kind: str,
    key: str,
    due_at: datetime,
    payload: Mapping[str, Any] | None = None,
    plugin: str | None = None,
) -> None:
    """Write a task; scheduling the same key again moves it, and revives one that is done or dead.

    Args:
        session: the writing transaction that the task stands or falls with.
        kind: the kind of a task handler.
        key: unique among all tasks.
        due_at: not before, aware.
        payload: plain values, times and tuples by name.
        plugin: whose it is; the first part of ``kind`` when left out.
    """
    schedule_all(session, [Planned(kind, key, due_at, payload or {}, plugin or kind.partition(".")[0])])


@dataclass(frozen=True, slots=True)
class Planned:
    """A task to be written; its attributes are the arguments of :func:`schedule`."""

    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, Any]
    plugin: str


def schedule_all(session: Session, tasks: Sequence[Planned]) -> None:
    """Write several tasks at once, each as :func:`schedule` does."""
    if not tasks:
        return
    now = present()
    rows = [
        {
            "kind": task.kind,
            "key": task.key,
            "due_at": task.due_at,
            "payload": encode(dict(task.payload)),
            "plugin": task.plugin,
            "created_at": now,
        }
        for task in tasks
    ]
    session.execute(_upsert(session.get_bind().dialect.name), rows)
    for task in tasks:
        _touch(session, task.key)


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    """Make the statement once: SQLAlchemy took longer to make it than the database to run it."""
    fresh = {"state": TaskState.WAITING.value, "attempts": 0, "lease_until": None, "done_at": None}
    given: dict[str, Any] = {name: bindparam(name) for name in ("kind", "key", "due_at", "payload", "plugin", "created_at")}
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(TASKS).values({**given, **fresh}).inline()
    moved = ("kind", "due_at", "payload", "plugin", *fresh)
    return prepared(
        statement.on_conflict_do_update(index_elements=["key"], set_={name: statement.excluded[name] for name in moved})
    )


def not_armed(session: Session, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return those keys of periodic tasks, with their kinds, that are neither waiting nor running."""
    over = [TaskState.DONE.value, TaskState.DEAD.value]
    armed = set(session.exec(select(Task.key).where(col(Task.key).in_(kinds), col(Task.state).not_in(over))))
    return {key: kind for key, kind in kinds.items() if key not in armed}


def arm(session: Session, kind: str, key: str, due_at: datetime, plugin: str) -> None:
    """Write a periodic task unless it is there already; one that is done or dead comes back."""
    values = {"state": TaskState.WAITING.value, "due_at": due_at, "attempts": 0, "lease_until": None, "done_at": None}
    fixed = {"key": key, "kind": kind, "payload": "{}", "plugin": plugin, "created_at": present()}
    statement = _insert(session)(Task).values(**fixed, **values)
    over = col(Task.state).in_([TaskState.DONE, TaskState.DEAD])
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values, where=over))


def unschedule(session: Session, key: str) -> bool:
    """Take a task back; one that is running now will find itself gone and roll back.

    Returns:
        Whether there was one that was not over yet.
    """
    _touch(session, key)
    return cast("CursorResult[Any]", session.execute(_TAKE_BACK, {"task": key})).rowcount == 1


def was_done(session: Session, key: str, due_at: datetime) -> bool:
    """Return whether a task has run for a time; for as long as it is kept after that, :data:`KEPT_AFTER_DONE`."""
    statement = select(Task.id).where(col(Task.key) == key, col(Task.due_at) == due_at, col(Task.state) == TaskState.DONE)
    return session.exec(statement).first() is not None


def something_is_due(session: Session, now: datetime, plugins: frozenset[str], kinds: frozenset[str]) -> bool:
    """Return whether a claim would find anything; costs one indexed read and no lock."""
    return session.execute(_due(plugins, kinds), {"now": now, "limit": 1}).first() is not None


def claim(
    session: Session,
    now: datetime,
    lease: timedelta,
    plugins: frozenset[str],
    kinds: frozenset[str],
    limit: int,
) -> list[Claim]:
    """Take due tasks, oldest first, and count the attempt before anything is run.

    Args:
        session: a short writing transaction of its own.
        now: the present.
        lease: for how long nobody else may have them.
        plugins: the modules of the site; the tasks of others wait untouched.
        kinds: the kinds that the site can run.
        limit: at most so many.
    """
    due = session.execute(_due(plugins, kinds, locked=True), {"now": now, "limit": limit}).scalars().all()
    return [Claim(*session.execute(_CLAIM, {"task_id": task_id, "until": now + lease}).one()) for task_id in due]


def finish(session: Session, task: Claim, now: datetime, again_at: datetime | None = None) -> bool:
    """Mark a claimed task as done, or as waiting for its next time.

    Returns:
        Whether it counts: false when the task was taken back, or somebody else has it since the lease ran out. A
        handler that moved or took back its own task in this session has the last word, and that counts.
    """
    if task.key in session.info.get(_TOUCHED, ()):
        return True
    if again_at is None:
        return _changed(session, _FINISH, {"now": now, **_held_by(task)})
    return _changed(session, _COME_BACK, {"again_at": again_at, **_held_by(task)})


def fail(session: Session, task: Claim, now: datetime, error: str, again_at: datetime | None, *, anew: bool = False) -> bool:
    """Put a task back until ``again_at`` (``anew``: with all its attempts), or mark it as dead when that is ``None``."""
    values: dict[str, Any] = {"last_error": error, "lease_until": None}
    if anew:
        values["attempts"] = 0
    if again_at is None:
        values |= {"state": TaskState.DEAD.value, "done_at": now}
    else:
        values |= {"state": TaskState.WAITING.value, "due_at": again_at}
    return _changed(session, TASKS.update().where(_HELD).values(values), _held_by(task))


def release(session: Session, task: Claim) -> bool:
    """Give a claimed task back unrun; the attempt does not count."""
    values = {"state": TaskState.WAITING.value, "lease_until": None, "attempts": task.attempts - 1}
    return _changed(session, TASKS.update().where(_HELD).values(values), _held_by(task))


def prolong(session: Session, tasks: Sequence[Claim], lease_until: datetime) -> None:
    """Keep tasks that still run from being claimed by others."""
    for task in tasks:
        session.execute(TASKS.update().where(_HELD).values(lease_until=lease_until), _held_by(task))


def is_mine(session: Session, task: Claim) -> bool:
    """Return whether a claim still holds."""
    return session.execute(_IS_MINE, _held_by(task)).first() is not None


def retry(session: Session, task_id: int, now: datetime) -> bool:
    """Run a dead task again, with all its attempts; for an administrator.

    Returns:
        Whether there was such a dead task.
    """
    values = {"state": TaskState.WAITING.value, "due_at": now, "attempts": 0, "done_at": None}
    dead = and_(col(Task.id) == task_id, col(Task.state) == TaskState.DEAD)
    return _changed(session, update(Task).where(dead).values(values))


def dead_tasks(session: Session, limit: int = 100) -> Sequence[Task]:
    """Return what was given up, newest first."""
    statement = select(Task).where(Task.state == TaskState.DEAD).order_by(col(Task.done_at).desc()).limit(limit)
    return session.exec(statement).all()


def sweep(session: Session, before: datetime) -> int:
    """Delete what was done before a moment; what is dead stays until somebody looks at it."""
    done = and_(col(Task.state) == TaskState.DONE, col(Task.done_at) < before)
    return cast("CursorResult[Any]", session.execute(delete(Task).where(done))).rowcount


@lru_cache(maxsize=16)
def _due(plugins: frozenset[str], kinds: frozenset[str], *, locked: bool = False) -> Any:
    """Make the statement once for what a site can run."""
    waiting = and_(TASKS.c.state == TaskState.WAITING.value, TASKS.c.due_at <= bindparam("now"))
    abandoned = and_(TASKS.c.state == TaskState.RUNNING.value, TASKS.c.lease_until < bindparam("now"))
    ours = and_(TASKS.c.plugin.in_(sorted(plugins)), TASKS.c.kind.in_(sorted(kinds)))
    found = select(TASKS.c.id).where(or_(waiting, abandoned), ours)
    oldest = found.order_by(TASKS.c.due_at, TASKS.c.id).limit(bindparam("limit"))
    return prepared(oldest.with_for_update(skip_locked=True) if locked else oldest)


def _held_by(task: Claim) -> dict[str, int]:
    return {"held_id": task.id, "held_attempts": task.attempts}


def _insert(session: Session) -> Any:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert


def _changed(session: Session, statement: Any, values: Mapping[str, Any] | None = None) -> bool:
    return cast("CursorResult[Any]", session.execute(statement, values)).rowcount == 1


def _touch(session: Session, key: str) -> None:
    session.info.setdefault(_TOUCHED, set()).add(key)
