"""The wallet's tables: accounts, transfers with their immutable postings, and what each order was paid for.

Money moves from the debit account to the credit account of a posting, so an account's balance is what was credited less
what was debited. A posting has both sides in one row: a transfer that doesn't balance can't be written.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, column
from sqlmodel import Field

from gigneo.api import BigKey, ForeignId, Id, table_base
from gigneo.plugins.wallet.columns import Amount, Moment, Words

Table = table_base("wallet")


class AccountKind(StrEnum):
    """What an account is for, and with that whose it is."""

    AVAILABLE = "available"
    ESCROW = "escrow"
    CLEARING = "clearing"
    COMMISSION = "commission"
    FEES = "fees"
    ADJUSTMENTS = "adjustments"
    LOSSES = "losses"
    OUTSIDE = "outside"
    IN_FLIGHT = "in_flight"


USER_KINDS = (AccountKind.AVAILABLE,)
ORDER_KINDS = (AccountKind.ESCROW, AccountKind.CLEARING)
PLATFORM_KINDS = (AccountKind.COMMISSION, AccountKind.FEES, AccountKind.ADJUSTMENTS, AccountKind.LOSSES)
GATEWAY_KINDS = (AccountKind.OUTSIDE, AccountKind.IN_FLIGHT)


def _listed(kinds: tuple[AccountKind, ...]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in kinds)


OWNER_RULE = (
    f"(kind IN ({_listed(USER_KINDS)}) AND user_id IS NOT NULL AND order_id IS NULL AND gateway IS NULL"
    " AND balance_minor IS NOT NULL)"
    f" OR (kind IN ({_listed(ORDER_KINDS)}) AND order_id IS NOT NULL AND user_id IS NULL AND gateway IS NULL"
    " AND balance_minor IS NOT NULL)"
    f" OR (kind IN ({_listed(PLATFORM_KINDS)}) AND user_id IS NULL AND order_id IS NULL AND gateway IS NULL"
    " AND balance_minor IS NULL)"
    f" OR (kind IN ({_listed(GATEWAY_KINDS)}) AND gateway IS NOT NULL AND user_id IS NULL AND order_id IS NULL"
    " AND balance_minor IS NULL)"
)
"""Each kind has its own owner; people and orders keep a running balance, the platform and the gateways don't."""

RATE_RULE = "rate_basis_points >= 0 AND rate_basis_points <= 10000"
AWARDED_RULE = "awarded_minor >= 0 AND awarded_minor <= price_minor AND (awarded_minor = 0 OR released_at IS NOT NULL)"
COMMISSION_BACK_RULE = (
    "commission_back_minor >= 0 AND commission_back_minor <= commission_minor AND commission_back_minor <= awarded_minor"
    " AND commission_minor - commission_back_minor <= price_minor - awarded_minor"
)
FEE_BACK_RULE = (
    "fee_back_minor >= 0 AND fee_back_minor <= employer_fee_minor AND (awarded_minor > 0 OR fee_back_minor = 0)"
    " AND (awarded_minor < price_minor OR fee_back_minor = employer_fee_minor)"
)
"""What was given back fits what was paid; that it is the exact share is proven by the audit."""


def _unique_owner(name: str, *columns: str, where: object) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


class Account(Table, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A place where money can be.

    Attributes:
        id: the key; accounts are locked in its order.
        kind: an :class:`AccountKind`.
        user_id: whose it is, for a person's.
        order_id: the order, for an order's.
        gateway: the gateway, for a gateway's.
        currency: ISO 4217.
        balance_minor: the running balance of people's and orders' accounts, never below zero. The platform's and the
            gateways' sums come from the postings, so that no row is written by everybody.
    """

    __tablename__ = "wallet_account"
    __table_args__ = (
        CheckConstraint("balance_minor >= 0", name="floor"),
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint(OWNER_RULE, name="owner"),
        _unique_owner("uq_wallet_account_user", "user_id", "kind", "currency", where=column("user_id").is_not(None)),
        _unique_owner("uq_wallet_account_order", "order_id", "kind", "currency", where=column("order_id").is_not(None)),
        _unique_owner("uq_wallet_account_gateway", "gateway", "kind", "currency", where=column("gateway").is_not(None)),
        _unique_owner(
            "uq_wallet_account_platform",
            "kind",
            "currency",
            where=column("user_id").is_(None) & column("order_id").is_(None) & column("gateway").is_(None),
        ),
        {"sqlite_strict": True},
    )

    id: int | None = Id()
    kind: str = Words()
    user_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    order_id: int | None = Field(default=None, sa_type=BigKey, nullable=True)
    gateway: str | None = Words(default=None, nullable=True)
    currency: str = Words()
    balance_minor: int | None = Amount(default=None, nullable=True)


class Transfer(Table, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A business fact that moved money. It is written once, and never changed or deleted.

    Attributes:
        id: the key.
        key: the fact's own key, unique: it can happen once only, whoever retries.
        body_hash: of what was asked for; the same key with another body is refused.
        kind: a name of :mod:`gigneo.plugins.wallet.kinds`.
        order_id: the order that it belongs to, if any.
        actor_id: who did it; ``None`` for the system.
        memo: a note for people, may be empty.
        created_at: when.
    """

    __tablename__ = "wallet_transfer"
    __table_args__ = (
        Index("ix_wallet_transfer_order_id", "order_id"),
        {"sqlite_strict": True},
    )

    id: int | None = Id()
    key: str = Words(unique=True)
    body_hash: str = Words()
    kind: str = Words()
    order_id: int | None = Field(default=None, sa_type=BigKey, nullable=True)
    actor_id: int | None = Field(default=None, sa_type=BigKey, nullable=True)
    memo: str = Words(default="")
    created_at: datetime = Moment()


class Posting(Table, table=True):  # type: ignore[misc, valid-type, call-arg]
    """One movement of a transfer. It is written once, and never changed or deleted.

    Attributes:
        id: the key.
        transfer_id: the fact that it belongs to.
        debit_account_id: where the money leaves.
        credit_account_id: where it arrives.
        amount_minor: how much, above zero.
        created_at: when.
    """

    __tablename__ = "wallet_posting"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_sides"),
        Index("ix_wallet_posting_debit", "debit_account_id", "id"),
        Index("ix_wallet_posting_credit", "credit_account_id", "id"),
        {"sqlite_strict": True},
    )

    id: int | None = Id()
    transfer_id: int = ForeignId("wallet_transfer.id")
    debit_account_id: int = ForeignId("wallet_account.id", index=False)
    credit_account_id: int = ForeignId("wallet_account.id", index=False)
    amount_minor: int = Amount()
    created_at: datetime = Moment()


class OrderMoney(Table, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What an order was paid for, as the wallet was told at that moment: the frozen terms that every later step uses.

    Attributes:
        order_id: the order.
        number: its public number.
        title: what was agreed, for statements.
        employer_id: who paid.
        freelancer_id: who will be paid.
        currency: ISO 4217.
        price_minor: the agreed price.
        employer_fee_minor: what the employer paid on top.
        commission_minor: what the platform keeps of the price, as long as nothing is given back.
        rate_basis_points: the frozen percentage behind it, by which it is kept of what is left of the price.
        awarded_minor: the part of the price that was given back to the employer while it was clearing, in total.
        commission_back_minor: what the platform gave back of its commission for that.
        fee_back_minor: what the platform gave back of the employer's fee for that.
        paid_at: when the money went into escrow.
        released_at: when it left escrow for clearing; ``None`` before, and for a refunded order.
        clears_at: when clearing ends; ``None`` until it was released.
        settled_at: when the last of it reached a person; ``None`` while something is in escrow or clearing. Nothing is
            given back after it.
    """

    __tablename__ = "wallet_order_terms"
    __table_args__ = (
        CheckConstraint("price_minor >= 1", name="price"),
        CheckConstraint("employer_fee_minor >= 0", name="employer_fee"),
        CheckConstraint("commission_minor >= 0 AND commission_minor <= price_minor", name="commission"),
        CheckConstraint("employer_id <> freelancer_id", name="two_people"),
        CheckConstraint(RATE_RULE, name="rate"),
        CheckConstraint(AWARDED_RULE, name="awarded"),
        CheckConstraint(COMMISSION_BACK_RULE, name="commission_back"),
        CheckConstraint(FEE_BACK_RULE, name="fee_back"),
        Index(
            "ix_wallet_order_terms_open_employer",
            "employer_id",
            sqlite_where=column("settled_at").is_(None),
            postgresql_where=column("settled_at").is_(None),
        ),
        Index(
            "ix_wallet_order_terms_open_freelancer",
            "freelancer_id",
            sqlite_where=column("settled_at").is_(None),
            postgresql_where=column("settled_at").is_(None),
        ),
        {"sqlite_strict": True},
    )

    order_id: int = Field(sa_type=BigKey, primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: str = Words()
    title: str = Words()
    employer_id: int = ForeignId("account_user.id", index=False)
    freelancer_id: int = ForeignId("account_user.id", index=False)
    currency: str = Words()
    price_minor: int = Amount()
    employer_fee_minor: int = Amount()
    commission_minor: int = Amount()
    rate_basis_points: int = Amount(default=0)
    awarded_minor: int = Amount(default=0)
    commission_back_minor: int = Amount(default=0)
    fee_back_minor: int = Amount(default=0)
    paid_at: datetime = Moment()
    released_at: datetime | None = Moment(default=None, nullable=True)
    clears_at: datetime | None = Moment(default=None, nullable=True)
    settled_at: datetime | None = Moment(default=None, nullable=True)
