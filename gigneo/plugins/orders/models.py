"""The tables of orders. The migration makes them; these classes only describe them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, column, false
from sqlmodel import Field

from gigneo.api import BigKey, ForeignId, Id, Minor, When, table_base
from gigneo.plugins.orders.states import STATES

Base = table_base("orders")
REQUEST_KINDS = ("cancellation", "extension", "administrator")
REQUEST_STATES = ("open", "accepted", "rejected", "withdrawn", "answered", "lapsed")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_STATE_LIST = _listed(STATES)


class Order(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What was agreed, copied when it was placed, and how far it has come."""

    __tablename__ = "orders_order"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint(f"state IN ({_STATE_LIST})", name="state"),
        CheckConstraint("employer_id <> freelancer_id", name="two_people"),
        CheckConstraint("price_minor >= 1", name="price"),
        CheckConstraint("employer_fee_minor >= 0", name="employer_fee"),
        CheckConstraint("commission_minor >= 0 AND commission_minor <= price_minor", name="commission"),
        CheckConstraint("days >= 1", name="days"),
        CheckConstraint("revisions_total IS NULL OR revisions_total >= 0", name="revisions_total"),
        CheckConstraint(
            "revisions_used >= 0 AND (revisions_total IS NULL OR revisions_used <= revisions_total)", name="revisions_used"
        ),
        Index("ix_orders_order_employer_newest", "employer_id", "kind", "id"),
        Index("ix_orders_order_employer_state", "employer_id", "kind", "state", "id"),
        Index("ix_orders_order_employer_due", "employer_id", "kind", "state", "due_at", "id"),
        Index("ix_orders_order_freelancer_newest", "freelancer_id", "kind", "id"),
        Index("ix_orders_order_freelancer_state", "freelancer_id", "kind", "state", "id"),
        Index("ix_orders_order_freelancer_due", "freelancer_id", "kind", "state", "due_at", "id"),
        Index("ix_orders_order_state_newest", "state", "id"),
        Index("ix_orders_order_state_due", "state", "due_at", "id"),
        Index("ix_orders_order_freelancer_finished", "freelancer_id", "finished_at"),
    )

    id: int | None = Id()
    number: str
    kind: str
    state: str
    title: str
    package: str
    features: str = Field(default="[]", sa_type=Text)
    category: str = ""
    source_id: int | None = Minor(nullable=True)
    employer_id: int = ForeignId("account_user.id", index=False)
    freelancer_id: int = ForeignId("account_user.id", index=False)
    price_minor: int = Minor()
    employer_fee_minor: int = Minor(default=0)
    commission_minor: int = Minor(default=0)
    rate_basis_points: int = 0
    currency: str = Field(max_length=3)
    days: int
    revisions_total: int | None = None
    revisions_used: int = 0
    placed_at: datetime = When()
    pay_until: datetime | None = When(nullable=True)
    started_at: datetime | None = When(nullable=True)
    due_at: datetime | None = When(nullable=True)
    first_delivered_at: datetime | None = When(nullable=True)
    delivered_at: datetime | None = When(nullable=True)
    finished_at: datetime | None = When(nullable=True)
    on_time: bool | None = None
    cancelled_by: str | None = None
    against_freelancer: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    draft_at: datetime | None = When(nullable=True)
    review_until: datetime | None = When(nullable=True)
    review_left_seconds: int | None = None
    review_stopped: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    review_extended: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    reminded_at: datetime | None = When(nullable=True)
    late_at: datetime | None = When(nullable=True)
    refused_at: datetime | None = When(nullable=True)
    held_at: datetime | None = When(nullable=True)
    undeliverable_at: datetime | None = When(nullable=True)
    version: int = 1
    words: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Word(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A word that some order's title has, folded."""

    __tablename__ = "orders_word"

    word: str = Field(primary_key=True, sa_type=Text)


class Activity(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """One fact of an order's history. Never removed, and never changed, but for what is counted by the day (``tallying``)."""

    __tablename__ = "orders_activity"
    __table_args__ = (Index("ix_orders_activity_order", "order_id", "id"),)

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    at: datetime = When()
    actor_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    kind: str
    params: str = Field(default="{}", sa_type=Text)
    text: str = Field(default="", sa_type=Text)
    order_version: int


class Delivery(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Draft work or a final delivery. Its files are the kernel's, owned by ``orders.delivery``."""

    __tablename__ = "orders_delivery"
    __table_args__ = (Index("ix_orders_delivery_order", "order_id", "id"),)

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    freelancer_id: int = ForeignId("account_user.id", index=False)
    final: bool
    round: int
    description: str = Field(default="", sa_type=Text)
    at: datetime = When()


class Revision(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What the employer asked to change. It closes the round of the delivery that it answers."""

    __tablename__ = "orders_revision"
    __table_args__ = (UniqueConstraint("order_id", "round"),)

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    employer_id: int = ForeignId("account_user.id", index=False)
    round: int
    instructions: str = Field(sa_type=Text)
    at: datetime = When()


class Feedback(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What the employer said about a draft. It changes nothing else."""

    __tablename__ = "orders_feedback"
    __table_args__ = (Index("ix_orders_feedback_order", "order_id", "id"),)

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    delivery_id: int = ForeignId("orders_delivery.id", index=False)
    employer_id: int = ForeignId("account_user.id", index=False)
    round: int
    text: str = Field(sa_type=Text)
    at: datetime = When()


class Request(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What one side asked of the other, or of the administrator. At most one of a kind is open; the database sees to that."""

    __tablename__ = "orders_request"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_listed(REQUEST_KINDS)})", name="kind"),
        CheckConstraint(f"state IN ({_listed(REQUEST_STATES)})", name="state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(kind = 'extension') = (days IS NOT NULL)", name="days"),
        CheckConstraint("days IS NULL OR days >= 1", name="days_positive"),
        Index("ix_orders_request_order", "order_id", "id"),
        Index("ix_orders_request_to", "to_id", "state", "order_id"),
        Index("ix_orders_request_kind", "kind", "state", "order_id"),
        Index(
            "uq_orders_request_open",
            "order_id",
            "kind",
            unique=True,
            sqlite_where=column("state") == "open",
            postgresql_where=column("state") == "open",
        ),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    kind: str
    asked_by_id: int = ForeignId("account_user.id", index=False)
    to_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    reason: str = ""
    text: str = Field(default="", sa_type=Text)
    days: int | None = None
    asked_at: datetime = When()
    answer_by: datetime | None = When(nullable=True)
    silent_at: datetime | None = When(nullable=True)
    stops_review: bool = False
    silence_agrees: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    state: str = "open"
    answered_at: datetime | None = When(nullable=True)
    answered_by_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    answer: str = Field(default="", sa_type=Text)


class ArmedTimer(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A timer that every unfinished order has, as of a revision of the site; one that is not here is armed on all of them."""

    __tablename__ = "orders_timer"

    name: str = Field(primary_key=True)
    revision: int


class Record(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What the paid orders that a freelancer finished in the last 365 days came to; behind the rates on the profile."""

    __tablename__ = "orders_record"
    __table_args__ = (
        CheckConstraint("cancelled >= 0 AND completed >= 0 AND cancelled + completed <= finished", name="counts"),
        CheckConstraint("on_time >= 0 AND on_time <= delivered", name="on_time"),
    )

    freelancer_id: int = Field(
        sa_type=BigKey,
        sa_column_args=[ForeignKey("account_user.id")],
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    finished: int = 0
    completed: int = 0
    cancelled: int = 0
    delivered: int = 0
    on_time: int = 0
    counted_at: datetime = When()


class Hold(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What a plugin blocks on an order. It outlives the plugin: an administrator can lift it."""

    __tablename__ = "orders_hold"
    __table_args__ = (
        Index("ix_orders_hold_order", "order_id", "lifted_at"),
        Index("ix_orders_hold_standing", "lifted_at", "order_id"),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    plugin: str
    reason: str = Field(sa_type=Text)
    actions: str = Field(sa_type=Text)
    placed_at: datetime = When()
    lifted_at: datetime | None = When(nullable=True, index=False)
    lifted_by_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    lifted_reason: str = Field(default="", sa_type=Text)
