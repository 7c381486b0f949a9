"""The money of copied orders, as the use cases would have booked it: the same keys, hashes, postings and balances."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import BigInteger, Text, and_, case, cast, column, func, insert, literal, select, union_all, update, values
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause
from sqlmodel import Session

from gigneo.api import PLAN, Copies, planned_value
from gigneo.plugins.wallet.ledger import Line, Place, accounts, body_text, hash_text, postings, transfers
from gigneo.plugins.wallet.models import AccountKind
from gigneo.plugins.wallet.services import schedule_clearing
from gigneo.plugins.wallet.terms import terms

_ORDER, _EMPLOYER, _FREELANCER = 10**17 + 1, 10**17 + 2, 10**17 + 3
"""They stand for the keys of the copy in a pattern's body: numbers that are no key and no amount."""
_debited, _credited = accounts.alias("debited"), accounts.alias("credited")


def open_wallets(session: Session, people: Iterable[int], currency: str) -> None:
    """Make the wallets of people who have none; nothing is in them.

    Args:
        session: a writing transaction.
        people: by id.
        currency: ISO 4217.
    """
    wanted = set(people)
    mine = select(accounts.c.user_id).where(accounts.c.kind == AccountKind.AVAILABLE.value, accounts.c.currency == currency)
    wanted -= set(session.execute(mine.where(accounts.c.user_id.is_not(None))).scalars())
    empty = {"kind": AccountKind.AVAILABLE.value, "currency": currency, "balance_minor": 0}
    if wanted:
        session.execute(insert(accounts), [{**empty, "user_id": person} for person in sorted(wanted)])


def copy_money(copies: Copies) -> None:
    """Copy where the money of orders is, and how it came there. The wallets of the people are there already."""
    copies.rows(accounts, order_id=lambda old: copies.key(old.c.order_id))
    copies.rows(terms, number=planned_value("number"), title=planned_value("title"))
    _copy_transfers(copies)
    _copy_postings(copies)
    _balance(copies)
    _let_clear(copies)


def _copy_transfers(copies: Copies) -> None:
    session, found = copies.session, _bodies(copies)
    if not found:
        return
    bodies = values(column("transfer_id", BigInteger), column("body", Text), name="bodies").data(found).cte("bodies")
    source = copies.of(transfers).add_columns(bodies.c.body).join(bodies, bodies.c.transfer_id == transfers.c.id)
    if copies.sqlite:
        driver: Any = session.connection().connection.driver_connection
        driver.create_function("gigneo_sha256", 1, hash_text, deterministic=True)

    def own(old: FromClause) -> Any:
        order_id = cast(copies.key(old.c.pattern), Text)
        parts = ((_ORDER, order_id), (_EMPLOYER, PLAN.c.employer_id), (_FREELANCER, PLAN.c.freelancer_id))
        body: ColumnElement[Any] = old.c.body
        for mark, key in parts:
            body = func.replace(body, str(mark), cast(key, Text))
        if copies.sqlite:
            return func.gigneo_sha256(body)
        return func.encode(func.sha256(func.convert_to(body, "UTF8")), "hex")

    def key(old: FromClause) -> ColumnElement[Any]:
        was, now = (literal(":").concat(cast(each, Text)).concat(":") for each in (old.c.pattern, copies.key(old.c.pattern)))
        return func.replace(old.c.key, was, now)

    copies.rows(
        transfers,
        source,
        key=key,
        body_hash=own,
        order_id=lambda old: copies.key(old.c.order_id),
        actor_id=lambda old: copies.person(old.c.actor_id),
    )


def _bodies(copies: Copies) -> list[tuple[int, str]]:
    """Return the body of each of the patterns' transfers, with marks in the place of keys."""
    people = {each.pattern: {each.from_employer_id: _EMPLOYER, each.from_freelancer_id: _FREELANCER} for each in copies.planned}
    found: dict[int, tuple[str, list[Line]]] = {}
    for row in copies.session.execute(_LINES.where(transfers.c.order_id.in_(copies.patterns)).order_by(postings.c.id)):
        marks = people[row.order_id]
        debit, credit = (
            Place(
                AccountKind(getattr(row, f"{side}_kind")),
                row.currency,
                user_id=marks.get(getattr(row, f"{side}_user")),
                order_id=None if getattr(row, f"{side}_order") is None else _ORDER,
                gateway=getattr(row, f"{side}_gateway"),
            )
            for side in ("debit", "credit")
        )
        found.setdefault(row.id, (row.kind, []))[1].append(Line(debit, credit, row.amount_minor))
    return [(transfer_id, body_text(kind, _ORDER, lines)) for transfer_id, (kind, lines) in found.items()]


_LINES: Final = (
    select(
        transfers.c.id, transfers.c.kind, transfers.c.order_id, postings.c.amount_minor, _debited.c.currency,
        *(
            side.c[name].label(f"{said}_{short}")
            for side, said in ((_debited, "debit"), (_credited, "credit"))
            for name, short in (("kind", "kind"), ("user_id", "user"), ("order_id", "order"), ("gateway", "gateway"))
        ),
    )
    .join(postings, postings.c.transfer_id == transfers.c.id)
    .join(_debited, _debited.c.id == postings.c.debit_account_id)
    .join(_credited, _credited.c.id == postings.c.credit_account_id)
)  # fmt: skip


def _copy_postings(copies: Copies) -> None:
    sides = {"debit": _debited, "credit": _credited}
    owners = [
        side.c[name].label(f"{said}_{name}") for said, side in sides.items() for name in ("user_id", "order_id", "currency")
    ]
    source = (
        select(*postings.c, *owners, transfers.c.order_id.label("pattern"))
        .join(transfers, transfers.c.id == postings.c.transfer_id)
        .join(_debited, _debited.c.id == postings.c.debit_account_id)
        .join(_credited, _credited.c.id == postings.c.credit_account_id)
        .where(transfers.c.order_id.in_(copies.patterns))
    )

    def account(said: str) -> Any:
        def made(old: FromClause) -> ColumnElement[Any]:
            own = old.c[f"{said}_account_id"]
            wallet = accounts.alias(f"{said}_wallet")
            of_person = select(wallet.c.id).where(
                wallet.c.user_id == copies.person(old.c[f"{said}_user_id"]),
                wallet.c.kind == AccountKind.AVAILABLE.value,
                wallet.c.currency == old.c[f"{said}_currency"],
            )
            return case(
                (old.c[f"{said}_order_id"].is_not(None), copies.key(own)),
                (old.c[f"{said}_user_id"].is_not(None), of_person.scalar_subquery()),
                else_=own,
            )

        return made

    copies.rows(postings, source, debit_account_id=account("debit"), credit_account_id=account("credit"))


def _balance(copies: Copies) -> None:
    """Let people's running balances follow from the postings that were just written."""
    written = postings.c.id.between(copies.first_key, copies.last_key)
    sides = union_all(
        select(postings.c.credit_account_id.label("account"), postings.c.amount_minor.label("amount")).where(written),
        select(postings.c.debit_account_id, -postings.c.amount_minor).where(written),
    ).subquery("sides")
    moved = select(sides.c.account, func.sum(sides.c.amount).label("total")).group_by(sides.c.account).subquery("moved")
    copies.session.execute(
        update(accounts)
        .where(accounts.c.id == moved.c.account, accounts.c.user_id.is_not(None))
        .values(balance_minor=accounts.c.balance_minor + cast(moved.c.total, BigInteger))
    )


def _let_clear(copies: Copies) -> None:
    waiting = and_(terms.c.settled_at.is_(None), terms.c.clears_at.is_not(None))
    clearing = select(terms.c.order_id, terms.c.clears_at).where(terms.c.order_id.in_(copies.patterns), waiting)
    due = {row.order_id: row.clears_at for row in copies.session.execute(clearing)}
    for each in copies.planned:
        if each.pattern in due:
            schedule_clearing(copies.session, each.key(each.pattern), due[each.pattern])
