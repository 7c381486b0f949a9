"""An order as hooks see it: ids and values, no rows. Part of the vocabulary; imported from :mod:`gigneo.hooks`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Something that blocks actions on an order until its owner, or an administrator, lifts it.

    Attributes:
        id: the hold.
        plugin: who placed it.
        reason: why, for both parties.
        actions: the names of the actions that it blocks.
        placed_at: since when.
    """

    id: int
    plugin: str
    reason: str
    actions: frozenset[str]
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Something that one side of an order asked for, and that is not answered yet.

    Attributes:
        id: the request.
        kind: ``cancellation``, ``extension`` or ``administrator``.
        asked_by_id: who asked.
        asked_at: when.
        reason: why: for a cancellation, one of the operator's reasons.
        text: what was said about it, as typed.
        days: by how many days the due date should move; for an extension only.
        answer_by: when silence is noted; for a cancellation only.
        silent_at: when it was: the administrator has been told since.
        stops_review: whether the review time stands still until it is answered.
        silence_agrees: whether silence cancels the order, as the operator had it when it was asked; otherwise the
            administrator is told.
    """

    id: int
    kind: str
    asked_by_id: int | None
    asked_at: datetime
    reason: str = ""
    text: str = ""
    days: int | None = None
    answer_by: datetime | None = None
    silent_at: datetime | None = None
    stops_review: bool = False
    silence_agrees: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as hooks see it: ids and values, no row.

    Attributes:
        id: the key in the database.
        number: the public number, not sequential.
        kind: ``service`` or ``job``.
        state: ``pending_payment``, ``active``, ``delivered``, ``in_revision``, ``completed`` or ``cancelled``.
        title: what was agreed.
        package: the package's name.
        employer_id: who pays.
        freelancer_id: who delivers.
        employer_name: for people.
        freelancer_name: for people.
        price_minor: the agreed price in the currency's minor unit.
        employer_fee_minor: what the employer pays on top.
        commission_minor: what the platform keeps of the price; frozen when the order was placed.
        rate_basis_points: the percentage behind it, in hundredths of a percent; 0 where no percentage is.
        currency: ISO 4217.
        days: the agreed time to deliver, in days.
        revisions_total: how many revisions are included; ``None`` means unlimited.
        revisions_used: how many were asked for.
        placed_at: when it was placed.
        pay_until: when it expires by itself unless it is paid; fixed when it was placed.
        started_at: when it was paid.
        due_at: when the final delivery is due.
        first_delivered_at: when the first final delivery came.
        delivered_at: when the last final delivery came.
        on_time: what the first final delivery decided; ``None`` before it.
        draft_at: when draft work was shared on which neither feedback nor a final delivery has followed.
        finished_at: when it was completed or cancelled.
        cancelled_by: ``freelancer``, ``employer``, ``agreement``, ``administrator`` or ``system``.
        review_until: when the order is completed by itself; ``None`` while nothing is reviewed, or the time stands still.
        review_left_seconds: what is left of a review time that stands still.
        review_stopped: whether a cancellation request has stopped the review time of the last final delivery.
        review_extended: whether the employer has extended the review time of the last final delivery.
        reminded_at: when the employer was reminded of the review's end.
        late_at: when the order was noted as late for its present due date.
        refused_at: when a cancellation request was last rejected, or met with silence.
        held_at: since when holds stand on it without a gap; ``None`` while none does.
        undeliverable_at: since when such holds block the final delivery without a gap.
        version: counts every change but reminders and late marks; a page made from an older one is stale.
        holds: what blocks it now.
        requests: what was asked for and is not answered yet.
        features: what the package includes.
    """

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
    employer_fee_minor: int
    commission_minor: int
    currency: str
    days: int
    revisions_total: int | None
    revisions_used: int
    placed_at: datetime
    pay_until: datetime | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    first_delivered_at: datetime | None = None
    delivered_at: datetime | None = None
    on_time: bool | None = None
    draft_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_by: str | None = None
    review_until: datetime | None = None
    review_left_seconds: int | None = None
    review_stopped: bool = False
    review_extended: bool = False
    reminded_at: datetime | None = None
    late_at: datetime | None = None
    refused_at: datetime | None = None
    held_at: datetime | None = None
    undeliverable_at: datetime | None = None
    rate_basis_points: int = 0
    version: int = 1
    holds: tuple[HoldFacts, ...] = ()
    requests: tuple[RequestFacts, ...] = ()
    features: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Hash by key and version, which spreads orders well enough; equality compares everything."""
        return hash((self.id, self.version))

    @property
    def revisions_left(self) -> int | None:
        """How many revisions are left; ``None`` means unlimited."""
        return None if self.revisions_total is None else max(0, self.revisions_total - self.revisions_used)

    @property
    def total_minor(self) -> int:
        """What the employer pays: the price and the fee on top."""
        return self.price_minor + self.employer_fee_minor

    @property
    def payout_minor(self) -> int:
        """What the freelancer gets: the price less commission."""
        return self.price_minor - self.commission_minor

    def request(self, kind: str) -> RequestFacts | None:
        """Return the open request of a kind, if there is one."""
        return next((request for request in self.requests if request.kind == kind), None)

    def blocked(self, action: str) -> bool:
        """Return whether a hold stands in the way of an action."""
        return any(action in hold.actions for hold in self.holds)

    def role_of(self, person_id: int) -> str | None:
        """Return ``employer``, ``freelancer``, or ``None`` for somebody who is no party."""
        if person_id == self.employer_id:
            return "employer"
        return "freelancer" if person_id == self.freelancer_id else None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order will be, before it exists. The terms are copied: later changes of the offer don't touch the order.

    Attributes:
        kind: ``service`` or ``job``.
        source_id: the service or job that it comes from.
        title: what is bought.
        package: the package's name.
        features: what the package includes.
        employer_id: who pays.
        freelancer_id: who delivers.
        price_minor: at least 1.
        currency: ISO 4217.
        days: at least 1.
        revisions: 0 or more; ``None`` means unlimited.
        category: what the commission rules may look at.
    """

    kind: str
    source_id: int
    title: str
    package: str
    features: tuple[str, ...]
    employer_id: int
    freelancer_id: int
    price_minor: int
    currency: str
    days: int
    revisions: int | None
    category: str = ""


@dataclass(frozen=True, slots=True)
class CommissionQuote:
    """What the platform takes, frozen on the order.

    Attributes:
        commission_minor: kept of the price.
        employer_fee_minor: charged to the employer on top of the price.
        rate_basis_points: the percentage behind it, in hundredths of a percent; reversals use it.
    """

    commission_minor: int
    employer_fee_minor: int = 0
    rate_basis_points: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery that is being made.

    Attributes:
        id: the delivery.
        final: true for a final delivery, false for draft work.
        file_ids: the attached files.
    """

    id: int
    final: bool
    file_ids: tuple[int, ...] = ()
