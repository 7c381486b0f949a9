"""The lists of orders: filters and sorting as data, keyset pages, one statement each, flat at any number of orders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, bindparam, case, func, literal, not_, or_, select, union, union_all
from sqlmodel import Session, col

from gigneo.api import UtcDateTime, contributions, gettext, prepared
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.orders.cursors import bound, read_cursor, write_cursor
from gigneo.plugins.orders.decisions import states_needing
from gigneo.plugins.orders.filters import ADMIN_FILTERS as ADMIN_FILTERS
from gigneo.plugins.orders.filters import FILTERS as FILTERS
from gigneo.plugins.orders.filters import Filter as Filter
from gigneo.plugins.orders.models import Hold, Request
from gigneo.plugins.orders.queries import EMPLOYERS, FREELANCERS, ORDERS
from gigneo.plugins.orders.searching import (
    BEYOND,
    BY_NUMBER,
    INDEX,
    MATCHES,
    NOTHING,
    SEEN,
    WALK,
    WIDE_WINDOW,
    WINDOW,
    Search,
    indexed,
    walked,
    with_people,
)
from gigneo.plugins.orders.states import CANCELLED, COMPLETED, EMPLOYER, FREELANCER, OPEN, other_role

PAGE_SIZE: Final = 25
CAP: Final = 100
SOON: Final = timedelta(days=1)
ROLES: Final = (EMPLOYER, FREELANCER)


SORTS: Final[Mapping[str, LazyText]] = MappingProxyType({"newest": _l("Newest first"), "due": _l("Due date first")})


class ListRow(NamedTuple):
    """One order in a list."""

    id: int
    number: str
    kind: str
    state: str
    title: str
    package: str
    employer_id: int
    freelancer_id: int
    employer_name: str
    freelancer_name: str
    price_minor: int
    currency: str
    due_at: datetime | None
    finished_at: datetime | None
    placed_at: datetime
    delivered_at: datetime | None
    on_time: bool | None
    undeliverable_at: datetime | None
    held: bool
    flagged: bool
    cancellation: str | None
    extension: bool
    draft_at: datetime | None

    def __hash__(self) -> int:
        """Hash by the key, unlike a plain tuple with the same fields; equality compares everything."""
        return self.id

    def role_of(self, person_id: int) -> str:
        """Return the viewer's role on it."""
        return EMPLOYER if person_id == self.employer_id else FREELANCER

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked of either side, as :mod:`situations` names it."""
        return tuple(name for name in (self.cancellation, "extension" if self.extension else None) if name is not None)

    def other_name(self, role: str) -> str:
        """Return the counterpart's name."""
        return self.freelancer_name if role == EMPLOYER else self.employer_name

    def is_late(self, at: datetime) -> bool:
        """Whether it is past its due date with no final delivery yet; while that is blocked, the due date moves along."""
        return (
            self.state in OPEN
            and self.on_time is None
            and self.due_at is not None
            and self.due_at < (self.undeliverable_at or at)
        )

    def is_due_soon(self, at: datetime) -> bool:
        """Whether the final delivery is due within a day."""
        waits = self.state in OPEN and self.on_time is None and self.due_at is not None
        return waits and at <= self.due_at < at + SOON  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        rows: at most :data:`PAGE_SIZE`.
        older: the cursor of the next page, or ``None`` on the last one.
    """

    rows: tuple[ListRow, ...]
    older: str | None


class Looking(NamedTuple):
    """How a list is read.

    Attributes:
        shape: of the search.
        way: :data:`WALK`, :data:`BEYOND`, or the dialect whose index is asked.
        size: how many rows.
        window: along how many orders it walks.
    """

    shape: int
    way: str
    size: int
    window: int


_OPEN_REQUEST = (col(Request.order_id) == ORDERS.c.id) & (col(Request.state) == "open")
_FLAG = or_(col(Request.kind) == "administrator", col(Request.silent_at).is_not(None))
_NAMED = case(
    (col(Request.silent_at).is_not(None), "unanswered"),
    (col(Request.silence_agrees), "cancellation_by_silence"),
    else_="cancellation",
)
_ASKED_OF_ME = select(col(Request.order_id)).where(col(Request.to_id) == bindparam("person_id"), col(Request.state) == "open")
_FLAGGED = select(col(Request.order_id)).where(col(Request.state) == "open", _FLAG)
_COLUMNS = (
    ORDERS.c.id, ORDERS.c.number, ORDERS.c.kind, ORDERS.c.state, ORDERS.c.title, ORDERS.c.package,
    ORDERS.c.employer_id, ORDERS.c.freelancer_id, EMPLOYERS.c.name.label("employer_name"),
    FREELANCERS.c.name.label("freelancer_name"), ORDERS.c.price_minor, ORDERS.c.currency, ORDERS.c.due_at,
    ORDERS.c.finished_at, ORDERS.c.placed_at, ORDERS.c.delivered_at, ORDERS.c.on_time, ORDERS.c.undeliverable_at,
    ORDERS.c.held_at.is_not(None).label("held"),
    select(literal(1)).select_from(Request).where(_OPEN_REQUEST, _FLAG).exists().label("flagged"),
    select(_NAMED).where(_OPEN_REQUEST, col(Request.kind) == "cancellation").scalar_subquery().label("cancellation"),
    select(literal(1)).select_from(Request).where(_OPEN_REQUEST, col(Request.kind) == "extension").exists().label("extension"),
    ORDERS.c.draft_at,
)  # fmt: skip


def own_orders(
    session: Session,
    person_id: int,
    kind: str,
    show: Filter,
    sort: str,
    cursor: str | None,
    at: datetime,
    search: Search = NOTHING,
) -> Page:
    """Read a page of a person's own orders of one kind, whichever side they are on.

    Args:
        session: the page's read session.
        person_id: whose orders.
        kind: of the orders.
        show: one of :data:`FILTERS`.
        sort: one of :data:`SORTS`; ``due`` counts only where the filter allows it.
        cursor: of the page before, or ``None`` for the first one.
        at: the present, for what is late.
        search: a number's beginning, or words of the title and the other side's name.
    """
    by_due = sort == "due" and show.by_due
    after = read_cursor(cursor, by_due)
    states = tuple(tuple(sorted(states_needing(role) if show.needs_me else show.states)) for role in ROLES)
    search = with_people(session, search, person_id)
    values = {"person_id": person_id, "kind": kind, "at": at, **search.values, **bound(after, by_due)}
    window = WIDE_WINDOW if search.is_dear and session.get_bind().dialect.name != "sqlite" else WINDOW

    def statement(way: str) -> Select[Any]:
        return _own_statement(show, states, by_due, after is not None, Looking(search.shape, way, PAGE_SIZE, window))

    return _page(session, statement, values, by_due, search, PAGE_SIZE)


def every_order(
    session: Session,
    show: Filter,
    sort: str,
    cursor: str | None,
    at: datetime,
    search: Search = NOTHING,
    size: int | None = None,
) -> Page:
    """Read a page of all orders, for administrators.

    Args:
        session: the page's read session.
        show: one of :data:`ADMIN_FILTERS`.
        sort: one of :data:`SORTS`.
        cursor: of the page before, or ``None`` for the first one.
        at: the present, for what is late.
        search: a number's beginning, or words of the title and of both names.
        size: at most so many rows; :data:`PAGE_SIZE` when left out.
    """
    size = PAGE_SIZE if size is None else size
    by_due = sort == "due" and show.by_due
    after = read_cursor(cursor, by_due)
    search = with_people(session, search, None)

    def statement(way: str) -> Select[Any]:
        return _every_statement(show, by_due, after is not None, search.shape, way, size)

    return _page(session, statement, {"at": at, **search.values, **bound(after, by_due)}, by_due, search, size)


def counts_needing(session: Session, person_id: int) -> Mapping[str, int]:
    """Count what needs a person, by kind of order, in one query; each count stops at :data:`CAP`.

    Args:
        session: the page's read session.
        person_id: whose orders.
    """
    states = tuple(tuple(sorted(states_needing(role))) for role in ROLES)
    kinds = tuple(kind.name for kind in contributions().order_kinds)
    found = session.execute(_needing_statement(kinds, states), {"person_id": person_id})
    return {row.kind: row.waiting for row in found}


def count_bought(session: Session, employer_id: int) -> Mapping[str, int]:
    """Count an employer's orders by state, for the administrator who judges one; each count stops at :data:`CAP`."""
    parts = [
        select(literal(state).label("state"))
        .select_from(ORDERS)
        .where(ORDERS.c.employer_id == bindparam("employer_id"), ORDERS.c.state == state, ORDERS.c.kind == kind.name)
        .limit(CAP)
        .subquery()
        for state in (COMPLETED, CANCELLED)
        for kind in contributions().order_kinds
    ]
    found = union_all(*(select(part) for part in parts)).subquery("found")
    rows = session.execute(select(found.c.state, func.count()).group_by(found.c.state), {"employer_id": employer_id})
    return {row[0]: row[1] for row in rows}


@lru_cache(maxsize=256)
def _own_statement(
    show: Filter, states: tuple[tuple[str, ...], ...], by_due: bool, continued: bool, looking: Looking
) -> Select[Any]:
    """One limited walk along an index per side and state, merged: nobody is on both sides of an order."""
    halves = []
    for role, wanted in zip(ROLES, states, strict=True):
        mine = ORDERS.c[f"{role}_id"] == bindparam("person_id")
        half = select(ORDERS.c.id, ORDERS.c.due_at).where(mine, ORDERS.c.kind == bindparam("kind"))
        if show.needs_me:
            asked = half.where(ORDERS.c.id.in_(_ASKED_OF_ME), ORDERS.c.state.in_(OPEN))
            halves.append(select(_narrowed(asked, show, by_due, continued, looking, (other_role(role),)).subquery()))
            if not wanted:
                continue
        for state in wanted or (None,):
            part = half if state is None else half.where(ORDERS.c.state == state)
            halves.append(select(_narrowed(part, show, by_due, continued, looking, (other_role(role),)).subquery()))
    ids = (union if show.needs_me else union_all)(*halves).subquery("found")
    statement = _with_people().join(ids, ids.c.id == ORDERS.c.id)
    return prepared(_ordered(statement, by_due, looking.size + 1))


@lru_cache(maxsize=256)
def _every_statement(show: Filter, by_due: bool, continued: bool, shape: int, way: str, size: int) -> Select[Any]:
    """One limited walk per state, merged; the newest of all go by the primary key."""
    by_key = not (show.states or show.flagged or show.held)
    looking = Looking(shape, way, size, WIDE_WINDOW if by_key else WINDOW)
    walks: Sequence[str | None] = sorted(show.states) or (None,)
    parts = []
    for state in walks:
        part = select(ORDERS.c.id, ORDERS.c.due_at)
        if state is not None:
            part = part.where(ORDERS.c.state == state)
        if show.flagged:
            part = part.where(ORDERS.c.id.in_(_FLAGGED))
        if show.held:
            part = part.where(ORDERS.c.id.in_(select(col(Hold.order_id)).where(col(Hold.lifted_at).is_(None))))
        parts.append(select(_narrowed(part, show, by_due, continued, looking, ROLES).subquery()))
    ids = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("found")
    return prepared(_ordered(_with_people().join(ids, ids.c.id == ORDERS.c.id), by_due, size + 1))


@lru_cache(maxsize=16)
def _needing_statement(kinds: tuple[str, ...], states: tuple[tuple[str, ...], ...]) -> Select[Any]:
    halves = []
    for kind in kinds:
        for role, wanted in zip(ROLES, states, strict=True):
            half = select(ORDERS.c.id, ORDERS.c.kind).where(
                ORDERS.c[f"{role}_id"] == bindparam("person_id"), ORDERS.c.kind == kind
            )
            asked = half.where(ORDERS.c.id.in_(_ASKED_OF_ME), ORDERS.c.state.in_(OPEN))
            halves += [asked, half.where(ORDERS.c.state.in_(wanted))] if wanted else [asked]
    found = union(*(select(half.limit(CAP).subquery()) for half in halves)).subquery("found")
    return prepared(select(found.c.kind, func.count().label("waiting")).group_by(found.c.kind))


def _with_people() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(EMPLOYERS, EMPLOYERS.c.id == ORDERS.c.employer_id)
        .join(FREELANCERS, FREELANCERS.c.id == ORDERS.c.freelancer_id)
    )


def _narrowed(
    part: Select[Any], show: Filter, by_due: bool, continued: bool, looking: Looking, names: tuple[str, ...]
) -> Select[Any]:
    if show.late:
        moves = and_(ORDERS.c.undeliverable_at.is_not(None), ORDERS.c.due_at >= ORDERS.c.undeliverable_at)
        part = part.where(ORDERS.c.on_time.is_(None), ORDERS.c.due_at < bindparam("at", type_=UtcDateTime()), not_(moves))
    if by_due:
        part = part.where(ORDERS.c.due_at.is_not(None))
    if continued and by_due:
        due: Any = bindparam("due", type_=UtcDateTime())
        last: Any = bindparam("last_id")
        part = part.where(ORDERS.c.due_at >= due, or_(ORDERS.c.due_at > due, and_(ORDERS.c.due_at == due, ORDERS.c.id > last)))
    elif continued:
        part = part.where(ORDERS.c.id < bindparam("last_id"))
    if not looking.shape:
        return _ordered(part, by_due, looking.size + 1)
    if looking.way == BEYOND:
        return _ordered(part.with_only_columns(ORDERS.c.id), by_due, 1).offset(looking.window)
    if looking.way == "sqlite" and looking.shape != BY_NUMBER and names == ROLES and not by_due:
        newest = part.join(INDEX, INDEX.c.rowid == ORDERS.c.id).where(MATCHES).order_by(INDEX.c.rowid.desc())
        return newest.limit(looking.size + 1)
    if looking.way != WALK:
        matching = select(indexed(looking.shape, looking.way).c.id)
        return _ordered(part.where(ORDERS.c.id.in_(matching)), by_due, looking.size + 1)
    walk = _ordered(part.add_columns(*SEEN), by_due, looking.window).subquery().c
    seen = select(walk.id, walk.due_at).where(walked(walk, looking.shape, names))
    return _ordered(seen, by_due, looking.size + 1, walk)


def _ordered(statement: Select[Any], by_due: bool, limit: int, of: Any = ORDERS.c) -> Select[Any]:
    order = (of.due_at, of.id) if by_due else (of.id.desc(),)
    return statement.order_by(*order).limit(limit)


def _page(
    session: Session,
    statement: Callable[[str], Select[Any]],
    values: Mapping[str, Any],
    by_due: bool,
    search: Search,
    size: int,
) -> Page:
    """Read a page. Where a walk does not fill it and ended before the list did, the index has to say."""
    rows = [ListRow._make(row) for row in session.execute(statement(WALK), values)]
    if search.shape and len(rows) <= size and session.execute(statement(BEYOND), values).first() is not None:
        dialect = session.get_bind().dialect.name
        rows = [ListRow._make(row) for row in session.execute(statement(dialect), values)]
    more = len(rows) > size
    rows = rows[:size]
    return Page(tuple(rows), write_cursor(rows[-1].id, rows[-1].due_at if by_due else None) if more else None)


def sort_links(show: Filter, sort: str, link: Callable[..., str]) -> list[dict[str, Any]]:
    """Return the orders in which a list can be read, the present one marked; everything else stays as it is chosen.

    Args:
        show: the present filter.
        sort: the present order.
        link: called with ``sort``; gives the address.
    """
    return [
        {"label": label, "url": link(sort=name), "current": name == sort}
        for name, label in SORTS.items()
        if name == "newest" or show.by_due
    ]


def empty_words(show: Filter, searched: str = "") -> tuple[str, str]:
    """Return heading and text of an empty list."""
    if searched:
        return gettext("Nothing found"), gettext("No order here matches “%(words)s”.", words=searched)
    if show.name == "all":
        return gettext("No orders yet"), gettext("What you buy and what you sell shows up here, and whose turn it is.")
    return gettext("Nothing here"), gettext("No order matches this filter.")
