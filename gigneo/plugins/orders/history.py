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
        "expired": _l("The order expired before it was paid"),
        "draft": _l("shared a draft%(files)s"),
        "feedback": _l("gave feedback on the draft"),
        "delivered": _l("submitted the final delivery%(files)s"),
        "late": _l("The order is late: the due date is over"),
        "revision_requested": _l("requested a revision%(files)s%(left)s"),
        "review_extended": _l("took more time to review"),
        "reminded": _l("A reminder was sent: the review time is nearly over"),
        "completed": _l("approved the delivery; the order is completed"),
        "completed_by_time": _l("The review time ended without an answer; the order is completed"),
        "completed_by_administrator": _l("completed the order as administrator"),
        "extension_requested": _l("asked for more days: %(days)s"),
        "extension_accepted": _l("gave more days: %(days)s"),
        "extension_rejected": _l("declined the request for more days"),
        "extension_withdrawn": _l("withdrew the request for more days"),
        "cancellation_requested": _l("requested a cancellation"),
        "cancellation_withdrawn": _l("withdrew the cancellation request"),
        "cancellation_rejected": _l("rejected the cancellation; the order goes on"),
        "cancellation_unanswered": _l("Nobody answered the cancellation request in time; the administrator is told"),
        "administrator_asked": _l("asked the administrator"),
        "cancelled": _l("cancelled the order; %(refunded)s went back to the employer's wallet"),
        "cancelled_late": _l("cancelled the late order; %(refunded)s went back to the employer's wallet"),
        "cancelled_by_agreement": _l("agreed to cancel; %(refunded)s went back to the employer's wallet"),
        "cancelled_by_silence": _l(
            "Nobody answered the cancellation request, so the order was cancelled; %(refunded)s went back to the employer"
        ),
        "cancelled_by_administrator": _l("cancelled the order as administrator; %(refunded)s went back to the employer's wallet"),
        "refunded": _l("gave %(refunded)s of the price back to the employer as administrator"),
        "hold_placed": _l("The order was put on hold"),
        "hold_lifted": _l("lifted a hold"),
        "file_added": _l("added the file %(name)s"),
        "file_removed": _l("removed the file %(name)s"),
        "private_read": _l("opened “%(label)s” as administrator"),
    }
)
"""What follows the person's name; a whole sentence where nobody in particular did it."""


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
