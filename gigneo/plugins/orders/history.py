"""The order's history in words: one template per kind of ours, the text itself for what other modules recorded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import fmt, ngettext
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.orders.contents import NEWEST, ActivityRow, activity
from gigneo.plugins.orders.wording import fill

PAGE_SIZE: Final = 50
Params = Mapping[str, Any]


def _draft(params: Params) -> str:
    files = params.get("files", 0)
    return (
        ngettext("shared a draft with %(num)s file", "shared a draft with %(num)s files", files) if files else _("shared a draft")
    )


def _delivered(params: Params) -> str:
    if not (files := params.get("files", 0)):
        return _("submitted the final delivery")
    return ngettext("submitted the final delivery with %(num)s file", "submitted the final delivery with %(num)s files", files)


def _revision_requested(params: Params) -> str:
    files, left = params.get("files", 0), params.get("left")
    if left is None:
        if not files:
            return _("requested a revision")
        return ngettext("requested a revision with %(num)s file", "requested a revision with %(num)s files", files)
    if files:
        return ngettext(
            "requested a revision with files (%(files)s); %(num)s is left",
            "requested a revision with files (%(files)s); %(num)s are left",
            left,
            files=files,
        )
    return ngettext("requested a revision; %(num)s is left", "requested a revision; %(num)s are left", left)


def _feedback(params: Params) -> str:
    number = params.get("round", 1)
    return _("gave feedback on the draft") if number == 1 else _("gave feedback on the draft of round %(num)s", num=number)


def _messages(params: Params) -> str:
    return ngettext("wrote %(num)s message", "wrote %(num)s messages", params.get("count", 1))


def _more_days(params: Params) -> str:
    return ngettext("asked for %(num)s more day", "asked for %(num)s more days", params["days"])


def _given_days(params: Params) -> str:
    return ngettext("gave %(num)s more day", "gave %(num)s more days", params["days"])


TEXTS: Final[Mapping[str, LazyText | Callable[[Params], str]]] = MappingProxyType(
    {
        "placed": _l("placed the order"),
        "paid": _l("paid %(total)s into escrow; the work starts"),
        "dropped": _l("dropped the order before it was paid"),
        "expired": _l("The order expired before it was paid"),
        "draft": _draft,
        "feedback": _feedback,
        "delivered": _delivered,
        "late": _l("The order is late: the due date is over"),
        "revision_requested": _revision_requested,
        "review_extended": _l("took more time to review"),
        "reminded": _l("A reminder was sent: the review time is nearly over"),
        "completed": _l("approved the delivery; the order is completed"),
        "completed_by_time": _l("The review time ended without an answer; the order is completed"),
        "completed_by_administrator": _l("completed the order as administrator"),
        "extension_requested": _more_days,
        "extension_accepted": _given_days,
        "extension_rejected": _l("declined the request for more days"),
        "extension_withdrawn": _l("withdrew the request for more days"),
        "cancellation_requested": _l("requested a cancellation"),
        "cancellation_withdrawn": _l("withdrew the cancellation request"),
        "cancellation_rejected": _l("rejected the cancellation; the order goes on"),
        "cancellation_unanswered": _l("Nobody answered the cancellation request in time; the administrator is told"),
        "administrator_asked": _l("asked the administrator"),
        "administrator_answered": _l("answered as administrator; the order goes on"),
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
        "messages": _messages,
        "private_read": _l("opened “%(label)s” as administrator"),
    }
)
"""What follows the person's name; a whole sentence where nobody in particular did it. A function where it depends on a number."""


_ALONE: Final[Mapping[str, LazyText]] = MappingProxyType({"hold_lifted": _l("A hold was lifted")})
"""The whole sentence for what is otherwise said of a person, where nobody in particular did it."""


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
            text=row.text or _text(row, currency),
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


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history.

    Attributes:
        days: its lines by the viewer's days, newest first.
        older: the fact to page from towards the past, or ``None`` on the last page.
        first: whether it begins with the present.
    """

    days: list[tuple[str, list[Entry]]]
    older: int | None
    first: bool


def history_page(session: Session, order_id: int, viewer_id: int, currency: str, before: str | None) -> HistoryPage:
    """Read a page of an order's history, in words.

    Args:
        session: the page's read session.
        order_id: the order.
        viewer_id: who reads.
        currency: of the order's amounts.
        before: the fact to page from, as the address has it; nonsense is the first page.
    """
    edge = int(before) if before and before.isascii() and before.isdigit() and len(before) < 19 else NEWEST
    rows = activity(session, order_id, PAGE_SIZE + 1, before=edge)
    shown = rows[:PAGE_SIZE]
    older = shown[-1].id if len(rows) > PAGE_SIZE else None
    return HistoryPage(by_day(entries(shown, viewer_id, currency)), older, edge == NEWEST)


def _text(row: ActivityRow, currency: str) -> str:
    alone = _ALONE.get(row.kind) if row.actor_id is None else None
    text = alone or TEXTS.get(row.kind, row.kind)
    return text(row.params) if callable(text) else fill(text, _values(row.params, currency))


def _values(params: Params, currency: str) -> dict[str, str]:
    values = {name: str(value) for name, value in params.items()}
    for name in ("total", "refunded"):
        if f"{name}_minor" in params:
            values[name] = fmt.money(params[f"{name}_minor"], currency)
    return values
