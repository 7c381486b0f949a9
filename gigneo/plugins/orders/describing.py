"""Describes the process of this site's orders, from the table that the server enforces: as text, JSON, Mermaid, Markdown."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

from gigneo.api import contributions
from gigneo.hooks import OrderAction
from gigneo.plugins.orders.states import STATES
from gigneo.plugins.orders.wording import fill


@dataclass(frozen=True, slots=True)
class Row:
    """One action of the process, in plain values.

    Attributes:
        name: the action.
        label: what its button says.
        module: whose it is.
        actors: who may.
        states: where it may happen, in the order of an order's life.
        to: where it leads; empty when the state is kept.
        guards: the rules that judge it.
        timers: what takes it by itself.
        veto: the hook that may refuse it.
        fact: the event that tells of it.
        tells: who is told by mail.
        replaced_by: the action that stands in its place on this site.
    """

    name: str
    label: str
    module: str
    actors: tuple[str, ...]
    states: tuple[str, ...]
    to: str
    guards: tuple[str, ...]
    timers: tuple[str, ...]
    veto: str
    fact: str
    tells: tuple[str, ...]
    replaced_by: str


def rows(kind: str) -> list[Row]:
    """Return every action of a kind of orders, in the order of their positions, those that others replace as well."""
    found = contributions()
    replaced = {action.replaces: action.name for action in found.order_actions if action.replaces}
    return [
        Row(
            name=action.name,
            label=_label(action),
            module=found.owner_of(action),
            actors=tuple(sorted(action.actors)),
            states=tuple(state for state in STATES if state in action.states),
            to=action.to or "",
            guards=tuple(guard.name for guard in found.order_guards if not guard.actions or action.name in guard.actions),
            timers=tuple(timer.name for timer in found.order_timers if timer.action == action.name),
            veto=action.veto or "",
            fact=action.fact or "",
            tells=tuple(sorted(action.tells)),
            replaced_by=replaced.get(action.name, ""),
        )
        for action in found.order_actions
        if not action.kinds or kind in action.kinds
    ]


def as_json(found: Iterable[Row]) -> str:
    """Return the process for programs."""
    return json.dumps([asdict(row) for row in found], indent=2, ensure_ascii=False)


def as_text(found: Iterable[Row]) -> str:
    """Return the process for a terminal, one block per action."""
    blocks = []
    for row in found:
        states = ", ".join(row.states) or "–"
        lines = [f"{row.name} ({row.module}): {states} → {row.to or 'same'}", f"    who: {', '.join(row.actors)}"]
        for name, values in (("guards", row.guards), ("timers", row.timers), ("tells", row.tells)):
            if values:
                lines.append(f"    {name}: {', '.join(values)}")
        lines += [f"    {name}: {value}" for name, value in (("veto", row.veto), ("fact", row.fact)) if value]
        if row.replaced_by:
            lines.append(f"    replaced by: {row.replaced_by}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def as_mermaid(found: Iterable[Row]) -> str:
    """Return the process as a state diagram for Mermaid (https://mermaid.js.org/syntax/stateDiagram.html)."""
    lines = ["stateDiagram-v2"]
    for row in found:
        if row.replaced_by or not row.to:
            continue
        who = "/".join(row.actors)
        lines += [f"    {state} --> {row.to}: {row.name} ({who})" for state in row.states or ("[*]",) if state != row.to]
    return "\n".join(lines)


def as_markdown(found: Iterable[Row]) -> str:
    """Return the page ``docs/process.md``."""
    listed = list(found)
    lines = [
        "# The process of an order",
        "",
        "<!-- Made from the process table by `make docs`. Change gigneo/plugins/orders/process.py, not this file. -->",
        "",
        "One table says who may do what in which state, where it leads, and whom it tells. The server enforces it, the pages",
        "read it, and `gigneo orders process` prints the one of your site, with what your modules add.",
        "",
        "```mermaid",
        as_mermaid(listed),
        "```",
        "",
        "| action | who | from | to | guards | timer | fact | tells |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in listed:
        cells = (
            f"`{row.name}`" + (f" ({row.module})" if row.module != "orders" else ""),
            ", ".join(row.actors),
            ", ".join(row.states) or "–",
            row.to or "same",
            ", ".join(row.guards) or "–",
            ", ".join(row.timers) or "–",
            f"`{row.fact}`" if row.fact else "–",
            ", ".join(row.tells) or "–",
        )
        lines.append(f"| {' | '.join(cells)} |")
    if replaced := [row for row in listed if row.replaced_by]:
        lines += ["", *(f"While its module is on, `{row.replaced_by}` stands in the place of `{row.name}`." for row in replaced)]
    return "\n".join(lines) + "\n"


FORMATS: Final[Mapping[str, Callable[[Iterable[Row]], str]]] = MappingProxyType(
    {"text": as_text, "json": as_json, "mermaid": as_mermaid, "markdown": as_markdown}
)


def _label(action: OrderAction) -> str:
    return fill(action.label, {"total": "…"})
