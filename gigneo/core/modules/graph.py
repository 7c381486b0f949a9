"""The graph of what modules need: the order they are built in, and why some are left out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from packaging.specifiers import SpecifierSet

from gigneo import __version__
from gigneo.core.modules.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which of the wanted modules can be built.

    Attributes:
        order: each after what it requires (and wants); then by name.
        left_out: name → reason, for people.
    """

    order: tuple[str, ...]
    left_out: Mapping[str, str]


def resolve(
    manifests: Mapping[str, Manifest],
    wanted: Iterable[str],
    kernel_version: str = __version__,
    broken: Mapping[str, str] = MappingProxyType({}),
) -> Resolution:
    """Order the wanted modules, and leave out what can't work together with whatever depends on it.

    Args:
        manifests: what is installed.
        wanted: the names that the operator switched on.
        kernel_version: the version of Gigneo that runs.
        broken: wanted modules that are known not to work, name → reason.
    """
    names = sorted(set(wanted))
    left_out = {name: reason for name, reason in broken.items() if name in names}
    for name in names:
        if name in left_out:
            continue
        reason = _own_fault(manifests, name, frozenset(names), kernel_version)
        if reason:
            left_out[name] = reason
    for cycle in _cycles(manifests, [name for name in names if name not in left_out]):
        reason = f"These modules require each other in a circle: {' → '.join([*cycle, cycle[0]])}."
        left_out |= {name: reason for name in cycle}
    _spread(manifests, names, left_out)
    return Resolution(_ordered(manifests, set(names) - left_out.keys()), left_out)


def requirements(manifests: Mapping[str, Manifest], name: str) -> tuple[str, ...]:
    """Return everything that a module requires, directly or not, in the order in which it is switched on."""
    return _ordered(manifests, _reach(name, lambda one: manifests[one].requires if one in manifests else ()) - {name})


def dependents(manifests: Mapping[str, Manifest], name: str) -> tuple[str, ...]:
    """Return every installed module that requires this one, directly or not, in the order in which it is switched on."""
    return _ordered(
        manifests, _reach(name, lambda one: [other for other, man in manifests.items() if one in man.requires]) - {name}
    )


def range_holds(wanted: str, version: str) -> bool:
    """Return whether a version lies in a range; pre-releases count as what they are."""
    return SpecifierSet(wanted).contains(version, prereleases=True)


def _own_fault(manifests: Mapping[str, Manifest], name: str, names: frozenset[str], kernel: str) -> str | None:
    manifest = manifests.get(name)
    if manifest is None:
        return "Its package is not installed. Its data is kept."
    if not range_holds(manifest.gigneo, kernel):
        return f"It works with Gigneo {manifest.gigneo}; this is {kernel}."
    for other, wanted in sorted(manifest.requires.items()):
        if other not in manifests:
            return f"It requires {other} {wanted}, which is not installed."
        if not range_holds(wanted, manifests[other].version):
            return f"It requires {other} {wanted}; {manifests[other].version} is installed."
        if other not in names:
            return f"It requires {other}, which is switched off."
    return None


def _spread(manifests: Mapping[str, Manifest], names: list[str], left_out: dict[str, str]) -> None:
    """Leave out the dependents of what is left out too, each with the chain."""
    spreading = True
    while spreading:
        spreading = False
        for name in names:
            if name in left_out:
                continue
            lost = next((other for other in sorted(manifests[name].requires) if other in left_out), None)
            if lost:
                left_out[name] = f"It requires {lost}, which is left out: {left_out[lost]}"
                spreading = True


def _cycles(manifests: Mapping[str, Manifest], names: list[str]) -> list[list[str]]:
    """Return each circle of requirements among the names, beginning with its first name."""
    reach = {name: _reach(name, lambda one: [o for o in manifests[one].requires if o in names]) for name in names}
    circles: list[list[str]] = []
    seen: set[str] = set()
    for name in names:
        if name in seen or not any(name in reach[other] for other in manifests[name].requires if other in reach):
            continue
        seen |= {other for other in reach[name] if name in reach[other]}
        circles.append(_circle(manifests, name, names))
        seen.update(circles[-1])
    return circles


def _circle(manifests: Mapping[str, Manifest], start: str, names: list[str]) -> list[str]:
    """Walk the shortest way from a name back to itself."""
    ways = [[start]]
    visited: set[str] = set()
    while ways:
        way = ways.pop(0)
        for other in sorted(manifests[way[-1]].requires):
            if other == start:
                return way
            if other in names and other not in visited:
                visited.add(other)
                ways.append([*way, other])
    raise AssertionError(f"{start} is in no circle")


def _reach(start: str, following: Callable[[str], Iterable[str]]) -> set[str]:
    reached, todo = {start}, [start]
    while todo:
        for other in following(todo.pop()):
            if other not in reached:
                reached.add(other)
                todo.append(other)
    return reached


def _ordered(manifests: Mapping[str, Manifest], names: Collection[str]) -> tuple[str, ...]:
    """Sort by requirements, then by what is wanted where that makes no circle, then by name."""
    order: list[str] = []
    waiting = sorted(names)
    while waiting:
        able = [name for name in waiting if not _before(manifests, name, waiting)] or waiting
        pleased = [name for name in able if not any(other in waiting for other in _wishes(manifests, name))]
        chosen = (pleased or able)[0]
        order.append(chosen)
        waiting.remove(chosen)
    return tuple(order)


def _before(manifests: Mapping[str, Manifest], name: str, waiting: list[str]) -> bool:
    return name in manifests and any(other in waiting for other in manifests[name].requires)


def _wishes(manifests: Mapping[str, Manifest], name: str) -> list[str]:
    if name not in manifests:
        return []
    wants = manifests[name].wants.items()
    return [other for other, wanted in wants if other in manifests and range_holds(wanted, manifests[other].version)]
