"""What can run which tasks on a site: the plugins' handlers, the kernel's, and the deliveries of facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlmodel import Session, col

from gigneo.contributions import PeriodicTask, TaskHandler
from gigneo.core.current import present
from gigneo.core.db.base import KERNEL
from gigneo.core.db.models import OnceKey
from gigneo.core.tasks import store
from gigneo.core.tasks.events import DELIVERY, deliver

if TYPE_CHECKING:
    from gigneo.core.site import Site

DELIVERY_ATTEMPTS = 8
FORM_KEYS_KEPT = timedelta(days=7)

_kernel_handlers: dict[str, TaskHandler] = {}
_kernel_periodic: list[PeriodicTask] = []


def add_kernel_handler(handler: TaskHandler, every: timedelta | None = None) -> None:
    """Let the kernel itself run a kind of task, as mail does; at import.

    Args:
        handler: its kind begins with ``kernel.``.
        every: the time between two runs, for work that comes back.
    """
    if not handler.kind.startswith(f"{KERNEL}."):
        raise ValueError(f"The kernel's kinds begin with {KERNEL}., unlike {handler.kind!r}.")
    _kernel_handlers[handler.kind] = handler
    if every is not None:
        _kernel_periodic.append(PeriodicTask(handler.kind, every))


@dataclass(frozen=True)
class Work:
    """What the loop may run on one site.

    Attributes:
        site: the site; a handler must not run on another one.
        plugins: whose tasks.
        kinds: which kinds of tasks: those of ``handlers``.
        handlers: by kind; a delivery's kind is ``event:<hook>``.
        periodic: what comes back, by kind.
    """

    site: "Site"
    plugins: frozenset[str]
    kinds: frozenset[str]
    handlers: Mapping[str, TaskHandler]
    periodic: Mapping[str, timedelta] = field(default_factory=dict)


def work_of(site: "Site") -> Work:
    """Return what the loop may run on a site."""
    handlers = dict(_kernel_handlers)
    for hook in (name for name, kind in site.contributions.hooks.items() if kind == "event"):
        handlers[DELIVERY + hook] = TaskHandler(DELIVERY + hook, partial(deliver, site), attempts=DELIVERY_ATTEMPTS)
    handlers |= {handler.kind: handler for handler in site.contributions.task_handlers}
    periodic = [*_kernel_periodic, *site.contributions.periodic_tasks]
    return Work(
        site,
        frozenset({KERNEL, *site.modules}),
        frozenset(handlers),
        handlers,
        {each.kind: each.every for each in periodic if each.kind in handlers},
    )


def _sweep(payload: Mapping[str, Any], session: Session) -> None:
    now: datetime = present()
    store.sweep(session, now - store.KEPT_AFTER_DONE)
    session.execute(delete(OnceKey).where(col(OnceKey.created_at) < now - FORM_KEYS_KEPT))


add_kernel_handler(TaskHandler("kernel.sweep", _sweep), every=timedelta(hours=6))
