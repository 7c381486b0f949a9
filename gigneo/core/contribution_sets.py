"""Collects what plugins contribute, once per site, and names the conflicts between them."""

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Blueprint

from gigneo import hooks
from gigneo.contributions import (
    AdminScreen,
    ContributionCheck,
    DashboardTab,
    FileOwner,
    MenuItem,
    PeriodicTask,
    Permission,
    SelfCheck,
    SettingsForm,
    SlotFragment,
    TaskHandler,
)
from gigneo.core.faults import PluginFault

Derived = TypeVar("Derived")


@dataclass(frozen=True, slots=True)
class Family:
    """How one contribution hook is collected.

    Attributes:
        type: what each item must be.
        key: the attributes that make an item unique on the site.
        prefix: the attribute that must begin with the plugin's name and a dot.
        single: the hook gives one item, not several.
    """

    type: type[Any]
    key: tuple[str, ...] = ("name",)
    prefix: str = ""
    single: bool = False


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "routes": Family(Blueprint),
        "permissions": Family(Permission, prefix="name"),
        "dashboard_menu": Family(MenuItem),
        "dashboard_tabs": Family(DashboardTab, key=("page", "name")),
        "admin_screens": Family(AdminScreen),
        "settings_form": Family(SettingsForm, key=(), single=True),
        "slot_fragments": Family(SlotFragment, key=("slot", "name")),
        "task_handlers": Family(TaskHandler, key=("kind",), prefix="kind"),
        "periodic_tasks": Family(PeriodicTask, key=("kind",), prefix="kind"),
        "file_owners": Family(FileOwner, key=("kind",), prefix="kind"),
        "contribution_checks": Family(ContributionCheck),
        "self_checks": Family(SelfCheck, prefix="name"),
        "order_kinds": Family(hooks.OrderKind),
        "order_tabs": Family(hooks.OrderTab),
        "order_actions": Family(hooks.OrderAction),
        "order_guards": Family(hooks.OrderGuard),
        "order_timers": Family(hooks.OrderTimer),
        "order_panels": Family(hooks.OrderPanel),
        "order_file_origins": Family(hooks.FileOrigin, key=("kind",), prefix="kind"),
        "order_last_acts": Family(hooks.LastAct),
    }
)


@dataclass(frozen=True)
class Contributions:
    """Everything that the plugins of a site contribute, sorted by position and then by requirement.

    Attributes:
        items: hook name → items.
        by_plugin: plugin → hook name → its items.
        hooks: the names of the site's hooks, each with its kind.
    """

    items: Mapping[str, tuple[Any, ...]]
    by_plugin: Mapping[str, Mapping[str, tuple[Any, ...]]]
    hooks: Mapping[str, str] = field(default_factory=dict)
    _derived: dict[Callable[..., Any], Any] = field(default_factory=dict, compare=False, repr=False)

    def derived(self, make: "Callable[[Contributions], Derived]") -> "Derived":
        """Return what a function makes of the contributions; it is made once per site, and must not be changed.

        Args:
            make: a function of a module, not one that is made anew at each call.
        """
        if make not in self._derived:
            self._derived[make] = make(self)
        return self._derived[make]  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> tuple[Any, ...]:
        """Return the items of a contribution hook by its name."""
        try:
            return self.items[name]
        except KeyError:
            raise AttributeError(name) from None

    def owner_of(self, item: Any) -> str:
        """Return the name of the plugin that contributed an item."""
        for plugin, families in self.by_plugin.items():
            if any(item is own for own_items in families.values() for own in own_items):
                return plugin
        return ""


def collect(calls: Any, order: Iterable[str]) -> Contributions:
    """Collect the contributions of the plugins, in the order of their requirements.

    Args:
        calls: the site's :class:`~gigneo.core.hookcalls.HookCalls`.
        order: the plugins' names.

    Raises:
        PluginFault: a plugin's hook raised, gave something else than promised, or something that another has.
    """
    by_plugin: dict[str, dict[str, tuple[Any, ...]]] = {name: {} for name in order}
    for hook, family in FAMILIES.items():
        implementations = {plugin: function for plugin, function, _ in calls.implementations(hook)}
        taken: dict[tuple[Any, ...], str] = {}
        for plugin in by_plugin:
            if plugin not in implementations:
                continue
            items = _items(plugin, hook, family, implementations[plugin])
            for item in items:
                _check(plugin, hook, family, item, taken)
            by_plugin[plugin][hook] = items
    items_by_hook = {
        hook: tuple(
            sorted(
                (item for families in by_plugin.values() for item in families.get(hook, ())),
                key=lambda item: getattr(item, "position", 0),
            )
        )
        for hook in FAMILIES
    }
    found = Contributions(MappingProxyType(items_by_hook), MappingProxyType(by_plugin), MappingProxyType(calls.kinds()))
    _judge(found)
    return found


def _judge(found: Contributions) -> None:
    """Let the plugins that own places judge what others put there."""
    for judge in found.contribution_checks:
        owner = found.owner_of(judge)
        try:
            conflicts = list(judge.check(found))
        except Exception as error:
            said = f"{judge.name} raised {type(error).__name__}: {error}"
            raise PluginFault(owner, said, traceback.format_exc()) from error
        for item, reason in conflicts:
            raise PluginFault(found.owner_of(item) or owner, reason)


def _items(plugin: str, hook: str, family: Family, function: Any) -> tuple[Any, ...]:
    try:
        answer = function()
        items = (answer,) if family.single else tuple(answer)
    except Exception as error:
        raise PluginFault(plugin, f"{hook}() raised {type(error).__name__}: {error}", traceback.format_exc()) from error
    for item in items:
        if not isinstance(item, family.type):
            raise PluginFault(plugin, f"{hook}() gave a {type(item).__name__}; it takes {family.type.__name__}.")
    return items


def _check(plugin: str, hook: str, family: Family, item: Any, taken: dict[tuple[Any, ...], str]) -> None:
    if family.prefix and not str(getattr(item, family.prefix)).startswith(f"{plugin}."):
        value = getattr(item, family.prefix)
        raise PluginFault(plugin, f"{hook}(): {value!r} must begin with {plugin + '.'!r}, so that all can see whose it is.")
    if not family.key:
        return
    key = tuple(getattr(item, attribute) for attribute in family.key)
    if key in taken:
        name = " / ".join(map(str, key))
        raise PluginFault(plugin, f"{hook}(): {name!r} is already contributed by {taken[key]!r}. Choose another name.")
    taken[key] = plugin
