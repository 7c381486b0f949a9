"""The order's history in words: one template per kind of ours, the text itself for what other modules recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import fmt, ngettext
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.orders.contents import ActivityRow
from gigneo.plugins.orders.wording import fill

TEXTS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "placed": _l("placed the order"),
        "paid": _l("paid %(total)s into escrow; the work starts"),
        "dropped": _l("dropped the order before it was paid"),
        "draft": _l("shared a draft%(files)s"),
        "delivered": _l("submitted the final delivery%(files)s"),
        "revision_requested": _l("requested a revision%(left)s"),
        "completed": _l("approved the delivery; the order is completed"),
        "cancelled": _l("cancelled the order; %(refunded)s went back to the employer's wallet"),
        "hold_placed": _l("The order was put on hold"),
        "hold_lifted": _l("lifted a hold"),
        "file_added": _l("added the file %(name)s"),
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline.

    Attributes:
        who: the person's name, ``You``, or nothing when nobody in particular did it.
        name: the person's own name, for the picture.
        text: what happened.
        note: what was said about it.
        at: when.
    """

    who: str
    name: str
    text: str
    note: str
    at: datetime


def entries(rows: Iterable[ActivityRow], viewer_id: int, currency: str) -> list[Entry]:
    """Put the history into words for one viewer.

    Args:
        rows: as the queries give them.
        viewer_id: who reads: their own steps say "You".
        currency: of the order's amounts.
    """
    return [
        Entry(
            who=_("You") if row.actor_id == viewer_id and row.actor_id is not None else row.actor_name or "",
            name=row.actor_name or "Gigneo",
            text=row.text or fill(TEXTS.get(row.kind, row.kind), _values(row.params, currency)),
            note=str(row.params.get("reason", "")),
            at=row.at,
        )
        for row in rows
    ]


def by_day(lines: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Group a timeline by the viewer's days, in the order in which it comes."""
    groups: list[tuple[str, list[Entry]]] = []
    for line in lines:
        day = str(fmt.date(line.at))
        if not groups or groups[-1][0] != day:
            groups.append((day, []))
        groups[-1][1].append(line)
    return groups


def _values(params: Mapping[str, Any], currency: str) -> dict[str, str]:
    values = {name: str(value) for name, value in params.items()}
    for name in ("total", "refunded"):
        if f"{name}_minor" in params:
            values[name] = fmt.money(params[f"{name}_minor"], currency)
    files = params.get("files", 0)
    values["files"] = ngettext(" with %(num)s file", " with %(num)s files", files) if files else ""
    left = params.get("left")
    values["left"] = "" if left is None else ngettext(", %(num)s left", ", %(num)s left", left)
    return values
