"""The reads of an order's files: a page of them by key, those that came with something, what may be taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Session, col

from gigneo.api import StoredFile, contributions, prepared
from gigneo.hooks import FileOrigin, LastAct
from gigneo.plugins.orders.models import Activity
from gigneo.plugins.orders.queries import PEOPLE

ORDER_OWNER: Final = "orders.order"
DELIVERY: Final = "orders.delivery"
REVISION: Final = "orders.revision"
PAGE: Final = 30
WITH_ORDER: Final = 200
"""How many files an administrator's page with the whole story names."""


class FileRow(NamedTuple):
    """A file of the order.

    Attributes:
        id: of the file.
        name: as it was sent.
        size: in bytes.
        content_type: its media type.
        kind: what the person said it is.
        at: when it came.
        by: who sent it.
        by_id: the same, by id.
        origin_kind: with what it came, as in ``orders.delivery``; empty for a file that came alone.
        origin_id: with which.
        preview_key: where its small picture is, if one was drawn.
    """

    id: int
    name: str
    size: int
    content_type: str
    kind: str
    at: datetime
    by: str
    by_id: int
    origin_kind: str
    origin_id: int | None
    preview_key: str | None

    @property
    def url(self) -> str:
        """Where it is downloaded."""
        return f"/files/{self.id}"

    @property
    def preview(self) -> str | None:
        """Where its small picture is, if it has one."""
        return None if self.preview_key is None else f"/files/{self.id}/preview"

    @property
    def image(self) -> bool:
        """Whether it is a picture."""
        return self.content_type.startswith("image/")


_COLUMNS: Final = (
    col(StoredFile.id),
    col(StoredFile.name),
    col(StoredFile.size_bytes),
    col(StoredFile.content_type),
    col(StoredFile.kind),
    col(StoredFile.created_at),
    PEOPLE.c.name.label("by"),
    col(StoredFile.uploaded_by),
    col(StoredFile.origin_kind),
    col(StoredFile.origin_id),
    col(StoredFile.preview_key),
)
_OF_ORDER: Final = (
    select(*_COLUMNS)
    .select_from(StoredFile)
    .join(PEOPLE, PEOPLE.c.id == col(StoredFile.uploaded_by))
    .where(col(StoredFile.owner_kind) == ORDER_OWNER, col(StoredFile.owner_id) == bindparam("order_id"))
)
_NEWEST: Final = prepared(_OF_ORDER.order_by(col(StoredFile.id).desc()).limit(bindparam("size")))
_OLDER: Final = prepared(_NEWEST.where(col(StoredFile.id) < bindparam("before")))
_OF_KIND: Final = prepared(_NEWEST.where(col(StoredFile.kind) == bindparam("kind")))
_OLDER_OF_KIND: Final = prepared(_OLDER.where(col(StoredFile.kind) == bindparam("kind")))
_TAKEN: Final = prepared(
    select(func.coalesce(func.sum(col(StoredFile.size_bytes)), 0)).where(
        col(StoredFile.owner_kind) == ORDER_OWNER, col(StoredFile.owner_id) == bindparam("order_id")
    )
)


@lru_cache(maxsize=64)
def _came_with(origin_kinds: tuple[str, ...], some: bool) -> Select[Any]:
    found = _OF_ORDER.where(col(StoredFile.origin_kind).in_(origin_kinds)).order_by(col(StoredFile.id))
    between = col(StoredFile.origin_id).between(bindparam("first"), bindparam("last"))
    return prepared(found.where(between) if some else found)


def newest_files(session: Session, order_id: int, size: int = PAGE, kind: str = "", before: int | None = None) -> list[FileRow]:
    """Read files of an order, newest first.

    Args:
        session: the page's read session.
        order_id: the order.
        size: how many at most.
        kind: only those that are said to be this; all when empty.
        before: only those that came before this one.
    """
    statement = (_OLDER_OF_KIND if before else _OF_KIND) if kind else (_OLDER if before else _NEWEST)
    rows = session.execute(statement, {"order_id": order_id, "size": size, "kind": kind, "before": before})
    return [FileRow._make(row) for row in rows]


def files_from(session: Session, order_id: int, size: int, origin_kinds: frozenset[str] | None) -> list[FileRow]:
    """Read files of an order that came with some kinds of things, or with nothing, newest first.

    Args:
        session: the page's read session.
        order_id: the order.
        size: how many at most.
        origin_kinds: with what they came, ``""`` for nothing; ``None`` for all files.
    """
    if origin_kinds is None:
        return newest_files(session, order_id, size)
    found = _OF_ORDER.where(col(StoredFile.origin_kind).in_(sorted(origin_kinds))).order_by(col(StoredFile.id).desc()).limit(size)
    return [FileRow._make(row) for row in session.execute(found, {"order_id": order_id})]


def has_files_from_elsewhere(session: Session, order_id: int, origin_kinds: frozenset[str]) -> bool:
    """Return whether an order has files that came with anything but these kinds of things."""
    others = _OF_ORDER.where(col(StoredFile.origin_kind).not_in(sorted(origin_kinds)))
    return bool(session.execute(select(others.exists()), {"order_id": order_id}).scalar_one())


def files_that_came_with(
    session: Session, order_id: int, *origin_kinds: str, between: tuple[int, int] | None = None
) -> list[FileRow]:
    """Read the files of an order that came with some kinds of things, oldest first.

    Args:
        session: the page's read session.
        order_id: the order.
        origin_kinds: with what they came, as in ``orders.delivery``.
        between: the first and the last of those things, by id, for a page that shows some of them; ``None`` for all.
    """
    given = {"order_id": order_id}
    if between is not None:
        given["first"], given["last"] = between
    rows = session.execute(_came_with(origin_kinds, between is not None), given)
    return [FileRow._make(row) for row in rows]


def by_origin(files: Sequence[FileRow]) -> Mapping[int | None, list[FileRow]]:
    """Group files by that with which they came."""
    groups: dict[int | None, list[FileRow]] = {}
    for file in files:
        groups.setdefault(file.origin_id, []).append(file)
    return groups


def bytes_of(session: Session, order_id: int) -> int:
    """Return how much the files of an order take."""
    return int(session.execute(_TAKEN, {"order_id": order_id}).scalar_one())


def count_files(order_id: Any, _person_id: Any) -> Any:
    """The Attachments tab's badge: a column of the page's header statement."""
    mine = (col(StoredFile.owner_kind) == ORDER_OWNER, col(StoredFile.owner_id) == order_id)
    return select(func.count()).select_from(StoredFile).where(*mine).scalar_subquery()


def last_act_of_others(session: Session, order_id: int, person_id: int) -> datetime | None:
    """Return when anybody but a person last acted on an order, by everything that modules count as acting.

    Args:
        session: the page's read session, or the action's transaction.
        order_id: the order.
        person_id: whose own acts don't count.
    """
    row = session.execute(contributions().derived(_last_acts), {"order_id": order_id, "person_id": person_id}).one()
    return max((at for at in row if at is not None), default=None)


def _last_acts(found: Any) -> Select[Any]:
    given: tuple[Any, Any] = (bindparam("order_id"), bindparam("person_id"))
    acts: Sequence[LastAct] = found.order_last_acts
    return prepared(select(*(act.at(*given).label(f"act_{number}") for number, act in enumerate(acts))))


def last_activity(order_id: Any, person_id: Any) -> Any:
    """What counts as acting, for orders themselves: a step, a request or an upload of somebody, not of the clock."""
    others = (col(Activity.actor_id).is_not(None), col(Activity.actor_id) != person_id, col(Activity.kind) != "private_read")
    return select(func.max(col(Activity.at))).where(col(Activity.order_id) == order_id, *others).scalar_subquery()


def origins_by_kind(found: Any) -> Mapping[str, FileOrigin]:
    """Return that with which files come, by its name."""
    return {origin.kind: origin for origin in found.order_file_origins}
