"""What an order contains: its history, its deliveries with their revision requests, its files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CompoundSelect, bindparam, null, select, union_all
from sqlmodel import Session, col

from gigneo.api import StoredFile
from gigneo.plugins.orders.models import Activity, Delivery, Revision
from gigneo.plugins.orders.queries import PEOPLE


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One fact of the history.

    Attributes:
        kind: as recorded.
        text: in words, when another module recorded it.
        params: what is filled into the words of our own kinds.
        at: when.
        actor_id: who; ``None`` for the system.
        actor_name: for people.
    """

    kind: str
    text: str
    params: Mapping[str, Any]
    at: datetime
    actor_id: int | None
    actor_name: str | None


_ACTIVITY = (
    select(col(Activity.kind), col(Activity.text), col(Activity.params), col(Activity.at), col(Activity.actor_id), PEOPLE.c.name)
    .select_from(Activity)
    .outerjoin(PEOPLE, PEOPLE.c.id == col(Activity.actor_id))
    .where(col(Activity.order_id) == bindparam("order_id"), col(Activity.order_version) > bindparam("after_version"))
    .order_by(col(Activity.id).desc())
    .limit(bindparam("size"))
)


def activity(session: Session, order_id: int, size: int = 500, after_version: int = -1) -> list[ActivityRow]:
    """Read an order's history, newest first.

    Args:
        session: the page's read session.
        order_id: the order.
        size: how many at most.
        after_version: only what happened after the order had this version.
    """
    rows = session.execute(_ACTIVITY, {"order_id": order_id, "size": size, "after_version": after_version})
    return [ActivityRow(row.kind, row.text, json.loads(row.params), row.at, row.actor_id, row.name) for row in rows]


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of the order.

    Attributes:
        id: of the file.
        name: as it was sent.
        size: in bytes.
        content_type: its media type.
        kind: what the person said it is.
        at: when it came.
        by: who sent it.
        owner_kind: ``orders.order`` or ``orders.delivery``.
        owner_id: the order or the delivery.
    """

    id: int
    name: str
    size: int
    content_type: str
    kind: str
    at: datetime
    by: str
    owner_kind: str
    owner_id: int

    @property
    def url(self) -> str:
        """Where it is downloaded."""
        return f"/files/{self.id}"

    @property
    def image(self) -> bool:
        """Whether it is a picture."""
        return self.content_type.startswith("image/")


_delivery_ids = select(col(Delivery.id)).where(col(Delivery.order_id) == bindparam("order_id"))
_file_columns = (
    col(StoredFile.id),
    col(StoredFile.name),
    col(StoredFile.size_bytes),
    col(StoredFile.content_type),
    col(StoredFile.kind),
    col(StoredFile.created_at),
    PEOPLE.c.name.label("by"),
    col(StoredFile.owner_kind),
    col(StoredFile.owner_id),
)
_files = select(*_file_columns).select_from(StoredFile).join(PEOPLE, PEOPLE.c.id == col(StoredFile.uploaded_by))
_DELIVERY_FILES = _files.where(
    col(StoredFile.owner_kind) == "orders.delivery", col(StoredFile.owner_id).in_(_delivery_ids)
).order_by(col(StoredFile.id))
_ALL_FILES = union_all(
    _files.where(col(StoredFile.owner_kind) == "orders.delivery", col(StoredFile.owner_id).in_(_delivery_ids)),
    _files.where(col(StoredFile.owner_kind) == "orders.order", col(StoredFile.owner_id) == bindparam("order_id")),
)


def delivery_files(session: Session, order_id: int) -> list[FileRow]:
    """Read the files of all deliveries of an order, oldest first."""
    return [FileRow(*row) for row in session.execute(_DELIVERY_FILES, {"order_id": order_id})]


def all_files(session: Session, order_id: int) -> list[FileRow]:
    """Read every file of an order, newest first."""
    rows = [FileRow(*row) for row in session.execute(_ALL_FILES, {"order_id": order_id})]
    return sorted(rows, key=lambda file: -file.id)


@dataclass(frozen=True, slots=True)
class RoundEntry:
    """A delivery, or the revision request that answered it.

    Attributes:
        id: the key.
        what: ``draft``, ``final`` or ``revision``.
        round: which round it belongs to, from 1.
        text: the description or the instructions.
        at: when.
    """

    id: int
    what: str
    round: int
    text: str
    at: datetime


_ROUNDS: Final[CompoundSelect[Any]] = union_all(
    select(
        col(Delivery.id), col(Delivery.final), col(Delivery.round), col(Delivery.description).label("text"), col(Delivery.at)
    ).where(col(Delivery.order_id) == bindparam("order_id")),
    select(col(Revision.id), null(), col(Revision.round), col(Revision.instructions), col(Revision.at)).where(
        col(Revision.order_id) == bindparam("order_id")
    ),
)


def round_entries(session: Session, order_id: int) -> list[RoundEntry]:
    """Read deliveries and revision requests of an order in one query, oldest first."""
    rows = session.execute(_ROUNDS, {"order_id": order_id})
    entries = [
        RoundEntry(row.id, "revision" if row.final is None else "final" if row.final else "draft", row.round, row.text, row.at)
        for row in rows
    ]
    return sorted(entries, key=lambda entry: (entry.round, entry.at, entry.what == "revision", entry.id))
