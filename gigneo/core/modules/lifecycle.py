"""Switching modules on and off. Whatever is killed half way leaves the module as it was; the next try then works."""

import dataclasses
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sqlmodel import Session

from gigneo.core.crash import crash_point
from gigneo.core.db.models import ModuleState
from gigneo.core.db.uow import SiteMoved
from gigneo.core.faults import PluginFault
from gigneo.core.modules.discovery import Discovery, discover
from gigneo.core.modules.graph import dependents, requirements, resolve
from gigneo.core.modules.loading import in_one_line, loaded_plugin
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.migration import migrate, migrate_here
from gigneo.core.modules.preflight import preflight
from gigneo.core.modules.states import read_states
from gigneo.core.modules.switches import Toggled, note_fault, switch_off, switch_on
from gigneo.core.modules.trust import importable, passed
from gigneo.core.refusals import Refused, RefusedBase, RefusedMany
from gigneo.core.site import Plan, Site, build_site, read_plan
from gigneo.core.translations import lazy_gettext as _l

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

ATTEMPTS = 4


def enable(runtime: "Runtime", name: str, actor_id: int | None = None) -> Toggled:
    """Switch a module on, together with what it requires.

    Its tables are migrated and its code is tried first; its state, the revision and the audit row come last, in one
    transaction with what its ``on_enable`` does.

    Args:
        runtime: the process's ground. Must not be inside a writing transaction.
        name: the module.
        actor_id: who wants it; ``None`` for the command line and the system.

    Raises:
        Refused: it can't be switched on, and why. What its code or its migration did wrong stays visible as its fault.
    """
    return _until_settled(lambda: _enable(runtime, name, actor_id))


def disable(runtime: "Runtime", name: str, actor_id: int | None = None, *, force: bool = False) -> Toggled:
    """Switch a module off. Its data stays.

    Args:
        runtime: the process's ground. Must not be inside a writing transaction.
        name: the module.
        actor_id: who wants it; ``None`` for the command line and the system.
        force: ask no module whether it objects, and import none.

    Raises:
        Refused: it is essential or not there, other enabled modules require it, or it fails to stand down.
        RefusedMany: modules object.
    """
    return _until_settled(lambda: _disable(runtime, name, actor_id, force))


def enable_defaults(runtime: "Runtime") -> tuple[str, ...]:
    """Switch on what a new site has: bundled modules that are essential, and the default ones nobody decided about yet.

    They are first-party code: no preflight. Their migrations run in this process.

    Returns:
        The modules that were switched on.

    Raises:
        PluginFault: a migration failed.
    """
    return _until_settled(lambda: _enable_defaults(runtime)).names


def also_enabled(found: Discovery, wanted: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the modules that enabling this one switches on along with it, in order."""
    return tuple(other for other in requirements(found.manifests, name) if other not in frozenset(wanted))


def _until_settled(step: Callable[[], Toggled]) -> Toggled:
    for _ in range(ATTEMPTS):
        try:
            return step()
        except SiteMoved:
            continue
    raise Refused(_l("The modules of this site keep changing. Try again in a moment."), "busy")


def _enable(runtime: "Runtime", name: str, actor_id: int | None) -> Toggled:
    found = discover(refresh=True)
    plan, states = _now(runtime)
    if name not in found.manifests:
        raise Refused(found.faults.get(name) or _l("No module %(name)s is installed.", name=name), "not_installed")
    if name in plan.wanted and not states[name].fault:
        return Toggled((), plan.revision)
    along = (*also_enabled(found, plan.wanted, name), name)
    wanted = plan.wanted | set(along)
    manifests = _checked(runtime, found, along, wanted)
    try:
        migrate(runtime, manifests)
        crash_point("after-migrate")
        for manifest in manifests:
            if not passed(manifest, states.get(manifest.name)):
                preflight(runtime, manifest.name, _company(found, states, wanted, along, manifest.name))
        crash_point("after-preflight")
        company = importable(found.manifests, states, wanted) | set(along)
        candidate = _candidate(runtime, plan, company, along)
        with candidate.app.app_context(), runtime.write(revision=plan.revision, toggling=True) as session:
            for manifest in manifests:
                _call(candidate, "on_enable", manifest.name, session)
            crash_point("after-on-enable")
            return switch_on(session, runtime, manifests, actor_id, why=name)
    except PluginFault as fault:
        note_fault(runtime, fault)
        title = found.manifests[fault.plugin].title
        raise Refused(_l("%(title)s stays off. %(reason)s", title=title, reason=fault.reason), "failed") from fault


def _disable(runtime: "Runtime", name: str, actor_id: int | None, force: bool) -> Toggled:
    found = discover(refresh=True)
    plan, _states = _now(runtime)
    if name not in plan.wanted:
        return Toggled((), plan.revision)
    manifest = found.manifests.get(name)
    if manifest is not None and manifest.essential:
        raise Refused(_l("%(title)s is essential: the marketplace can't work without it.", title=manifest.title), "essential")
    needing = [other for other in dependents(found.manifests, name) if other in plan.wanted]
    if needing:
        titles = ", ".join(found.manifests[other].title for other in needing)
        raise Refused(_l("It is needed by %(titles)s. Disable what needs it first.", titles=titles), "needed")
    if force:
        with runtime.write(revision=plan.revision, toggling=True) as session:
            return switch_off(session, runtime, name, actor_id, "module.disabled_by_force", {})
    site = runtime.site if runtime.site.revision == plan.revision else runtime.rebuild()
    with site.app.app_context(), runtime.write(revision=plan.revision, toggling=True) as session:
        refusals = site.hooks.veto("allow_module_disable", module=name, session=session)
        if refusals:
            raise RefusedMany(refusals)
        asked = name in site.modules
        if asked:
            try:
                _call(site, "on_disable", name, session)
            except PluginFault as fault:
                raise Refused(fault.reason, "failed") from fault
        return switch_off(session, runtime, name, actor_id, "module.disabled", {} if asked else {"its own veto": "not asked"})


def _enable_defaults(runtime: "Runtime") -> Toggled:
    found = discover(refresh=True)
    plan, states = _now(runtime)
    chosen = {
        manifest.name
        for manifest in found.manifests.values()
        if manifest.bundled
        and manifest.name not in plan.wanted
        and (manifest.essential or (manifest.enabled_by_default and manifest.name not in states))
    }
    if not chosen:
        return Toggled((), plan.revision)
    wanted = importable(found.manifests, states, plan.wanted) | chosen
    order = tuple(name for name in resolve(found.manifests, wanted).order if name in chosen)
    migrate_here(runtime, (found.manifests[name] for name in order))
    candidate = build_site(runtime, dataclasses.replace(plan, wanted=wanted))
    with candidate.app.app_context(), runtime.write(revision=plan.revision, toggling=True) as session:
        for name in order:
            if name in candidate.modules:
                _call(candidate, "on_enable", name, session)
        return switch_on(session, runtime, tuple(found.manifests[name] for name in order), None, why="first start")


def _now(runtime: "Runtime") -> tuple[Plan, dict[str, ModuleState]]:
    with runtime.read() as session:
        return read_plan(session), read_states(session)


def _checked(runtime: "Runtime", found: Discovery, along: tuple[str, ...], wanted: frozenset[str]) -> tuple[Manifest, ...]:
    """Return the manifests of what is to be switched on, or refuse with what stands against it."""
    resolution = resolve(found.manifests, wanted)
    for name in reversed(along):
        if name in resolution.left_out:
            raise Refused(resolution.left_out[name], "requirements")
    manifests = tuple(found.manifests[name] for name in along)
    for manifest in manifests:
        if runtime.config.modules.safe_mode and not manifest.bundled:
            raise Refused(_l("Safe mode is on: no third-party module runs."), "safe_mode")
        loaded = loaded_plugin(manifest.name)
        if loaded is not None and loaded.manifest.version != manifest.version:
            raise Refused(
                _l(
                    "%(title)s %(old)s was used since the start, and %(new)s is installed now. Restart Gigneo first.",
                    title=manifest.title,
                    old=loaded.manifest.version,
                    new=manifest.version,
                ),
                "restart",
            )
    return manifests


def _company(
    found: Discovery, states: Mapping[str, ModuleState], wanted: frozenset[str], along: tuple[str, ...], name: str
) -> frozenset[str]:
    """Return the modules that one is tried with: what may be imported, and what it needs itself."""
    return importable(found.manifests, states, wanted) | set(along[: along.index(name) + 1])


def _candidate(runtime: "Runtime", plan: Plan, wanted: frozenset[str], along: Iterable[str]) -> Site:
    """Build the site that is about to be, in this process; its ``on_enable`` runs on it."""
    site = build_site(runtime, dataclasses.replace(plan, wanted=wanted))
    for name in along:
        if name in site.faults:
            raise site.faults[name]
    return site


def _call(site: Site, hook: str, name: str, session: Session) -> None:
    try:
        site.hooks.deliver(hook, name, session=session)
    except RefusedBase as refusal:
        raise PluginFault(name, str(refusal)) from refusal
    except Exception as error:
        raise PluginFault(name, f"{hook}() raised {in_one_line(error)}", traceback.format_exc()) from error
