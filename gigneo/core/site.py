"""A site: one set of modules, built into a Flask application once and never changed after.

Each revision of the modules has a site of its own. A plugin that can't be part of it is left out together with whatever
requires it, and the site is built again from scratch: a half-registered blueprint can't be taken back.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pluggy
import structlog
from flask import Flask
from sqlmodel import Session, select

from gigneo import __version__, hooks
from gigneo.contributions import SiteFacts
from gigneo.core.contribution_sets import Contributions, collect
from gigneo.core.db.models import ModuleState, SiteState
from gigneo.core.faults import PluginFault, StartRefused
from gigneo.core.hookcalls import HookCalls
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.graph import resolve
from gigneo.core.modules.hooknames import check_hooks
from gigneo.core.modules.loading import LoadedPlugin, load
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.states import record_observations
from gigneo.core.modules.trust import check_changed
from gigneo.core.settings import read_settings
from gigneo.core.static import WsgiApp
from gigneo.core.themes import Theme, find_theme

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

log = structlog.get_logger("gigneo.site")


@dataclass(frozen=True)
class Plan:
    """What the database wants of the site at one revision.

    Attributes:
        revision: counts every change of modules, theme or settings.
        wanted: the names of the modules that are switched on.
        settings: each module's stored settings.
        theme: the theme's name.
        currency: the site's currency, ISO 4217.
        demo: whether this is a demo marketplace.
    """

    revision: int
    wanted: frozenset[str]
    settings: Mapping[str, Mapping[str, Any]]
    theme: str
    currency: str
    demo: bool


@dataclass(frozen=True)
class Site:
    """One set of modules, in operation.

    Attributes:
        runtime: the process's ground.
        plan: what it was built from.
        plugins: the loaded plugins in the order of their requirements.
        manager: the pluggy manager, for inspection; calls go through ``hooks``.
        hooks: how hooks are called.
        contributions: what the plugins contribute.
        theme: how it looks.
        faults: plugin name → why it is left out.
        settings: each module's settings, with the defaults of its form beneath.
        app: the Flask application.
        wsgi: the WSGI callable around it.
    """

    runtime: "Runtime"
    plan: Plan
    plugins: tuple[LoadedPlugin, ...]
    manager: pluggy.PluginManager
    hooks: HookCalls
    contributions: Contributions
    theme: Theme
    faults: Mapping[str, PluginFault]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    app: Flask = field(init=False, repr=False)
    wsgi: WsgiApp = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Assemble the application, which refers back to the site."""
        from gigneo.core.app import assemble

        app, wsgi = assemble(self)
        object.__setattr__(self, "app", app)
        object.__setattr__(self, "wsgi", wsgi)

    @property
    def revision(self) -> int:
        """The revision that this site is built for."""
        return self.plan.revision

    @property
    def currency(self) -> str:
        """The site's currency, ISO 4217."""
        return self.plan.currency

    @property
    def demo(self) -> bool:
        """Whether this is a demo marketplace."""
        return self.plan.demo

    @property
    def modules(self) -> frozenset[str]:
        """The names of the modules in operation."""
        return frozenset(plugin.manifest.name for plugin in self.plugins)

    def facts(self) -> SiteFacts:
        """Return what contributions may know of the site."""
        return SiteFacts(self.modules, self.settings, self.currency, self.demo)


def read_plan(session: Session) -> Plan:
    """Read what the site should be now."""
    state = session.exec(select(SiteState)).one()
    wanted = session.exec(select(ModuleState.name).where(ModuleState.wanted)).all()
    return Plan(state.revision, frozenset(wanted), read_settings(session), state.theme, state.currency, state.demo)


def build_site(runtime: "Runtime", plan: Plan | None = None) -> Site:
    """Build the site that the database wants now.

    Args:
        runtime: the process's ground.
        plan: what to build instead, for a preflight.

    Returns:
        The site, with ``faults`` naming every plugin that had to be left out.

    Raises:
        StartRefused: an essential module can't be built.
    """
    found = discover(refresh=True)
    faults: dict[str, PluginFault] = {}
    in_force = plan is None
    if plan is None:
        with runtime.read() as session:
            plan = read_plan(session)
        faults = check_changed(runtime, found.manifests, _allowed(runtime, found.manifests, plan.wanted))
    faults |= {name: PluginFault(name, reason) for name, reason in found.faults.items() if name in plan.wanted}
    while True:
        try:
            site = _attempt(runtime, plan, found.manifests, faults)
        except PluginFault as fault:
            if fault.plugin in faults or fault.plugin not in plan.wanted:
                raise StartRefused(f"The site can't be built, not even without this module. {fault}") from fault
            log.error("plugin left out", plugin=fault.plugin, reason=fault.reason)
            faults[fault.plugin] = fault
            continue
        if in_force:
            record_observations(runtime, site)
        _refuse_without_essentials(site, found.manifests)
        return site


def _attempt(runtime: "Runtime", plan: Plan, manifests: Mapping[str, Manifest], faults: Mapping[str, PluginFault]) -> Site:
    wanted = _allowed(runtime, manifests, plan.wanted)
    resolution = resolve(manifests, wanted, __version__, {name: fault.reason for name, fault in faults.items()})
    all_faults = dict(faults)
    for name, reason in resolution.left_out.items():
        all_faults.setdefault(name, PluginFault(name, reason))
    loaded = [load(manifests[name]) for name in resolution.order]
    check_hooks(loaded)
    manager = _manager(loaded)
    calls = HookCalls(manager, runtime.faults)
    contributions = collect(calls, resolution.order)
    return Site(
        runtime=runtime,
        plan=plan,
        plugins=tuple(loaded),
        manager=manager,
        hooks=calls,
        contributions=contributions,
        theme=find_theme(plan.theme),
        faults=MappingProxyType(all_faults),
        settings=_with_defaults(contributions, plan.settings),
    )


def _allowed(runtime: "Runtime", manifests: Mapping[str, Manifest], wanted: frozenset[str]) -> frozenset[str]:
    """Leave third-party modules out in safe mode."""
    if not runtime.config.modules.safe_mode:
        return wanted
    return frozenset(name for name in wanted if name in manifests and manifests[name].bundled)


def _manager(loaded: list[LoadedPlugin]) -> pluggy.PluginManager:
    """Register the plugins last-required-first, because pluggy calls the newest first."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    for spec in hooks.SPECS:
        manager.add_hookspecs(spec)
    for plugin in loaded:
        for spec in plugin.hookspecs:
            manager.add_hookspecs(spec)
    for plugin in reversed(loaded):
        name = plugin.manifest.name
        try:
            manager.register(plugin.plugin, name)
        except Exception as error:
            raise PluginFault(name, f"A hook does not fit its specification: {error}", traceback.format_exc()) from error
        if any(
            impl.wrapper or impl.hookwrapper
            for caller in manager.get_hookcallers(plugin.plugin) or ()
            for impl in caller.get_hookimpls()
        ):
            raise PluginFault(name, "Hook wrappers are not part of Gigneo: each call is isolated per module.")
    return manager


def _with_defaults(contributions: Contributions, stored: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Lay the stored settings over the defaults of each module's form."""
    settings = {}
    for plugin, families in contributions.by_plugin.items():
        values: dict[str, Any] = {}
        for contributed in families.get("settings_form", ()):
            values = {field.name: field.data for field in contributed.form() if field.name != "csrf_token"}
        values.update({key: value for key, value in stored.get(plugin, {}).items() if key in values})
        settings[plugin] = MappingProxyType(values)
    return MappingProxyType(settings)


def _refuse_without_essentials(site: Site, manifests: Mapping[str, Manifest]) -> None:
    missing = [
        f"{name}: {site.faults[name].reason if name in site.faults else 'is switched on but was not built'}"
        for name in sorted(site.plan.wanted)
        if name in manifests and manifests[name].essential and name not in site.modules
    ]
    if missing:
        raise StartRefused("An essential module can't be built. " + " ".join(missing))
