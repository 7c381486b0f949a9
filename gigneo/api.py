"""The public door: all of the kernel that a plugin may use, besides :mod:`gigneo.hooks` and :mod:`gigneo.contributions`.

What is not here is the kernel's own business and may change with any release.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from flask import g
from sqlmodel import Session

from gigneo.core import formats as fmt
from gigneo.core.access import party, permission, public, signed_in
from gigneo.core.accounts.limits import limit
from gigneo.core.accounts.people import Person, active_roles, active_with_role, find_person, names_of
from gigneo.core.accounts.people import holders_of as _holders_of
from gigneo.core.accounts.redirects import safe_path
from gigneo.core.audit import audit
from gigneo.core.clock import MovableClock
from gigneo.core.contribution_sets import Contributions
from gigneo.core.crash import crash_point
from gigneo.core.current import current_runtime, current_site
from gigneo.core.db.base import table_base
from gigneo.core.db.columns import BigKey, ForeignId, Id, Minor, UtcDateTime, When
from gigneo.core.db.copying import PLAN, Copies, Copy, learn_sizes, planned_value
from gigneo.core.db.prepared import prepared
from gigneo.core.demo import empty_demo as _empty_demo
from gigneo.core.demo import mark_demo
from gigneo.core.demo import newest_site as _newest_site
from gigneo.core.demo import site_is_empty as _site_is_empty
from gigneo.core.files.judging import UploadRules, check_upload
from gigneo.core.files.models import StoredFile
from gigneo.core.files.routes import files_of
from gigneo.core.files.types import ALLOWED as FILE_TYPES
from gigneo.core.files.uploads import Received, receiving, remove_file, save_upload
from gigneo.core.formats import parse_amount
from gigneo.core.forms import ExactField, Form, WholeNumberField
from gigneo.core.hookcalls import HookCalls
from gigneo.core.mail import send_mail
from gigneo.core.numbers import whole_number
from gigneo.core.once import form_key, once
from gigneo.core.places import place_of
from gigneo.core.public_numbers import draw_number
from gigneo.core.refusals import Refused, RefusedMany
from gigneo.core.requests import read, write
from gigneo.core.slots import piece, render_fragment, slot
from gigneo.core.tasks import store
from gigneo.core.tasks.events import emit as _emit
from gigneo.core.telling import has_read, tell, words_of
from gigneo.core.templating import csrf_token, static_url
from gigneo.core.text import isolated, markdown
from gigneo.core.translations import LOCALE_COOKIE, gettext, lazy_gettext, ngettext
from gigneo.core.typed_json import decode as from_json
from gigneo.core.typed_json import encode as to_json
from gigneo.core.written import visible, written, written_line, written_or_empty
from gigneo.hooks import hookimpl, hookspec


def now() -> datetime:
    """Return the present, aware, in UTC, by the Runtime's clock."""
    return current_runtime().clock.now()


def person() -> Person | None:
    """Return who makes this request, or ``None`` for somebody who is not logged in, a task or a command."""
    who: Person | None = g.get("person")
    return who


def currency() -> str:
    """Return the site's currency, ISO 4217."""
    return current_site().currency


def is_demo() -> bool:
    """Return whether this is a demo marketplace."""
    return current_site().demo


def setting(plugin: str, name: str) -> Any:
    """Return an operator's choice.

    Args:
        plugin: whose setting.
        name: the form field's name.

    Raises:
        KeyError: the plugin has no such setting.
    """
    return current_site().settings[plugin][name]


def sending(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Return what an answer streams, with a place among what passes over slow lines, so that no page waits for its reader.

    Args:
        pieces: of the body, made when they are asked for.

    Raises:
        NoPlace: so much is being sent that nothing more can begin; people are told to try again.
    """
    return current_runtime().places.send(pieces)


def site_revision() -> int:
    """Return the revision of this site: it moves whenever the set of modules, the theme or a setting changes."""
    return current_site().revision


def contributions() -> Contributions:
    """Return what the plugins of this site contribute, each family sorted by position."""
    return current_site().contributions


class _Hooks:
    """The hook calls of the current site."""

    def __getattr__(self, name: str) -> Any:
        return getattr(current_site().hooks, name)


hooks: HookCalls = _Hooks()  # type: ignore[assignment]


def emit(session: Session, event: Any) -> None:
    """Tell a fact to its subscribers: one delivery each, written in the business transaction, run after the commit.

    Args:
        session: the action's writing transaction.
        event: a frozen dataclass of :mod:`gigneo.hooks`, or of a plugin's own hooks.
    """
    _emit(session, event, current_site())


def schedule(
    session: Session, kind: str, key: str, due_at: datetime, payload: Mapping[str, Any], *, plugin: str | None = None
) -> None:
    """Write a task that is due later, in the business transaction.

    Args:
        session: the action's writing transaction.
        kind: the kind of a contributed task handler; its first part is the plugin's name.
        key: unique; scheduling the same key again moves the task.
        due_at: when, aware.
        payload: plain values for the handler.
        plugin: whose task it is: it waits while that module is off. The module that runs the kind when left out.
    """
    store.schedule(session, kind, key, due_at, dict(payload), plugin=plugin)


def task_was_done(session: Session, key: str, due_at: datetime) -> bool:
    """Return whether the task of a key has run for a time; remembered for :data:`TASKS_KEPT` after it ran."""
    return store.was_done(session, key, due_at)


def unschedule(session: Session, key: str) -> None:
    """Take a waiting task back; one that is not there is no error."""
    store.unschedule(session, key)


@contextmanager
def clock_at(when: datetime) -> Iterator[None]:
    """Stand the Runtime's clock at ``when`` inside the block; for demo data and tests.

    Raises:
        RuntimeError: the Runtime's clock can't be moved.
    """
    clock = current_runtime().clock
    if not isinstance(clock, MovableClock):
        raise RuntimeError("This process runs by a clock that can't be moved.")
    with clock.standing_at(when):
        yield


def add_person(email: str, name: str, password: str, roles: Iterable[str]) -> int:
    """Make an account whose address counts as proven, and return its id; for commands and demo data.

    Must not be called inside a writing transaction.

    Args:
        email: the address to log in with.
        name: the display name.
        password: in plain; judged as in the form.
        roles: ``employer``, ``freelancer``, ``administrator``.

    Raises:
        Refused: the address is taken or none, the password too weak, or a role unknown.
    """
    from gigneo.core.accounts.admin import create_user

    return create_user(current_runtime(), email, name, password, roles)


def add_people(people: Sequence[tuple[str, str, Sequence[str]]], password: str) -> list[int]:
    """Make many accounts with one password, and return their ids in the same order; for demo data.

    Must not be called inside a writing transaction.

    Args:
        people: address, display name and roles of each; the addresses are free and in lower case.
        password: in plain; judged as in the form.

    Raises:
        Refused: an address is none, the password too weak, or a role unknown.
    """
    from gigneo.core.accounts.admin import create_users

    return create_users(current_runtime(), people, password)


@contextmanager
def newest_site() -> Iterator[None]:
    """Go on inside the block on the site as the database wants it now; for commands that have changed it."""
    with _newest_site(current_runtime()):
        yield


def holders_of(session: Session, right: str) -> list[int]:
    """Return who holds a right now, by id.

    Args:
        session: reads it.
        right: a permission that a plugin of this site declares, as in ``orders.manage``.
    """
    declared = next((one for one in current_site().contributions.permissions if one.name == right), None)
    return [] if declared is None else _holders_of(session, declared)


def site_is_empty() -> bool:
    """Return whether nobody is registered."""
    return _site_is_empty(read())


def empty_demo(module: str) -> None:
    """Delete everything on a demo site, and leave an empty site with the default modules and one more.

    Raises:
        Refused: this is no demo marketplace.
    """
    _empty_demo(current_runtime(), module)


def run_due_tasks(limit: int = 10_000) -> int:
    """Run what is due by the Runtime's clock, in this thread, and return how many tasks ran."""
    from gigneo.core.tasks.loop import TaskLoop

    return TaskLoop(current_runtime()).run_due(limit)


TASKS_KEPT: Final = store.KEPT_AFTER_DONE
"""How long the site remembers that a task has run."""

__all__ = [
    "FILE_TYPES",
    "LOCALE_COOKIE",
    "PLAN",
    "TASKS_KEPT",
    "BigKey",
    "Contributions",
    "Copies",
    "Copy",
    "ExactField",
    "ForeignId",
    "Form",
    "Id",
    "Minor",
    "Person",
    "Received",
    "Refused",
    "RefusedMany",
    "StoredFile",
    "UploadRules",
    "UtcDateTime",
    "When",
    "WholeNumberField",
    "active_roles",
    "active_with_role",
    "add_people",
    "add_person",
    "audit",
    "check_upload",
    "clock_at",
    "contributions",
    "crash_point",
    "csrf_token",
    "currency",
    "draw_number",
    "emit",
    "empty_demo",
    "files_of",
    "find_person",
    "fmt",
    "form_key",
    "from_json",
    "gettext",
    "has_read",
    "holders_of",
    "hookimpl",
    "hooks",
    "hookspec",
    "is_demo",
    "isolated",
    "lazy_gettext",
    "learn_sizes",
    "limit",
    "mark_demo",
    "markdown",
    "names_of",
    "newest_site",
    "ngettext",
    "now",
    "once",
    "parse_amount",
    "party",
    "permission",
    "person",
    "piece",
    "place_of",
    "planned_value",
    "prepared",
    "public",
    "read",
    "receiving",
    "remove_file",
    "render_fragment",
    "run_due_tasks",
    "safe_path",
    "save_upload",
    "schedule",
    "send_mail",
    "sending",
    "setting",
    "signed_in",
    "site_is_empty",
    "site_revision",
    "slot",
    "static_url",
    "table_base",
    "task_was_done",
    "tell",
    "to_json",
    "unschedule",
    "visible",
    "whole_number",
    "words_of",
    "write",
    "written",
    "written_line",
    "written_or_empty",
]
