"""Loading: a module's code is imported once per process, and whatever is wrong with it is its own fault alone."""

import importlib
import importlib.util
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from gigneo.core.db.base import forget_owner, mapped_classes, metadata, registry_of
from gigneo.core.faults import PluginFault
from gigneo.core.modules.fingerprint import fingerprint
from gigneo.core.modules.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A module's code in this process.

    Attributes:
        manifest: of the version that was imported; a newer one may be installed since.
        plugin: the object whose methods implement hooks.
        hookspecs: the spec classes of the hooks that it offers.
        events: the event classes that it offers.
        fingerprint: of its files when they were imported.
    """

    manifest: Manifest
    plugin: Any
    hookspecs: tuple[Any, ...] = ()
    events: tuple[Any, ...] = ()
    fingerprint: str = ""


_lock = threading.RLock()
_loaded: dict[str, LoadedPlugin] = {}


def load(manifest: Manifest) -> LoadedPlugin:
    """Import a module, or return what was imported under its name before: code never changes inside a process.

    Raises:
        PluginFault: it can't be imported, breaks a rule of tables or hooks, or has a wrong relationship. What it had
            defined is taken back, so that a repaired package can be tried again.
    """
    with _lock:
        name = manifest.name
        if name in _loaded:
            return _loaded[name]
        before = set(sys.modules)
        tables = set(metadata.tables)
        strangers = set(SQLModel.metadata.tables)
        try:
            loaded = _import(manifest)
            _refuse_foreign_tables(manifest, tables, strangers)
            _configure_mappers(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            _forget(manifest, before, tables)
            if isinstance(error, PluginFault):
                raise
            raise PluginFault(name, in_one_line(error), _traceback(error)) from error
        _loaded[name] = loaded
        return loaded


def loaded_plugin(name: str) -> LoadedPlugin | None:
    """Return what this process has imported under a name, or ``None``."""
    return _loaded.get(name)


def forget(name: str) -> None:
    """Forget a module's code and tables; for tests that make packages on the fly, never for a site that serves."""
    with _lock:
        plugin = _loaded.pop(name, None)
        if plugin is not None:
            _forget(plugin.manifest, set(), set())


def in_one_line(error: BaseException) -> str:
    """Say an exception as people and lists need it: its kind and its first line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _import(manifest: Manifest) -> LoadedPlugin:
    module = importlib.import_module(f"{manifest.package}.plugin")
    try:
        plugin = module.plugin
    except AttributeError:
        raise PluginFault(manifest.name, f"{manifest.package}.plugin has no attribute 'plugin'.") from None
    specs: tuple[Any, ...] = ()
    events: tuple[Any, ...] = ()
    if importlib.util.find_spec(f"{manifest.package}.hooks") is not None:
        own_hooks = importlib.import_module(f"{manifest.package}.hooks")
        specs, events = tuple(getattr(own_hooks, "SPECS", ())), tuple(getattr(own_hooks, "EVENTS", ()))
    return LoadedPlugin(manifest, plugin, specs, events, fingerprint(manifest.path))


def _refuse_foreign_tables(manifest: Manifest, tables: set[str], strangers: set[str]) -> None:
    """Refuse tables that escaped the prefix, or the registry that keeps one plugin's mistakes from the others."""
    name, own = manifest.name, registry_of(manifest.name)
    registered = {mapper.class_ for mapper in own.mappers} if own else set()
    wrong = set(SQLModel.metadata.tables) - strangers
    for table, mapped in _new_tables(manifest, tables).items():
        if not table.startswith(f"{name}_") or (mapped is not None and mapped not in registered):
            wrong.add(table)
    if wrong:
        raise PluginFault(
            name,
            f'Tables of {name!r} are called {name}_… and derive from table_base("{name}"), not: {", ".join(sorted(wrong))}.',
        )


def _new_tables(manifest: Manifest, tables: set[str]) -> dict[str, type | None]:
    """Return the tables that came with a module's import, with their classes; not those of a module that it imported."""
    classes = mapped_classes()
    new = {table: classes.get(table) for table in metadata.tables if table not in tables}
    return {table: mapped for table, mapped in new.items() if mapped is None or _within(mapped.__module__, manifest.package)}


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _configure_mappers(name: str) -> None:
    registry = registry_of(name)
    if registry is not None:
        registry.configure(cascade=True)


def _forget(manifest: Manifest, before: set[str], tables: set[str]) -> None:
    for table in _new_tables(manifest, tables):
        metadata.remove(metadata.tables[table])
    forget_owner(manifest.name)
    for module in set(sys.modules) - before:
        if _within(module, manifest.package):
            del sys.modules[module]


def _traceback(error: BaseException) -> str:
    """Return the traceback without our own frames, which tell a module's author nothing."""
    lines = traceback.TracebackException.from_exception(error)
    lines.stack = traceback.StackSummary.from_list(
        [frame for frame in lines.stack if frame.filename != __file__ and "importlib" not in frame.filename]
    )
    return "".join(lines.format(chain=False))
