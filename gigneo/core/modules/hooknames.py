"""Hook names: what a module implements must exist, and what it offers must carry its name. All mistakes are told at once."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import pluggy

from gigneo import hooks
from gigneo.core.faults import PluginFault
from gigneo.core.modules.loading import LoadedPlugin

_parser = pluggy.PluginManager(hooks.PROJECT)


def check_hooks(plugins: Iterable[LoadedPlugin]) -> None:
    """Compare what modules implement with the hooks that they may know.

    A module may implement hooks of another that it requires or wants; while that one is switched off, nobody calls them.

    Args:
        plugins: the loaded modules of a site, in order.

    Raises:
        PluginFault: the first module with mistakes, naming every one of them.
    """
    known: dict[str, Any] = {}
    for spec in hooks.SPECS:
        known |= specs_in(spec)
    offered: dict[str, str] = {}
    plugins = tuple(plugins)
    for plugin in plugins:
        own = {name: function for spec in plugin.hookspecs for name, function in specs_in(spec).items()}
        name = plugin.manifest.name
        bare = sorted(hook for hook in own if not hook.startswith(f"{name}_"))
        if bare:
            raise PluginFault(name, f"Hooks that {name!r} offers must begin with {name + '_'!r}: {', '.join(bare)}.")
        known |= own
        offered |= dict.fromkeys(own, name)
    for plugin in plugins:
        problems = _problems(plugin, known, offered)
        if problems:
            raise PluginFault(plugin.manifest.name, " ".join(problems))


@cache
def specs_in(spec: Any) -> Mapping[str, Any]:
    """Return the hooks that a spec class describes, name → function."""
    members = inspect.getmembers(spec)
    return MappingProxyType({name: value for name, value in members if _parser.parse_hookspec_opts(spec, name) is not None})


def implementations_in(plugin: Any) -> dict[str, Any]:
    """Return the hooks that a plugin object implements, name → function."""
    found = {}
    for attribute in dir(plugin):
        options = _parser.parse_hookimpl_opts(plugin, attribute)
        if options is not None:
            found[options.get("specname") or attribute] = getattr(plugin, attribute)
    return found


def _problems(plugin: LoadedPlugin, known: Mapping[str, Any], offered: Mapping[str, str]) -> list[str]:
    manifest = plugin.manifest
    friends = {**manifest.requires, **manifest.wants}
    implemented = implementations_in(plugin.plugin)
    problems = []
    for hook, function in implemented.items():
        owner = offered.get(hook)
        if owner not in (None, manifest.name, *friends):
            problems.append(f"{hook}() is a hook of {owner!r}: name it in [requires] or [wants].")
        elif hook in known:
            problems += _wrong_arguments(hook, function, known[hook])
        elif not _of_an_absent_friend(hook, friends, offered):
            close = difflib.get_close_matches(hook, known, 1)
            problems.append(f"There is no hook {hook}()" + (f"; did you mean {close[0]}()?" if close else "."))
    for attribute in known.keys() & set(dir(plugin.plugin)) - implemented.keys():
        if inspect.isroutine(getattr(plugin.plugin, attribute, None)):
            problems.append(f"{attribute}() lacks @hookimpl, so that nobody would call it.")
    return problems


def _of_an_absent_friend(hook: str, friends: Iterable[str], offered: Mapping[str, str]) -> bool:
    return any(hook.startswith(f"{friend}_") and friend not in offered.values() for friend in friends)


def _wrong_arguments(hook: str, function: Any, spec: Any) -> list[str]:
    given = list(inspect.signature(spec).parameters)[1:]
    wrong = [name for name in inspect.signature(function).parameters if name not in given]
    if not wrong:
        return []
    return [f"{hook}() takes {', '.join(given) or 'no arguments'}; it has no {', '.join(wrong)}."]
