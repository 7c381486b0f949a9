"""What an order contains: its history, its deliveries with their revision requests, what was asked for."""

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, CompoundSelect, bindparam, case, cast, literal, null, select, union_all
from sqlmodel import Session, col

from gigneo.api import prepared
from gigneo.plugins.orders.models import Activity, Delivery, Feedback, Request, Revision
from gigneo.plugins.orders.queries import PEOPLE

NEWEST: Final = 2**63 - 1
"""Older than this is everything."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class ActivityRow(NamedTuple):
    """One fact of the history.

    Attributes:
        id: the key of paging.
        kind: as recorded.
        text: in words, when another module recorded it.
        params: what is filled into the words of our own kinds.
        at: when.
        actor_id: who; ``None`` for the system.
        actor_name: for people.
    """

    id: int
    kind: str
    text: str
    params: Mapping[str, Any]
    at: datetime
    actor_id: int | None
    actor_name: str | None


_ACTIVITY = prepared(
    select(
        col(Activity.id), col(Activity.kind), col(Activity.text), col(Activity.params), col(Activity.at), col(Activity.actor_id),
        PEOPLE.c.name,
    )
    .select_from(Activity)
    .outerjoin(PEOPLE, PEOPLE.c.id == col(Activity.actor_id))
    .where(
        col(Activity.order_id) == bindparam("order_id"),
        col(Activity.id) < bindparam("before"),
        col(Activity.order_version) > bindparam("after_version"),
    )
    .order_by(col(Activity.id).desc())
    .limit(bindparam("size"))
)  # fmt: skip


def activity(session: Session, order_id: int, size: int, after_version: int = -1, before: int = NEWEST) -> list[ActivityRow]:
    """Read an order's history, newest first.

    Args:
        session: the page's read session.
        order_id: the order.
        size: how many at most.
        after_version: only what happened after the order had this version.
        before: only what is older than this fact.
    """
    rows = session.execute(_ACTIVITY, {"order_id": order_id, "size": size, "after_version": after_version, "before": before})
    return [ActivityRow(id_, kind, text, _params(params), at, by, name) for id_, kind, text, params, at, by, name in rows]


def _params(text: str) -> Mapping[str, Any]:
    return json.loads(text) if text != "{}" else NOTHING


class RoundEntry(NamedTuple):
    """A delivery, the feedback on a draft, or the revision request that answered a final delivery.

    Attributes:
        id: the key.
        what: ``draft``, ``final``, ``feedback`` or ``revision``.
        round: which round it belongs to, from 1.
        text: the description, the feedback or the instructions.
        at: when.
        about: the delivery that the feedback is about.
    """

    id: int
    what: str
    round: int
    text: str
    at: datetime
    about: int | None = None


_ROUNDS: Final[CompoundSelect[Any]] = prepared(
    union_all(
        select(
            col(Delivery.id),
            case((col(Delivery.final), "final"), else_="draft").label("what"),
            col(Delivery.round),
            col(Delivery.description).label("text"),
            col(Delivery.at),
            cast(null(), BigInteger).label("about"),
        ).where(col(Delivery.order_id) == bindparam("order_id")),
        select(
            col(Revision.id),
            literal("revision"),
            col(Revision.round),
            col(Revision.instructions),
            col(Revision.at),
            cast(null(), BigInteger),
        ).where(col(Revision.order_id) == bindparam("order_id")),
        select(
            col(Feedback.id),
            literal("feedback"),
            col(Feedback.round),
            col(Feedback.text),
            col(Feedback.at),
            col(Feedback.delivery_id),
        ).where(col(Feedback.order_id) == bindparam("order_id")),
    )
)


def round_entries(session: Session, order_id: int) -> list[RoundEntry]:
    """Read deliveries, feedback and revision requests of an order in one query, oldest first."""
    entries = [RoundEntry._make(row) for row in session.execute(_ROUNDS, {"order_id": order_id})]
    return sorted(entries, key=lambda entry: (entry.round, entry.at, entry.what == "revision", entry.id))


class RequestRow(NamedTuple):
    """A request with its answer.

    Attributes:
        kind: ``cancellation``, ``extension`` or ``administrator``.
        asked_by_id: who asked.
        asked_at: when.
        reason: one of the operator's reasons, for a cancellation.
        text: what was said about it.
        days: how many more, for an extension.
        state: ``open``, ``accepted``, ``rejected``, ``withdrawn``, ``answered`` or ``lapsed``.
        silent_at: when it was noted that nobody answered.
        answered_at: when it was answered.
        answer: what was said then.
    """

    kind: str
    asked_by_id: int
    asked_at: datetime
    reason: str
    text: str
    days: int | None
    state: str
    silent_at: datetime | None
    answered_at: datetime | None
    answer: str


_REQUESTS = prepared(
    select(
        col(Request.kind), col(Request.asked_by_id), col(Request.asked_at), col(Request.reason), col(Request.text),
        col(Request.days), col(Request.state), col(Request.silent_at), col(Request.answered_at), col(Request.answer),
    )
    .where(col(Request.order_id) == bindparam("order_id"))
    .order_by(col(Request.id).desc())
)  # fmt: skip


def requests(session: Session, order_id: int) -> list[RequestRow]:
    """Read everything that was asked on an order, with the answers, newest first."""
    return [RequestRow._make(row) for row in session.execute(_REQUESTS, {"order_id": order_id})]
