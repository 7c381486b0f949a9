"""The process table of a site: every module's rows, without those that another row replaces, and what conflicts in it."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import Contributions, contributions
from gigneo.hooks import OrderAction, OrderGuard, OrderTimer
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER, STATES, SYSTEM

log = logging.getLogger("gigneo.plugins.orders")
ROLES: Final = (EMPLOYER, FREELANCER, ADMINISTRATOR, SYSTEM)


@dataclass(frozen=True)
class Table:
    """What orders of this site can come to.

    Attributes:
        actions: name → row, in the order of their positions.
        guards: action → the guards that judge it.
        timers: everything that happens by itself, by name.
        owners: timer → the module that contributed it.
        told: event → the roles that are told of it.
    """

    actions: Mapping[str, OrderAction]
    guards: Mapping[str, tuple[OrderGuard, ...]]
    timers: Mapping[str, OrderTimer]
    owners: Mapping[str, str]
    told: Mapping[str, frozenset[str]]

    def of(self, role: str, kind: str) -> Iterator[OrderAction]:
        """Yield the actions of a role on orders of a kind."""
        for action in self.actions.values():
            if role in action.actors and (not action.kinds or kind in action.kinds):
                yield action


def table() -> Table:
    """Return the process table of this site."""
    return contributions().derived(table_of)


def table_of(found: Contributions) -> Table:
    """Make the table of what the modules contribute."""
    replaced = {action.replaces for action in found.order_actions if action.replaces}
    actions = {action.name: action for action in found.order_actions if action.name not in replaced}
    guards = {
        name: tuple(guard for guard in found.order_guards if not guard.actions or name in guard.actions) for name in actions
    }
    for guard in found.order_guards:
        if unknown := guard.actions - {action.name for action in found.order_actions}:
            log.warning("The guard %s of %s guards nothing: %s", guard.name, found.owner_of(guard), ", ".join(sorted(unknown)))
    told: dict[str, frozenset[str]] = {}
    for action in found.order_actions:
        if action.fact:
            told[action.fact] = told.get(action.fact, frozenset()) | action.tells
    timers = {timer.name: timer for timer in found.order_timers if timer.action in actions}
    owners = {name: found.owner_of(timer) for name, timer in timers.items()}
    return Table(*map(MappingProxyType, (actions, guards, timers, owners, told)))


def conflicts(found: Contributions) -> Iterable[tuple[Any, str]]:
    """Yield each contribution to the process that makes no sense, with the reason."""
    names = {action.name for action in found.order_actions}
    kinds = {kind.name for kind in found.order_kinds}
    replacing: dict[str, OrderAction] = {}
    for action in found.order_actions:
        yield from ((action, reason) for reason in _wrong(action, names, kinds, found.hooks))
        if action.replaces in replacing:
            other = replacing[action.replaces]
            yield action, f"order_actions(): {action.name!r} and {other.name!r} both replace {action.replaces!r}."
        if action.replaces:
            replacing[action.replaces] = action
    for timer in found.order_timers:
        if timer.action not in names:
            yield timer, f"order_timers(): {timer.name!r} takes {timer.action!r}, which no module has."
        elif SYSTEM not in next(action for action in found.order_actions if action.name == timer.action).actors:
            yield timer, f"order_timers(): {timer.name!r} takes {timer.action!r}, which is no action of the system."


def _wrong(action: OrderAction, names: set[str], kinds: set[str], hooks: Mapping[str, str]) -> Iterator[str]:
    said = f"order_actions(): {action.name!r}"
    if action.replaces and action.replaces not in names:
        yield f"{said} replaces {action.replaces!r}, which no module has."
    for state in sorted({*action.states, *((action.to,) if action.to else ())} - set(STATES)):
        yield f"{said} names the state {state!r}; the states are {', '.join(STATES)}."
    for role in sorted({*action.actors, *action.tells} - set(ROLES)):
        yield f"{said} names the role {role!r}; the roles are {', '.join(ROLES)}."
    for kind in sorted(action.kinds - kinds):
        yield f"{said} is for orders of the kind {kind!r}, which no module has."
    if action.veto and hooks.get(action.veto) != "veto":
        yield f"{said} asks {action.veto!r}, which is no hook that may refuse."
    if action.fact and hooks.get(action.fact) != "event":
        yield f"{said} tells the fact {action.fact!r}, which is no event."
    if action.tells and not action.fact:
        yield f"{said} tells {', '.join(sorted(action.tells))} of nothing: name the fact."
