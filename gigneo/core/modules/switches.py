"""The rows that a switch writes: what is wanted, what went wrong, who did it, and the revision that moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, func, select

from gigneo.core.audit import audit
from gigneo.core.crash import crash_point
from gigneo.core.db.models import ModuleState, Task, TaskState
from gigneo.core.faults import PluginFault
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.states import fault_text
from gigneo.core.modules.trust import seal
from gigneo.core.revision import bump_revision

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Toggled:
    """What a switch changed.

    Attributes:
        names: the modules that were switched, in the order in which it happened; empty when it was so already.
        revision: the site's revision now.
        waiting: tasks of a module that was switched off; they wait for it.
    """

    names: tuple[str, ...]
    revision: int
    waiting: int = 0


def switch_on(session: Session, runtime: "Runtime", manifests: tuple[Manifest, ...], actor_id: int | None, why: str) -> Toggled:
    """Write that modules are wanted, with their audit rows and the next revision.

    Args:
        session: a toggling transaction.
        runtime: whose clock is asked.
        manifests: the modules, requirements first.
        actor_id: who did it.
        why: the module that was asked for, or what made it happen.
    """
    now = runtime.clock.now()
    for manifest in manifests:
        row = session.get(ModuleState, manifest.name) or ModuleState(name=manifest.name, changed_at=now)
        row.wanted, row.version, row.fingerprint = True, manifest.version, seal(manifest)
        row.fault, row.fault_at, row.changed_at = None, None, now
        session.add(row)
        audit(session, "module.enabled", manifest.name, {"version": manifest.version, "for": why}, actor_id=actor_id)
    crash_point("before-revision")
    return Toggled(tuple(manifest.name for manifest in manifests), bump_revision(session))


def switch_off(
    session: Session, runtime: "Runtime", name: str, actor_id: int | None, action: str, detail: Mapping[str, Any]
) -> Toggled:
    """Write that a module is not wanted any more, with its audit row and the next revision.

    Args:
        session: a toggling transaction.
        runtime: whose clock is asked.
        name: the module.
        actor_id: who did it.
        action: of the audit row.
        detail: of the audit row.
    """
    row = session.get_one(ModuleState, name)
    row.wanted, row.fault, row.fault_at, row.changed_at = False, None, None, runtime.clock.now()
    audit(session, action, name, detail, actor_id=actor_id)
    waiting = select(func.count()).where(col(Task.plugin) == name, col(Task.state) == TaskState.WAITING.value)
    count = session.exec(waiting).one()
    crash_point("before-revision")
    return Toggled((name,), bump_revision(session), count)


def note_fault(runtime: "Runtime", fault: PluginFault) -> None:
    """Keep what went wrong beside what is wanted; the operator's choice stays as it was.

    Args:
        runtime: the process's ground. Must not be inside a writing transaction.
        fault: what went wrong, and with which module.
    """
    with runtime.write() as session:
        row = session.get(ModuleState, fault.plugin) or ModuleState(name=fault.plugin, changed_at=runtime.clock.now())
        row.fault, row.fault_at = fault_text(fault), runtime.clock.now()
        session.add(row)
