"""Which modules' code may be imported into a process that serves: first-party code, and what passed a preflight unchanged."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from sqlmodel import Session

from gigneo import __version__
from gigneo.core.db.models import ModuleState
from gigneo.core.faults import PluginFault
from gigneo.core.modules.fingerprint import fingerprint
from gigneo.core.modules.graph import resolve
from gigneo.core.modules.loading import loaded_plugin
from gigneo.core.modules.manifest import Manifest
from gigneo.core.modules.states import read_states

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

log = structlog.get_logger("gigneo.modules")


def seal(manifest: Manifest) -> str:
    """Return what stands in a module's row when its present files passed a preflight on the present kernel."""
    return f"{__version__}:{fingerprint(manifest.path)}"


def passed(manifest: Manifest, state: ModuleState | None) -> bool:
    """Return whether the module's present files have passed a preflight."""
    return state is not None and state.fingerprint == seal(manifest)


def trusted(manifest: Manifest, state: ModuleState | None) -> bool:
    """Return whether a module may be imported into a process that serves.

    Args:
        manifest: of the installed package.
        state: its row.
    """
    return manifest.bundled or loaded_plugin(manifest.name) is not None or passed(manifest, state)


def importable(manifests: Mapping[str, Manifest], states: Mapping[str, ModuleState], wanted: frozenset[str]) -> frozenset[str]:
    """Return those of the wanted modules that may be imported here and now."""
    return frozenset(name for name in wanted if name in manifests and trusted(manifests[name], states.get(name)))


def check_changed(runtime: "Runtime", manifests: Mapping[str, Manifest], wanted: frozenset[str]) -> dict[str, PluginFault]:
    """Try every wanted module whose files changed since its last good preflight, before a site is built with it.

    An endless import would otherwise hang the process that builds the site.

    Args:
        runtime: the process's ground.
        manifests: what is installed.
        wanted: what the site is to consist of.

    Returns:
        The modules that must be left out, with the reason.
    """
    from gigneo.core.modules.preflight import preflight

    with runtime.read() as session:
        states = read_states(session)
    good = importable(manifests, states, wanted)
    faults: dict[str, PluginFault] = {}
    for name in resolve(manifests, wanted).order:
        if name in good or any(other in faults for other in manifests[name].requires):
            continue
        log.info("module changed, trying it first", module=name)
        try:
            preflight(runtime, name, good)
        except PluginFault as fault:
            faults[name] = fault
            continue
        good |= {name}
        with runtime.write() as session:
            _seal(session, manifests[name])
    return faults


def _seal(session: Session, manifest: Manifest) -> None:
    row = session.get(ModuleState, manifest.name)
    if row is not None:
        row.fingerprint = seal(manifest)
