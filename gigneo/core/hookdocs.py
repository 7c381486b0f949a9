"""Describes every hook: for ``gigneo hooks``, for its ``--json``, and for ``docs/hooks.md``, which is made from it."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigneo import hooks

if TYPE_CHECKING:
    from gigneo.core.site import Site

PACKAGE = Path(hooks.__file__).parent
ASKING = frozenset({"veto", "participate", "first", "deliver", "subscribers"})


@dataclass(frozen=True)
class HookDescription:
    """One hook.

    Attributes:
        name: the hook.
        kind: decides how it is called.
        family: the spec class.
        arguments: what an implementation may take, by name.
        since: the first version that has it.
        doc: when it fires, in which transaction, what an error does.
        callers: the places in Gigneo that call it, as ``module:line``.
        implementers: the plugins that implement it, in call order.
    """

    name: str
    kind: str
    family: str
    arguments: tuple[str, ...]
    since: str
    doc: str
    callers: tuple[str, ...]
    implementers: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def describe(site: "Site") -> list[HookDescription]:
    """Return every hook that the site knows, in the order of the vocabulary."""
    specs = [*hooks.SPECS, *(spec for plugin in site.plugins for spec in plugin.hookspecs)]
    callers = _callers()
    return [
        HookDescription(
            name=name,
            kind=function.gigneo_kind,
            family=spec.__name__,
            arguments=tuple(parameter for parameter in inspect.signature(function).parameters if parameter != "self"),
            since=function.gigneo_since,
            doc=inspect.getdoc(function) or "",
            callers=callers.get(name, callers.get(f"kind:{function.gigneo_kind}", ())),
            implementers=tuple(site.hooks.subscribers(name)),
        )
        for spec in specs
        for name, function in vars(spec).items()
        if hasattr(function, "gigneo_kind")
    ]


def markdown(descriptions: list[HookDescription]) -> str:
    """Return ``docs/hooks.md``: the vocabulary, hook by hook, made from the code."""
    lines = [
        "# Hooks",
        "",
        "<!-- Made from gigneo/hooks.py by `make docs`. Change the docstrings there, not this file. -->",
        "",
        "The tense says the rule: past tense is a fact, after the commit; `-ing` takes part in the transaction;",
        "`allow_` may refuse.",
        "",
        "| hook | kind | arguments | implemented by |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [`{hook.name}`](#{hook.name}) | {hook.kind} | {', '.join(f'`{name}`' for name in hook.arguments) or '–'} "
        f"| {', '.join(hook.implementers) or '–'} |"
        for hook in descriptions
    ]
    family = ""
    for hook in descriptions:
        if hook.family != family:
            family = hook.family
            lines += ["", f"## {family}", "", _family_doc(family)]
        lines += [
            "",
            f"### {hook.name}",
            "",
            f"`{hook.name}({', '.join(hook.arguments)})` · {hook.kind} · since {hook.since}",
            "",
            hook.doc,
        ]
        if hook.callers:
            lines += ["", f"Called from: {', '.join(f'`{place}`' for place in hook.callers)}."]
    return "\n".join(lines) + "\n"


def _family_doc(family: str) -> str:
    spec = next((spec for spec in hooks.SPECS if spec.__name__ == family), None)
    return inspect.getdoc(spec) or "" if spec else "Offered by a plugin."


@cache
def _callers() -> Mapping[str, tuple[str, ...]]:
    """Find who calls each hook, from the code itself: ``hooks.veto("…")`` and its kin, and ``emit`` of an event."""
    places: dict[str, list[str]] = defaultdict(list)
    events = {event.__name__: event.hook for event in hooks.EVENTS}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ASKING and node.args and isinstance(node.args[0], ast.Constant):
                places[str(node.args[0].value)].append(module)
            elif name in events and path.name != "hooks.py":
                places[events[name]].append(module)
    places["kind:contribution"] = ["gigneo.core.contribution_sets"]
    return {name: tuple(dict.fromkeys(found)) for name, found in places.items()}
