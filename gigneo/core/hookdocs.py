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
DESCRIBES = frozenset({"fact"})
"""Arguments that name an event in a description; they emit nothing."""


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
        implementers: the plugins that implement it, or an event hook that also hears of the same fact, in call order.
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
    events = [*hooks.EVENTS, *(event for plugin in site.plugins for event in plugin.events)]
    callers = _callers(tuple((event.__name__, event.hook) for event in events))
    hear: dict[str, tuple[str, ...]] = {event.hook: (event.hook, *getattr(event, "also", ())) for event in events}
    told: dict[str, tuple[str, ...]] = {hook: ("gigneo.core.tasks.events",) for names in hear.values() for hook in names[1:]}
    return [
        HookDescription(
            name=name,
            kind=function.gigneo_kind,
            family=spec.__name__,
            arguments=tuple(parameter for parameter in inspect.signature(function).parameters if parameter != "self"),
            since=function.gigneo_since,
            doc=inspect.getdoc(function) or "",
            callers=callers.get(f"kind:{function.gigneo_kind}") or callers.get(name) or told.get(name, ()),
            implementers=tuple(dict.fromkeys(one for hook in hear.get(name, (name,)) for one in site.hooks.subscribers(hook))),
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
def _callers(events: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    """Find who calls each hook, from the code itself: a call that names the hook, or that makes its event."""
    hook_of = dict(events)
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name in {"hooks.py", "order_events.py"}:
            continue
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for name in _named_in(node, hook_of):
                    places[name].append(module)
    places["kind:contribution"] = ["gigneo.core.contribution_sets"]
    return {name: tuple(dict.fromkeys(found)) for name, found in places.items()}


def _named_in(call: ast.Call, hook_of: Mapping[str, str]) -> set[str]:
    """The texts that a call is given, and the hook of the event that it makes."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in DESCRIBES)]
    texts = {part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    made = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return texts | ({hook_of[made]} if made in hook_of else set())
