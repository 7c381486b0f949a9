"""One order and three wallets, in plain Python, written from the product's rules and from nothing else.

Nothing of the product is imported. Here is what there is; :mod:`tests.plugins.orders.model_steps` says what each action
changes, :mod:`tests.plugins.orders.model_rules` who may take it, and when.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

PAY_WINDOW = timedelta(hours=24)
REVIEW = timedelta(days=3)
REVIEW_EXTENSION = timedelta(days=3)
REMINDER = timedelta(days=1)
SILENCE = timedelta(hours=48)
CLEARING = timedelta(days=3)
RECORD = timedelta(days=365)
COMMISSION_BASIS_POINTS = 1000

OPEN = frozenset({"active", "delivered", "in_revision"})
PENDING, FINISHED = frozenset({"pending_payment"}), frozenset({"completed", "cancelled"})
STATES = OPEN | PENDING | FINISHED


def commission_of(price: int) -> int:
    """What the platform keeps, rounded half up, once."""
    return (price * COMMISSION_BASIS_POINTS + 5_000) // 10_000


@dataclass
class Purse:
    """The wallets of the two people and of the platform, and where the order's own money is."""

    employer: int = 0
    freelancer: int = 0
    platform: int = 0
    escrow: int = 0
    clearing: int = 0

    def total(self) -> int:
        return self.employer + self.freelancer + self.platform + self.escrow + self.clearing


@dataclass
class Record:
    """What counts for the freelancer: paid orders that are finished, each with when, how, and by whom."""

    ended: list[tuple[datetime, str, str | None]] = field(default_factory=list)

    def counts(self, since: datetime) -> tuple[int, int, int]:
        """How many were finished since, completed, and cancelled by the freelancer."""
        counted = [(state, by) for at, state, by in self.ended if at > since]
        completed = sum(state == "completed" for state, _ in counted)
        return len(counted), completed, sum(by == "freelancer" for _, by in counted)


@dataclass
class Cancellation:
    """An open cancellation request, and when silence is noted; a hold stops that time, too."""

    answer_by: datetime | None
    stops_review: bool
    silent: bool = False
    answer_left: timedelta | None = None

    def mind_the_clock(self, now: datetime, held: bool) -> None:
        if self.answer_by is not None and held and not self.silent:
            self.answer_left, self.answer_by = self.answer_by - now, None
        elif self.answer_left is not None and not held:
            self.answer_by, self.answer_left = now + self.answer_left, None


@dataclass
class Order:
    """One order: its state, and the facts beside it."""

    price: int
    days: int
    revisions_total: int | None
    placed_at: datetime
    state: str = "pending_payment"
    version: int = 1
    activities: int = 1
    revisions_used: int = 0
    due_at: datetime | None = None
    due_left: timedelta | None = None
    on_time: bool | None = None
    draft: bool = False
    late: bool = False
    finished_at: datetime | None = None
    cancelled_by: str | None = None
    clears_at: datetime | None = None
    refunded: int = 0
    review_until: datetime | None = None
    review_left: timedelta | None = None
    review_stopped: bool = False
    review_extended: bool = False
    reminded: bool = False
    cancellation: Cancellation | None = None
    refused: bool = False
    extension_days: int | None = None
    administrator_asked: bool = False
    holds: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def revisions_left(self) -> int | None:
        return None if self.revisions_total is None else self.revisions_total - self.revisions_used

    def time_stands(self) -> bool:
        """Whether the review time stands still: a hold, or an open request that has stopped it."""
        return bool(self.holds) or (self.cancellation is not None and self.cancellation.stops_review)

    def mind_the_clock(self, now: datetime) -> None:
        """Stop the times that stand still now, and let the others go on with what was left."""
        if self.review_until is not None and self.time_stands():
            self.review_left, self.review_until = self.review_until - now, None
        elif self.review_left is not None and not self.time_stands():
            self.review_until, self.review_left = now + self.review_left, None
        if self.cancellation is not None:
            self.cancellation.mind_the_clock(now, bool(self.holds))
        if self.due_at is not None and self.due_at > now and self.hindered() and self.on_time is None:
            self.due_left, self.due_at = self.due_at - now, None
        elif self.due_left is not None and not self.hindered():
            self.due_at, self.due_left = now + self.due_left, None

    def hindered(self) -> bool:
        """Whether a hold blocks the final delivery."""
        return any("deliver_final" in actions for actions in self.holds.values())

    def end_review(self) -> None:
        self.review_until = self.review_left = None
