"""``gigneo doctor``: looks at a deployment from outside. It imports no module, builds no site, and repairs nothing."""

import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import rich_click as click

from gigneo.core.cli.opening import open_config
from gigneo.core.cli.output import dump, examples, json_option, say

if TYPE_CHECKING:
    from gigneo.core.config import Config
    from gigneo.core.runtime import Runtime

WAL_RESET_FIXED = (3, 51, 3)


@dataclass(frozen=True)
class Finding:
    """What a look found.

    Attributes:
        tone: ``well``, ``note`` (to know) or ``problem`` (to mend).
        about: what was looked at.
        text: what was found, and what to do.
    """

    tone: Literal["well", "note", "problem"]
    about: str
    text: str


@click.command(
    epilog=examples(
        "gigneo doctor",
        "gigneo doctor --json",
    )
)
@json_option
def doctor(as_json: bool) -> None:
    """Say what is not as it should be, and what to do; leaves with 1 when there is a problem."""
    config = open_config()
    findings = [*_home(config), *_serving(config), *_database(config)]
    if as_json:
        dump([vars(each) for each in findings])
    else:
        marks = {"well": ("✓", "green"), "note": ("•", "yellow"), "problem": ("✗", "red")}
        for each in findings:
            mark, colour = marks[each.tone]
            say(f"{click.style(mark, fg=colour)} {each.about}: {each.text}")
    sys.exit(1 if any(each.tone == "problem" for each in findings) else 0)


def _home(config: "Config") -> Iterator[Finding]:
    mode = stat.S_IMODE(config.home.stat().st_mode)
    if mode & 0o077:
        yield Finding("note", "home", f"{config.home} can be read by others (mode {mode:o}). Run: chmod 700 {config.home}")
    else:
        yield Finding("well", "home", f"{config.home} belongs to its owner alone.")
    for name in ("secret_key", "password_salt"):
        path = config.home / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("problem", "secrets", f"{path} can be read by others. Run: chmod 600 {path}")


def _serving(config: "Config") -> Iterator[Finding]:
    if config.modules.safe_mode:
        yield Finding("note", "modules", "Safe mode is on: no third-party module runs.")
    if config.site.base_url.startswith("http://") and config.web.host not in ("127.0.0.1", "localhost", "::1"):
        yield Finding("note", "address", f"{config.site.base_url} is not HTTPS, so passwords travel in the open.")
    if config.mail.url == "folder":
        yield Finding("note", "mail", f"Mails are written into {config.mail_folder} and not sent. Set GIGNEO_MAIL__URL.")
    if config.is_sqlite and config.web.workers > 1:
        yield Finding("problem", "workers", "More than one worker needs PostgreSQL; gigneo web will refuse.")
    elif config.web.workers > 1:
        yield Finding("note", "limits", f"Each of the {config.web.workers} workers counts rate limits by itself.")
    if not config.tasks.embedded:
        yield Finding("note", "tasks", "Web processes run no tasks (tasks.embedded): a gigneo worker must run.")


def _database(config: "Config") -> Iterator[Finding]:
    from gigneo.core.runtime import Runtime

    if config.is_sqlite:
        if sqlite3.sqlite_version_info < WAL_RESET_FIXED:
            text = f"{sqlite3.sqlite_version} has the WAL-reset bug (fixed in 3.51.3); Gigneo's writer lock keeps it away."
            yield Finding("note", "SQLite", text)
        else:
            yield Finding("well", "SQLite", sqlite3.sqlite_version)
    runtime = Runtime(config)
    try:
        for look in (_schema, _modules, _tasks):
            findings = list(look(runtime))
            yield from findings
            if any(each.about == "database" and each.tone == "problem" for each in findings):
                return
    except Exception as error:
        yield Finding("problem", "database", f"{error.__class__.__name__}: {str(error).splitlines()[0]}")
    finally:
        runtime.close()


def _schema(runtime: "Runtime") -> Iterator[Finding]:
    import gigneo.core.accounts.models
    import gigneo.core.files.models  # noqa: F401 - the tables are compared with the models that are imported
    from gigneo.core.db import migrate
    from gigneo.core.upgrading import owners, pending

    if behind := pending(runtime):
        yield Finding("problem", "database", f"The tables of {', '.join(behind)} are not the code's. Run: gigneo db upgrade")
        return
    problems = migrate.check(runtime.engines, owners(runtime))
    for problem in problems:
        yield Finding("problem", "database", problem)
    if not problems:
        yield Finding("well", "database", "Sound, and at the installed code's revision.")


def _modules(runtime: "Runtime") -> Iterator[Finding]:
    from gigneo.core.modules.states import overview

    cards = overview(runtime, refresh=True)
    for card in cards:
        if card.needs_attention:
            yield Finding("problem", f"module {card.name}", f"{card.state}. {card.reason}")
    on = [card.name for card in cards if card.state == "enabled"]
    yield Finding("well", "modules", f"{len(on)} enabled: {', '.join(on) or 'none'}.")


def _tasks(runtime: "Runtime") -> Iterator[Finding]:
    from datetime import timedelta

    from sqlmodel import col, func, select

    from gigneo.core.db.models import Task, TaskState

    late = runtime.clock.now() - timedelta(minutes=15)
    with runtime.read() as session:
        dead = session.exec(select(func.count()).where(col(Task.state) == TaskState.DEAD.value)).one()
        stuck = session.exec(
            select(func.count()).where(col(Task.state) == TaskState.WAITING.value, col(Task.due_at) < late)
        ).one()
    if dead:
        yield Finding("problem", "tasks", f"{dead} tasks are dead: they failed at every attempt.")
    if stuck:
        yield Finding("problem", "tasks", f"{stuck} tasks are due for more than 15 minutes. Does a process run them?")
    if not dead and not stuck:
        yield Finding("well", "tasks", "None is dead, none is late.")
