"""``gigneo doctor``: looks at a deployment and says what is not as it should be. Imports no plugin."""

import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from gigneo import __version__
from gigneo.core.accounts import models as _people
from gigneo.core.db import restoring
from gigneo.core.db.migrate import check as check_schema
from gigneo.core.db.models import Task, TaskState
from gigneo.core.files import models as _file_models
from gigneo.core.files.models import StoredFile
from gigneo.core.files.sweeping import orphans
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.graph import resolve
from gigneo.core.modules.states import NEEDS_ATTENTION, overview, read_states

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

Level = Literal["ok", "warning", "problem"]

KERNEL_MODELS: Final = (_people, _file_models)
"""Imported, so that the kernel's tables are compared whole with what the database has."""
SHOWN: Final = 20
"""How many files and blobs are named one by one."""
RESTORE: Final = "restore"
"""The subject of what is said about a restore that is not at its end."""
SAFE_SQLITE: Final = (3, 51, 3)
"""The first version without the WAL-reset bug: https://sqlite.org/wal.html."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what.
        level: ``ok``, ``warning`` (works, could be better) or ``problem``.
        text: what is so, and what to do.
    """

    subject: str
    level: Level
    text: str


def examine(runtime: "Runtime") -> list[Finding]:
    """Look at everything. A check that itself fails is a problem, and the others go on."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check(runtime))
        except SQLAlchemyError as error:
            findings.append(Finding(_subject(check), "problem", f"The database does not answer: {error.__class__.__name__}."))
        except Exception as error:
            findings.append(Finding(_subject(check), "problem", f"Could not be looked at: {error!r}"))
    return findings


def _home(runtime: "Runtime") -> Iterator[Finding]:
    yield Finding("python", "ok", sys.version.split()[0])
    for name in ("secret_key", "password_salt"):
        path = runtime.home / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("home", "problem", f"{path} can be read by others. Run: chmod 600 {path}")
    if stat.S_IMODE(runtime.home.stat().st_mode) & 0o007:
        yield Finding("home", "warning", f"{runtime.home} is open to everybody on this machine. Run: chmod 700 {runtime.home}")
    else:
        yield Finding("home", "ok", str(runtime.home))
    free = os.statvfs(runtime.home)
    free_mib = free.f_bavail * free.f_frsize // 2**20
    yield Finding("disk", "ok" if free_mib > 1024 else "warning", f"{free_mib} MiB free in the home")


def _restore(runtime: "Runtime") -> Iterator[Finding]:
    if (found := restoring.present(runtime)) is not None:
        yield Finding(RESTORE, "problem", restoring.told(found))


def _database(runtime: "Runtime") -> Iterator[Finding]:
    if runtime.engines.is_sqlite:
        version = sqlite3.sqlite_version
        if tuple(map(int, version.split("."))) < SAFE_SQLITE:
            yield Finding(
                "sqlite",
                "warning",
                f"SQLite {version} has the WAL-reset bug. The writer lock avoids it; let nothing else write to the database.",
            )
        else:
            yield Finding("sqlite", "ok", f"SQLite {version}")
    manifests = discover().manifests
    with runtime.read() as session:
        wanted = {name for name, state in read_states(session).items() if state.wanted and name in manifests}
    order = resolve(manifests, wanted, __version__).order
    problems = check_schema(runtime.engines, [(name, manifests[name].path / "migrations") for name in order])
    yield from (Finding("schema", "problem", problem) for problem in problems)
    if not problems:
        yield Finding("schema", "ok", "every table is where its migrations put it")


def _modules(runtime: "Runtime") -> Iterator[Finding]:
    cards = overview(runtime)
    bad = [card for card in cards if card.state in NEEDS_ATTENTION]
    for card in bad:
        yield Finding("modules", "problem", f"{card.name} is {card.state}: {card.reason or 'see Gigneo → Modules'}")
    if not bad:
        yield Finding("modules", "ok", f"{sum(card.state == 'enabled' for card in cards)} of {len(cards)} enabled")
    if runtime.config.modules.safe_mode:
        yield Finding(
            "modules", "warning", "Safe mode is on: third-party modules are left out. Unset GIGNEO_SAFE_MODE when done."
        )


def _tasks(runtime: "Runtime") -> Iterator[Finding]:
    now = runtime.clock.now()
    with runtime.read() as session:
        dead = session.exec(select(func.count()).where(Task.state == TaskState.DEAD.value)).one()
        oldest = session.exec(
            select(func.min(Task.due_at)).where(Task.state == TaskState.WAITING.value, col(Task.due_at) < now)
        ).one()
    if dead:
        yield Finding("tasks", "problem", f"{dead} tasks are dead: they failed at every attempt.")
    if oldest is not None and (late := (now - oldest).total_seconds()) > 300:
        yield Finding(
            "tasks",
            "warning",
            f"The oldest due task waits for {late / 60:.0f} minutes. Does “gigneo run” or “gigneo worker” run?",
        )
    if not dead:
        yield Finding("tasks", "ok", "none is dead")


def _storage(runtime: "Runtime") -> Iterator[Finding]:
    key = runtime.storage.put(BytesIO(b"gigneo doctor"))
    same = b"".join(runtime.storage.stream(key)) == b"gigneo doctor"
    runtime.storage.delete(key)
    yield Finding(
        "storage",
        "ok" if same else "problem",
        "written, read and removed a file" if same else "what was read is not what was written",
    )


def _files(runtime: "Runtime") -> Iterator[Finding]:
    """Compare what is kept with the rows, both ways."""
    kept = {blob.key for blobs in runtime.storage.blobs() for blob in blobs}
    missing = []
    with runtime.read() as session:
        columns = (col(StoredFile.id), col(StoredFile.name), col(StoredFile.storage_key), col(StoredFile.preview_key))
        for file_id, name, *keys in session.execute(sql_select(*columns)):
            missing += [(file_id, name, key) for key in keys if key is not None and key not in kept]
    yield from (
        Finding("files", "problem", f"File {file_id} ({name}) has no bytes at {key}. Take them from a backup.")
        for file_id, name, key in missing[:SHOWN]
    )
    if len(missing) > SHOWN:
        yield Finding("files", "problem", f"{len(missing) - SHOWN} more files have no bytes.")
    lost = list(orphans(runtime))
    named = ", ".join(blob.key for blob in lost[:SHOWN]) + (", …" if len(lost) > SHOWN else "")
    if lost:
        yield Finding("files", "warning", f"{len(lost)} blobs belong to no file; the task loop removes them: {named}")
    if not missing and not lost:
        yield Finding("files", "ok", "each has its bytes, and nothing else is kept")


def _address(runtime: "Runtime") -> Iterator[Finding]:
    parts = urlsplit(runtime.config.site.base_url)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        yield Finding(
            "address",
            "warning",
            f"{runtime.config.site.base_url} is not https: log-ins can be read on the way. Set site.base_url.",
        )
    else:
        yield Finding("address", "ok", runtime.config.site.base_url)
    if runtime.config.mail.url == "folder":
        yield Finding(
            "mail",
            "warning",
            f"Mails are written to {runtime.config.mail_folder} and reach nobody. Set mail.url to an SMTP server.",
        )
    else:
        yield Finding("mail", "ok", "sent by SMTP")
    workers = runtime.config.web.workers
    if workers > 1:
        yield Finding("limits", "warning", f"Each of the {workers} web processes counts its own share of a rate limit.")


CHECKS: Final[tuple[Callable[["Runtime"], Iterator[Finding]], ...]] = (
    _home,
    _restore,
    _database,
    _modules,
    _tasks,
    _storage,
    _files,
    _address,
)


def _subject(check: Callable[..., object]) -> str:
    return check.__name__.strip("_")
