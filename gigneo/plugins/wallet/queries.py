"""What the wallet's pages and other plugins read: Core rows from statements that are made once, into frozen views."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, literal, select, tuple_, union_all
from sqlmodel import Session

from gigneo.api import prepared
from gigneo.contributions import LazyText
from gigneo.plugins.wallet.kinds import ACCOUNT_LABELS, LABELS, PARTY_LABELS, own_label
from gigneo.plugins.wallet.ledger import accounts, postings, transfers
from gigneo.plugins.wallet.models import AccountKind
from gigneo.plugins.wallet.purses import OrderPurse
from gigneo.plugins.wallet.terms import terms

PAGE: Final = 25
SOON: Final = 5
MOST: Final = 100
"""How many payouts the wallet shows at first, and at most."""


@dataclass(frozen=True, slots=True)
class Balances:
    """A person's money, in minor units.

    Attributes:
        available: can be spent.
        clearing: earned, not yet paid out.
        escrow: paid for orders that are not finished.
        expected: in the escrow of orders that the person works on, less commission.
    """

    available: int
    clearing: int
    escrow: int
    expected: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a person's statement.

    Attributes:
        id: the posting; the key of paging.
        at: when.
        label: what happened.
        amount_minor: above zero for what came, below for what went.
        number: the order's public number, or empty.
        title: the order's title, or empty.
    """

    id: int
    at: datetime
    label: LazyText
    amount_minor: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of a statement.

    Attributes:
        movements: newest first.
        newer: the posting to page from towards the present, or ``None``.
        older: the posting to page from towards the past, or ``None``.
    """

    movements: tuple[Movement, ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Money that will reach a person when an order's clearing is over.

    Attributes:
        number: the order's public number.
        title: the order's title.
        amount_minor: how much.
        clears_at: when, unless something stands against it.
    """

    number: str
    title: str
    amount_minor: int
    clears_at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """The next payouts to a person.

    Attributes:
        payouts: soonest first.
        more: how many there are besides.
        more_minor: what those come to.
    """

    payouts: tuple[Upcoming, ...]
    more: int = 0
    more_minor: int = 0


@dataclass(frozen=True, slots=True)
class Payment:
    """One movement of an order's money.

    Attributes:
        transfer_id: the business fact that it belongs to.
        at: when.
        label: what happened.
        source: where the money left.
        target: where it arrived.
        amount_minor: how much.
    """

    transfer_id: int
    at: datetime
    label: LazyText
    source: LazyText
    target: LazyText
    amount_minor: int


def balances(session: Session, user_id: int, currency: str) -> Balances:
    """Return a person's money in one read."""
    row = session.execute(_BALANCES, {"user": user_id, "currency": currency}).one()
    return Balances(*(int(value or 0) for value in row))


def available(session: Session, user_id: int, currency: str) -> int:
    """Return what a person can spend."""
    return int(session.execute(_AVAILABLE, {"user": user_id, "currency": currency}).scalar() or 0)


def upcoming(session: Session, user_id: int, most: int = SOON) -> Coming:
    """Return the next payouts to a person, in one read; those beyond ``most`` are counted."""
    rows = session.execute(_UPCOMING, {"user": user_id, "most": most}).all()
    payouts = tuple(Upcoming(*row[:4]) for row in rows)
    if not rows:
        return Coming(payouts)
    return Coming(payouts, rows[0].all_of_them - len(rows), int(rows[0].all_minor) - sum(one.amount_minor for one in payouts))


def statement(session: Session, user_id: int, currency: str, *, before: int | None = None, after: int | None = None) -> Statement:
    """Return a page of a person's statement, newest first.

    Args:
        session: reads it.
        user_id: whose.
        currency: of which account.
        before: show what is older than this posting.
        after: show what is newer than this posting.
    """
    values, sqlite = {"user": user_id, "currency": currency}, session.get_bind().dialect.name == "sqlite"
    if after is not None:
        rows = list(session.execute(_AFTER[sqlite], {**values, "edge": after}))
        more_newer, more_older = len(rows) > PAGE, True
        rows = rows[:PAGE][::-1]
    else:
        edge = before if before is not None else 2**63 - 1
        rows = list(session.execute(_BEFORE[sqlite], {**values, "edge": edge}))
        more_newer, more_older = before is not None, len(rows) > PAGE
        rows = rows[:PAGE]
    movements = tuple(
        Movement(row.id, row.created_at, own_label(row.kind, row.other), row.amount, row.number or "", row.title or "")
        for row in rows
    )
    return Statement(
        movements,
        newer=movements[0].id if movements and more_newer else None,
        older=movements[-1].id if movements and more_older else None,
    )


def purse(session: Session, order_id: int) -> OrderPurse | None:
    """Return where an order's money is, or ``None`` when it was never paid."""
    row = session.execute(_PURSE, {"order": order_id}).first()
    return None if row is None else OrderPurse(*row)


def payments(session: Session, order_id: int) -> list[Payment]:
    """Return every movement of an order's money, newest first."""
    return [
        Payment(
            row.id,
            row.created_at,
            LABELS.get(row.kind, row.kind),
            _place(row.source, row.kind),
            _place(row.target, row.kind),
            row.amount_minor,
        )
        for row in session.execute(_PAYMENTS, {"order": order_id})
    ]


def _place(account: str, kind: str) -> LazyText:
    label = ACCOUNT_LABELS.get(account, account)
    return PARTY_LABELS.get(kind, label) if account == AccountKind.AVAILABLE else label


# -------------------------------------------------------------------------------------------------------- statements

_mine = (
    (accounts.c.user_id == bindparam("user"))
    & (accounts.c.kind == AccountKind.AVAILABLE.value)
    & (accounts.c.currency == bindparam("currency"))
)
_AVAILABLE = prepared(select(accounts.c.balance_minor).where(_mine))
_payout = terms.c.price_minor - terms.c.awarded_minor - terms.c.commission_minor + terms.c.commission_back_minor


def _in_orders(kind: AccountKind, party: str) -> Any:
    return (
        select(func.sum(accounts.c.balance_minor))
        .join_from(terms, accounts, (accounts.c.order_id == terms.c.order_id) & (accounts.c.kind == kind.value))
        .where(terms.c[party] == bindparam("user"), terms.c.settled_at.is_(None))
        .where(accounts.c.currency == bindparam("currency"))
        .scalar_subquery()
    )


_BALANCES = prepared(
    select(
        _AVAILABLE.scalar_subquery(),
        _in_orders(AccountKind.CLEARING, "freelancer_id"),
        _in_orders(AccountKind.ESCROW, "employer_id"),
        select(func.sum(_payout))
        .where(terms.c.freelancer_id == bindparam("user"), terms.c.settled_at.is_(None), terms.c.released_at.is_(None))
        .where(terms.c.currency == bindparam("currency"))
        .scalar_subquery(),
    )
)

_UPCOMING = prepared(
    select(
        terms.c.number,
        terms.c.title,
        _payout,
        terms.c.clears_at,
        func.count().over().label("all_of_them"),
        func.sum(_payout).over().label("all_minor"),
    )
    .where(terms.c.freelancer_id == bindparam("user"), terms.c.settled_at.is_(None), terms.c.released_at.is_not(None))
    .order_by(terms.c.clears_at, terms.c.order_id)
    .limit(bindparam("most"))
)


def _moved(*, newest_first: bool, sqlite: bool) -> Any:
    """The account's postings, from each side's own index, so that a page costs the same however many there are.

    SQLite seeks by an equality. PostgreSQL, given one, may take the order from the primary key and walk past everybody
    else's postings; comparing account and edge as one row leaves it the side's index only.
    """
    mine, sides = _mine_id(), []
    edge: Any = bindparam("edge")
    credit, debit = postings.c.credit_account_id, postings.c.debit_account_id
    for column, other, sign in ((credit, debit, 1), (debit, credit, -1)):
        place, here = tuple_(column, postings.c.id), tuple_(mine, edge)
        amount = (postings.c.amount_minor * literal(sign)).label("amount")
        side = select(postings.c.id, postings.c.transfer_id, other.label("other_id"), amount)
        if newest_first:
            side = side.where(column == mine, postings.c.id < edge) if sqlite else side.where(place < here, column >= mine)
            side = side.order_by(column.desc(), postings.c.id.desc())
        else:
            side = side.where(column == mine, postings.c.id > edge) if sqlite else side.where(place > here, column <= mine)
            side = side.order_by(column, postings.c.id)
        sides.append(select(side.limit(PAGE + 1).subquery()))
    both = union_all(*sides).subquery()
    chosen, other_side = both.c.id.desc() if newest_first else both.c.id.asc(), accounts.alias("other_side")
    fact = (transfers.c.kind, transfers.c.created_at, terms.c.number, terms.c.title)
    return prepared(
        select(both.c.id, both.c.amount, other_side.c.kind.label("other"), *fact)
        .join(transfers, transfers.c.id == both.c.transfer_id)
        .join(other_side, other_side.c.id == both.c.other_id)
        .outerjoin(terms, terms.c.order_id == transfers.c.order_id)
        .order_by(chosen)
        .limit(PAGE + 1)
    )


def _mine_id() -> Any:
    return select(accounts.c.id).where(_mine).scalar_subquery()


_BEFORE = {sqlite: _moved(newest_first=True, sqlite=sqlite) for sqlite in (True, False)}
_AFTER = {sqlite: _moved(newest_first=False, sqlite=sqlite) for sqlite in (True, False)}


def _balance_of(kind: AccountKind) -> Any:
    found = select(accounts.c.balance_minor).where(accounts.c.order_id == terms.c.order_id, accounts.c.kind == kind.value)
    return func.coalesce(found.correlate(terms).scalar_subquery(), 0)


_PURSE = prepared(
    select(
        terms.c.price_minor,
        terms.c.employer_fee_minor,
        terms.c.commission_minor,
        terms.c.rate_basis_points,
        terms.c.awarded_minor,
        terms.c.commission_back_minor,
        terms.c.fee_back_minor,
        _balance_of(AccountKind.ESCROW),
        _balance_of(AccountKind.CLEARING),
        terms.c.paid_at,
        terms.c.released_at,
        terms.c.clears_at,
        terms.c.settled_at,
    ).where(terms.c.order_id == bindparam("order"))
)

_source, _target = accounts.alias("source"), accounts.alias("target")
_PAYMENTS = prepared(
    select(
        transfers.c.id,
        transfers.c.created_at,
        transfers.c.kind,
        _source.c.kind.label("source"),
        _target.c.kind.label("target"),
        postings.c.amount_minor,
    )
    .join_from(transfers, postings, postings.c.transfer_id == transfers.c.id)
    .join(_source, _source.c.id == postings.c.debit_account_id)
    .join(_target, _target.c.id == postings.c.credit_account_id)
    .where(transfers.c.order_id == bindparam("order"))
    .order_by(transfers.c.id.desc(), postings.c.id)
)
