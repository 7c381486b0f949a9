"""The one way to move money: a transfer with its postings, written once for its key, never below the floor.

Order of locks: whoever calls has locked what it decides on (the order, then its terms); here follow the accounts in the
order of their ids. A refused key is free: nothing was written, so it can be used again.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, Table, and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from gigneo.api import Refused, fmt, gettext, now, prepared
from gigneo.plugins.wallet.models import Account, AccountKind, Posting, Transfer

LARGEST: Final = 2**63 - 1
"""The largest balance that both databases can hold; what would pass it is refused before it is computed there."""

KEEPING: Final = frozenset({AccountKind.AVAILABLE, AccountKind.ESCROW, AccountKind.CLEARING})
"""The kinds of accounts that keep a running balance with a floor."""

OWNERS: Final = ("user_id", "order_id", "gateway")
"""The columns that say whose an account is; at most one of them does."""

accounts: Final[Table] = Account.__table__
transfers: Final[Table] = Transfer.__table__
postings: Final[Table] = Posting.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """Names an account, which is made when money first comes to it.

    Attributes:
        kind: what it is for.
        currency: ISO 4217.
        user_id: whose it is, for a person's.
        order_id: the order, for an order's.
        gateway: the gateway, for a gateway's.
    """

    kind: AccountKind
    currency: str
    user_id: int | None = None
    order_id: int | None = None
    gateway: str | None = None

    @property
    def name(self) -> str:
        """The account in one word, as in ``escrow:12:EUR``."""
        owner = next((str(one) for one in (self.user_id, self.order_id, self.gateway) if one is not None), "")
        return f"{self.kind.value}:{owner}:{self.currency}"

    @property
    def owner(self) -> str | None:
        """The column that says whose it is; ``None`` for the platform's."""
        return next((name for name in OWNERS if getattr(self, name) is not None), None)

    def values(self) -> dict[str, Any]:
        """The columns that name it."""
        return {
            "kind": self.kind.value,
            "currency": self.currency,
            "user_id": self.user_id,
            "order_id": self.order_id,
            "gateway": self.gateway,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of a transfer.

    Attributes:
        debit: where the money leaves.
        credit: where it arrives.
        amount_minor: how much, above zero.
    """

    debit: Place
    credit: Place
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A transfer that is in the ledger.

    Attributes:
        id: the transfer.
        created_at: when it was written.
        again: true when it had been written before, by an earlier call with the same key and body.
    """

    id: int
    created_at: datetime
    again: bool


def post(
    session: Session,
    key: str,
    kind: str,
    lines: Sequence[Line],
    *,
    order_id: int | None = None,
    actor_id: int | None = None,
    memo: str = "",
) -> Booked:
    """Write a business fact with all its movements, once.

    Args:
        session: the action's writing transaction.
        key: the fact's own key. The same key with the same body gives the first transfer again.
        kind: a name of :mod:`gigneo.plugins.wallet.kinds`.
        lines: at least one, all in one currency.
        order_id: the order that it belongs to.
        actor_id: who does it; ``None`` for the system.
        memo: a note for people.

    Raises:
        Refused: ``key_reused``: the key stands for something else. ``not_enough``: a person's or an order's account
            would go below zero. ``too_large``: it would pass 64 bits. ``amount``, ``same_account``, ``currency``,
            ``empty``: the lines make no sense. Nothing was written.
    """
    _refuse_impossible(lines)
    body_hash = hash_body(kind, order_id, lines)
    first = _first(session, key, body_hash)
    if first is not None:
        return first
    places = {place for line in lines for place in (line.debit, line.credit)}
    found = _locked(session, places)
    changes = _changes(lines)
    for place, change in changes.items():
        refusal = _refusal(place, found[place].balance_minor or 0, change)
        if refusal is not None:
            # While we waited for the lock, somebody may have written this very fact and spent the money with it.
            first = _first(session, key, body_hash)
            if first is not None:
                return first
            raise refusal
    at = now()
    fact = {"key": key, "body_hash": body_hash, "kind": kind, "order_id": order_id, "actor_id": actor_id, "memo": memo}
    transfer_id = session.execute(_inserting(session.get_bind().dialect.name, transfers), {**fact, "created_at": at}).scalar()
    if transfer_id is None:
        first = _first(session, key, body_hash)
        assert first is not None, "a key was taken and is gone again, which the database does not allow"
        return first
    session.execute(
        _MOVEMENT,
        [
            {
                "transfer_id": transfer_id,
                "debit_account_id": found[line.debit].id,
                "credit_account_id": found[line.credit].id,
                "amount_minor": line.amount_minor,
                "created_at": at,
            }
            for line in lines
        ],
    )
    if changes:
        session.execute(_MOVE, [{"account": found[place].id, "change": change} for place, change in changes.items()])
    return Booked(int(transfer_id), at, again=False)


def hash_body(kind: str, order_id: int | None, lines: Iterable[Line]) -> str:
    """Return what a transfer does as one hash: what, for which order, from where to where, how much."""
    return hash_text(body_text(kind, order_id, lines))


def body_text(kind: str, order_id: int | None, lines: Iterable[Line]) -> str:
    """Return what a transfer does as the text that is hashed."""
    body = [kind, order_id, [[line.debit.name, line.credit.name, line.amount_minor] for line in lines]]
    return json.dumps(body, separators=(",", ":"))


def hash_text(body: str) -> str:
    """Return the hash of :func:`body_text`."""
    return hashlib.sha256(body.encode()).hexdigest()


_MOVE = prepared(
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(balance_minor=accounts.c.balance_minor + bindparam("change"))
)
_MOVEMENT = prepared(
    postings.insert().values({column.name: bindparam(column.name) for column in postings.c if column.name != "id"}).inline()
)
_FIRST = prepared(
    select(transfers.c.id, transfers.c.body_hash, transfers.c.created_at).where(transfers.c.key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    balance_minor: int | None


def _first(session: Session, key: str, body_hash: str) -> Booked | None:
    """Return the transfer that a key stands for, if there is one."""
    row = session.execute(_FIRST, {"key": key}).first()
    if row is None:
        return None
    if row.body_hash != body_hash:
        raise Refused(gettext("This was already booked, with other values. Nothing was booked now."), code="key_reused")
    return Booked(row.id, row.created_at, again=True)


def _refuse_impossible(lines: Sequence[Line]) -> None:
    if not lines:
        raise Refused(gettext("A transfer moves something."), code="empty")
    if len({place.currency for line in lines for place in (line.debit, line.credit)}) != 1:
        raise Refused(gettext("A transfer moves one currency."), code="currency")
    for line in lines:
        if type(line.amount_minor) is not int or line.amount_minor < 1:
            raise Refused(gettext("The amount must be more than zero."), code="amount")
        if line.amount_minor > LARGEST:
            raise Refused(gettext("This amount is too large to be booked."), code="too_large")
        if line.debit == line.credit:
            raise Refused(gettext("A transfer goes from one account to another."), code="same_account")


def _changes(lines: Sequence[Line]) -> dict[Place, int]:
    """Return what happens to each account that keeps a balance."""
    changes: dict[Place, int] = {}
    for line in lines:
        for place, amount in ((line.debit, -line.amount_minor), (line.credit, line.amount_minor)):
            if place.kind in KEEPING:
                changes[place] = changes.get(place, 0) + amount
    return changes


def _refusal(place: Place, balance: int, change: int) -> Refused | None:
    if balance + change > LARGEST:
        return Refused(gettext("This amount is too large to be booked."), code="too_large")
    if balance + change >= 0:
        return None
    money = {"there": fmt.money(balance, place.currency), "needed": fmt.money(-change, place.currency)}
    if place.kind == AccountKind.AVAILABLE:
        return Refused(gettext("The wallet holds %(there)s, and this needs %(needed)s.", **money), code="not_enough")
    return Refused(gettext("The order holds %(there)s, and this would take %(needed)s.", **money), code="not_enough")


def _locked(session: Session, places: set[Place]) -> dict[Place, _Found]:
    """Find the accounts, make those that are not there yet, and lock those that keep a balance, in the order of ids."""
    found = _find(session, [place for place in places if place.kind in KEEPING], lock=True)
    found |= _find(session, [place for place in places if place.kind not in KEEPING], lock=False)
    missing = sorted(places - found.keys(), key=lambda place: place.name)
    for place in missing:
        balance = 0 if place.kind in KEEPING else None
        made = session.execute(
            _inserting(session.get_bind().dialect.name, accounts), {**place.values(), "balance_minor": balance}
        ).scalar()
        if made is not None:
            found[place] = _Found(int(made), balance)
        else:
            found |= _find(session, [place], lock=place.kind in KEEPING)
    return found


def _find(session: Session, places: Sequence[Place], *, lock: bool) -> dict[Place, _Found]:
    if not places:
        return {}
    given: dict[str, Any] = {}
    for number, place in enumerate(places):
        given |= {f"{name}_{number}": value for name, value in place.values().items() if value is not None}
    statement = _finding(tuple(place.owner for place in places), lock=lock)
    return {
        Place(AccountKind(row.kind), row.currency, row.user_id, row.order_id, row.gateway): _Found(row.id, row.balance_minor)
        for row in session.execute(statement, given)
    }


@lru_cache(maxsize=256)
def _finding(owners: tuple[str | None, ...], *, lock: bool) -> Select[Any]:
    """Make the statement that finds as many accounts, each by the unique index of its kind of owner.

    Args:
        owners: for each account the column that names whose it is; ``None`` for the platform's.
        lock: whether to lock them, in the order of their ids.
    """
    named = []
    for number, owner in enumerate(owners):
        names = ("kind", "currency", owner) if owner is not None else ("kind", "currency")
        same = [accounts.c[name] == bindparam(f"{name}_{number}") for name in names]
        same += [accounts.c[name].is_(None) for name in OWNERS if owner is None]
        named.append(and_(*same))
    statement = select(accounts).where(or_(*named)).order_by(accounts.c.id)
    return prepared(statement.with_for_update() if lock else statement)


@lru_cache(maxsize=8)
def _inserting(dialect: str, table: Table) -> Any:
    """Make the statement that writes an account or a transfer and gives its id, or gives nothing when there is one already."""
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(table)
    given: dict[str, Any] = {column.name: bindparam(column.name) for column in table.c if column.name != "id"}
    return prepared(statement.values(given).on_conflict_do_nothing().returning(table.c.id))
