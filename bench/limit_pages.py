"""What the limit's templates are given: rows of the raw driver, put together by hand.

It knows one case, a delivered order that its employer looks at, and refuses any other: what would be branches of a complete
page costs next to nothing, and would not be compared.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.statements import ACTIVITY, FILES, FOUND, HEADER, NEEDING, ROUNDS, TERMS
from bench.words import moment, money, relative, several

Run = Callable[[str, dict[str, Any]], Iterable[tuple[Any, ...]]]
"""Executes a statement with its values, and gives the rows."""

Order = namedtuple(
    "Order",
    "id number kind state title package features employer_id freelancer_id price_minor employer_fee_minor commission_minor"
    " currency days revisions_total revisions_used placed_at started_at due_at first_delivered_at delivered_at finished_at"
    " on_time cancelled_by version employer freelancer held messages files disputes asked review_until review_extended"
    " record_finished record_cancelled",
)
File = namedtuple("File", "id name size_bytes symbol")
Sent = namedtuple("Sent", "label tone at words files asked")
Entry = namedtuple("Entry", "name who said at")
Terms = namedtuple(
    "Terms",
    "price_minor employer_fee_minor commission_minor escrow_minor clearing_minor paid_at released_at clears_at settled_at",
)
ListRow = namedtuple("ListRow", "number title other package mine late soon turn when at tone label price_minor currency")

STATES = {
    "pending_payment": ("Waiting for payment", "warn", "Your turn: pay"),
    "active": ("In progress", "plain", "{} is working"),
    "delivered": ("Delivered", "go", "Your turn: review"),
    "in_revision": ("In revision", "warn", "{} revises"),
    "completed": ("Completed", "good", "Completed"),
    "cancelled": ("Cancelled", "bad", "Cancelled"),
}
FILTERS = (
    ("Open", "open"), ("Late", "late"), ("Waiting for payment", "pending-payment"), ("In progress", "active"),
    ("Delivered", "delivered"), ("In revision", "in-revision"), ("Completed", "completed"), ("Cancelled", "cancelled"),
)  # fmt: skip


ANSWER = "Your turn: answer the request"
SOON = timedelta(days=1)


def order_page(run: Run, number: str, viewer: int) -> dict[str, Any] | None:
    """Return what the order page is made of, or ``None`` when the order does not exist for the viewer."""
    row = next(iter(run(HEADER, {"number": number, "viewer": viewer})), None)
    if row is None or viewer not in (row[7], row[8]):
        return None
    order = Order._make(row)
    odd = order.held or order.disputes or order.asked or order.review_extended or not order.record_finished
    if (order.kind, order.state, order.employer_id, odd) != ("service", "delivered", viewer, False):
        raise NotImplementedError("The limit shows delivered service orders to their employers, and nothing else.")
    return {
        "order": order,
        "first": order.freelancer.split()[0],
        "features": json.loads(order.features),
        "early": moment(order.due_at).at - moment(order.first_delivered_at).at,
        "review_left": relative(moment(order.review_until), datetime.now(UTC)),
        "cancellation_rate": f"{1000 * order.record_cancelled // order.record_finished / 10:g}%",
        "left": max(0, order.revisions_total - order.revisions_used),
        "rounds": _rounds(run, order.id),
        "activity": [_entry(line, viewer, order.currency) for line in run(ACTIVITY, {"id": order.id})],
        "terms": Terms._make(next(iter(run(TERMS, {"id": order.id})))),
    }


def _rounds(run: Run, order_id: int) -> list[dict[str, Any]]:
    """Return the rounds, newest first: the final delivery with the request that answered it, then the drafts."""
    attached: dict[int, list[File]] = {}
    for file_id, name, size_bytes, content_type, _kind, _at, _by, delivery_id in run(FILES, {"id": order_id}):
        symbol = "image" if content_type.startswith("image/") else "file"
        attached.setdefault(delivery_id, []).append(File(file_id, name, size_bytes, symbol))
    finals: dict[int, tuple[Any, ...]] = {}
    asked: dict[int, Sent] = {}
    drafts: dict[int, list[Sent]] = {}
    for entry in sorted(run(ROUNDS, {"id": order_id}), key=lambda row: (row[4], row[0])):
        entry_id, final, number, words, at = entry
        if final is None:
            asked.setdefault(number, Sent("", "", at, words, (), None))
        elif final:
            finals[number] = entry
        else:
            drafts.setdefault(number, []).insert(0, Sent("Draft Work", "plain", at, words, attached.get(entry_id), None))
    rounds = []
    for number in sorted({*finals, *drafts, *asked}, reverse=True):
        sent = drafts.get(number, [])
        if number in finals:
            entry_id, _, _, words, at = finals[number]
            label, tone = ("Revised", "plain") if number in asked else ("Final Delivery", "go")
            sent = [Sent(label, tone, at, words, attached.get(entry_id), asked.get(number)), *sent]
        rounds.append({"number": number, "sent": sent})
    return rounds


def _entry(line: tuple[Any, ...], viewer: int, currency: str) -> Entry:
    kind, words, params, at, actor_id, name = line
    return Entry(name, "You" if actor_id == viewer else name, words or said(kind, json.loads(params), currency), at)


def said(kind: str, given: dict[str, Any], currency: str) -> str:
    """Return what happened, in words."""
    files = f" with {several(given['files'], 'file')}" if given.get("files") else ""
    if kind == "paid":
        return f"paid {money(given['total_minor'], currency)} into escrow; the work starts"
    if kind == "revision_requested":
        left = given.get("left")
        return "requested a revision" + ("" if left is None else f"; {left} {'is' if left == 1 else 'are'} left")
    if kind == "file_added":
        return f"added the file {given['name']}"
    if kind == "messages":
        return f"wrote {several(given['count'], 'message')}"
    return {"placed": "placed the order", "draft": f"shared a draft{files}", "delivered": f"submitted the final delivery{files}"}[
        kind
    ]


def order_list(run: Run, viewer: int) -> dict[str, Any]:
    """Return what the list of orders is made of."""
    rows, now = list(run(FOUND, {"viewer": viewer})), datetime.now(UTC)
    refuse_odd(rows, viewer)
    waiting = dict(run(NEEDING, {"viewer": viewer}))
    return {
        "rows": [_row(row, now) for row in rows],
        "waiting": {"service": waiting.get("service"), "job": waiting.get("job")},
        "filters": FILTERS,
    }


def refuse_odd(rows: list[tuple[Any, ...]], viewer: int) -> None:
    """Refuse what the marks have no words for."""
    if (
        len(rows) > 25
        or not rows
        or any(row[4] != viewer or row[14] or row[15] or row[16] not in (None, "extension") for row in rows)
    ):
        raise NotImplementedError("The limit lists one page of orders of an employer, none of them on hold.")


def _row(row: tuple[Any, ...], now: datetime) -> ListRow:
    (
        number, state, title, package, _employer_id, other, price_minor, currency, due_at, finished_at,
        _placed_at, delivered_at, on_time, _employer, _held, _odd, asked,
    ) = row  # fmt: skip
    label, tone, turn = STATES[state]
    open_ = state not in ("completed", "cancelled")
    if asked:
        turn = ANSWER
    waits = open_ and on_time is None and due_at is not None
    late = waits and moment(due_at).at < now
    soon = waits and now <= moment(due_at).at < now + SOON
    when, stored = "", finished_at
    if open_ and on_time is not None:
        when, stored = "delivered", delivered_at
    elif open_:
        when, stored = "late, was due" if late else "due", due_at
    return ListRow(
        number, title, other, package, asked or state in ("pending_payment", "delivered"), late, soon,
        turn.format(other.split()[0]),
        when, relative(moment(stored), now) if stored else "", tone, label, price_minor, currency,
    )  # fmt: skip
