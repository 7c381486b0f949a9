"""The state of each module: what the operator wants of it, and what was observed beside that. No module is imported here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import structlog
from sqlmodel import Session, select

from gigneo.core.db.base import tables_of
from gigneo.core.db.models import ModuleState
from gigneo.core.faults import PluginFault
from gigneo.core.modules.discovery import Discovery, discover
from gigneo.core.modules.fingerprint import fingerprint
from gigneo.core.modules.graph import dependents
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.schema import behind

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

log = structlog.get_logger("gigneo.modules")

State = Literal["enabled", "disabled", "failed", "missing", "needs_upgrade", "needs_restart"]
NEEDS_ATTENTION = frozenset({"failed", "missing", "needs_upgrade", "needs_restart"})


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A module as the operator sees it.

    Attributes:
        name: the module.
        title: for people.
        summary: one sentence.
        version: that is installed; of a missing module, that was enabled last.
        author: who made it.
        state: what it is now.
        reason: why, when it is not simply enabled or disabled.
        traceback: where its code failed.
        wanted: whether the operator switched it on.
        essential: whether it can't be switched off.
        bundled: whether it came with Gigneo.
        running: the version in operation, when it is.
        needs: what it requires, name → version range.
        needed_by: the enabled modules that require it, directly or not.
        adds: what it contributes, kind → how many; known while it is in operation.
        settings: whether it has a settings screen now.
    """

    name: str
    title: str
    summary: str
    version: str
    author: str
    state: State
    reason: str = ""
    traceback: str = ""
    wanted: bool = False
    essential: bool = False
    bundled: bool = False
    running: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    needed_by: tuple[str, ...] = ()
    adds: Mapping[str, int] = field(default_factory=dict)
    settings: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at it."""
        return self.state in NEEDS_ATTENTION


def read_states(session: Session) -> dict[str, ModuleState]:
    """Return the row of every module that was ever decided about, by name."""
    return {row.name: row for row in session.exec(select(ModuleState).order_by(ModuleState.name))}


def overview(runtime: "Runtime", site: "Site | None" = None, *, refresh: bool = False) -> list[ModuleCard]:
    """Describe every module that is installed, or that the database knows.

    Args:
        runtime: the process's ground.
        site: the site in operation, when there is one; nothing is built for this.
        refresh: look for newly installed packages first.
    """
    found = discover(refresh)
    with runtime.read() as session:
        rows = read_states(session)
        late = behind(session, (found.manifests[name] for name, row in rows.items() if row.wanted and name in found.manifests))
    names = sorted({*found.manifests, *rows, *(name for name in found.faults if name.isalnum())})
    return [_card(name, found, rows, late, site, runtime.config.modules.safe_mode) for name in names]


def record_observations(runtime: "Runtime", site: "Site") -> None:
    """Write down which wanted modules could not be built, and clear the faults of those that were.

    Args:
        runtime: the process's ground.
        site: the site that was just built.
    """
    with runtime.read() as session:
        changed = [name for name, row in read_states(session).items() if _observed(row, site) != (row.fault, row.version)]
    if not changed:
        return
    with runtime.write() as session:
        for name, row in read_states(session).items():
            if name in changed:
                before = row.fault
                row.fault, row.version = _observed(row, site)
                row.fault_at = (runtime.clock.now() if row.fault != before else row.fault_at) if row.fault else None


def fault_text(fault: PluginFault) -> str:
    """Return a fault as it is kept in a module's row: the reason, an empty line, the traceback."""
    return f"{fault.reason}\n\n{fault.traceback}".strip()


def _observed(row: ModuleState, site: "Site") -> tuple[str | None, str]:
    """Return the fault and the running version that a module's row should show."""
    if not row.wanted:
        return row.fault, row.version
    running = {plugin.manifest.name: plugin.manifest.version for plugin in site.plugins}
    if row.name in running:
        return None, running[row.name]
    fault = site.faults.get(row.name)
    return (fault_text(fault) if fault else row.fault), row.version


def _card(
    name: str,
    found: Discovery,
    rows: Mapping[str, ModuleState],
    late: frozenset[str],
    site: "Site | None",
    safe_mode: bool,
) -> ModuleCard:
    manifest, row = found.manifests.get(name), rows.get(name)
    state, reason, traceback = _state(name, found, row, late, site, safe_mode)
    families = site.contributions.by_plugin.get(name, {}) if site else {}
    enabled = {other for other, one in rows.items() if one.wanted}
    return ModuleCard(
        name=name,
        title=manifest.title if manifest else name.title(),
        summary=manifest.summary if manifest else "",
        version=manifest.version if manifest else row.version if row else "",
        author=manifest.author if manifest else "",
        state=state,
        reason=reason,
        traceback=traceback,
        wanted=bool(row and row.wanted),
        essential=bool(manifest and manifest.essential),
        bundled=bool(manifest and manifest.bundled),
        running=next((one.manifest.version for one in site.plugins if one.manifest.name == name), "") if site else "",
        needs=dict(manifest.requires) if manifest else {},
        needed_by=tuple(other for other in dependents(found.manifests, name) if other in enabled),
        adds=_adds(name, site) if site and name in site.modules else {},
        settings=bool(families.get("settings_form")),
    )


def _state(
    name: str,
    found: Discovery,
    row: ModuleState | None,
    late: frozenset[str],
    site: "Site | None",
    safe_mode: bool,
) -> tuple[State, str, str]:
    manifest = found.manifests.get(name)
    if manifest is None:
        if name in found.faults:
            return "failed", found.faults[name], ""
        return "missing", "Its package is not installed. Its data is kept.", ""
    reason, _, traceback = (row.fault or "").partition("\n\n") if row else ("", "", "")
    if row is None or not row.wanted:
        return ("failed", reason, traceback) if reason else ("disabled", "", "")
    if safe_mode and not manifest.bundled:
        return "disabled", "Safe mode is on: no third-party module runs.", ""
    if site and name in site.faults:
        return "failed", site.faults[name].reason, site.faults[name].traceback
    if reason and not (site and name in site.modules):
        return "failed", reason, traceback
    if name in late:
        return "needs_upgrade", "Its tables are older than its code. Run “gigneo db upgrade”.", ""
    running = _running(manifest, row, site)
    if running:
        return "needs_restart", f"Version {manifest.version} is installed while {running} is running.", ""
    return "enabled", "", ""


def _running(manifest: Manifest, row: ModuleState, site: "Site | None") -> str:
    """Return the version that runs when it is another than the installed one; the same number with other files counts."""
    loaded = next((one for one in site.plugins if one.manifest.name == manifest.name), None) if site else None
    if loaded is None:
        return row.version if row.version not in ("", manifest.version) else ""
    if loaded.manifest.version != manifest.version:
        return loaded.manifest.version
    if not manifest.bundled and loaded.fingerprint != fingerprint(manifest.path):
        return f"another {loaded.manifest.version}"
    return ""


def _adds(name: str, site: "Site") -> dict[str, int]:
    """Count what a module contributes, in the order in which people look for it."""
    families = site.contributions.by_plugin.get(name, {})
    count = {kind: sum(len(families.get(hook, ())) for hook in hooks) for kind, hooks in _KINDS.items()}
    count["hooks"] = sum(1 for caller in site.manager.get_hookcallers(_object(name, site)) or () if caller.name not in families)
    count["tables"] = len(tables_of(name))
    count["timers"] = len(families.get("periodic_tasks", ()))
    return {kind: number for kind, number in count.items() if number}


def _object(name: str, site: "Site") -> object:
    return next(one.plugin for one in site.plugins if one.manifest.name == name)


_KINDS = {
    "tabs": ("order_tabs", "dashboard_tabs"),
    "actions": ("order_actions",),
    "pages": ("dashboard_menu",),
    "screens": ("admin_screens",),
    "panels": ("order_panels", "slot_fragments"),
    "permissions": ("permissions",),
}
