"""Facts about orders, as frozen dataclasses. Part of the vocabulary; imported from :mod:`gigneo.hooks`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What every fact about an order carries. Each is told to the hook that it names, and to ``order_changed``.

    Attributes:
        hook: the event hook of this kind of fact.
        also: further event hooks that hear of it.
        mail: the template of the mail to the roles that the process table tells; ``None`` when its module writes its own. The
            template is given ``fact``, ``event`` (what this kind of fact carries more), ``number``, ``title``, ``employer``,
            ``freelancer``, ``payout_minor``, ``currency`` and ``path``.
        order_id: the order.
        number: its public number.
        kind: ``service`` or ``job``.
        employer_id: who pays.
        freelancer_id: who delivers.
        actor_id: who did it; ``None`` for the system.
        at: when it happened.
    """

    hook: ClassVar[str] = ""
    also: ClassVar[tuple[str, ...]] = ("order_changed",)
    mail: ClassVar[str | None] = "orders/told"

    order_id: int
    number: str
    kind: str
    employer_id: int
    freelancer_id: int
    actor_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderPlaced(OrderEvent):
    """``order_placed``: an employer placed an order; nothing is paid yet."""

    hook: ClassVar[str] = "order_placed"


@dataclass(frozen=True, slots=True)
class OrderPaid(OrderEvent):
    """``order_paid``: the price is in escrow and the work starts."""

    hook: ClassVar[str] = "order_paid"
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDelivered(OrderEvent):
    """``order_delivered``: a final delivery was made; a draft is ``draft_shared``.

    Attributes:
        delivery_id: the delivery.
        on_time: what the first final delivery of the order decided.
        review_until: when the order is completed without an answer; ``None`` while that time stands still.
    """

    hook: ClassVar[str] = "order_delivered"
    delivery_id: int
    on_time: bool
    review_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DraftShared(OrderEvent):
    """``draft_shared``: draft work was shared for feedback."""

    hook: ClassVar[str] = "draft_shared"
    delivery_id: int


@dataclass(frozen=True, slots=True)
class RevisionRequested(OrderEvent):
    """``revision_requested``: the employer asked for changes, and a revision is spent."""

    hook: ClassVar[str] = "revision_requested"
    revisions_left: int | None


@dataclass(frozen=True, slots=True)
class OrderCompleted(OrderEvent):
    """``order_completed``: the delivery was approved; the money is clearing.

    Attributes:
        completed_by: ``employer``, ``system`` when the review time was over, or ``administrator``.
    """

    hook: ClassVar[str] = "order_completed"
    completed_by: str


@dataclass(frozen=True, slots=True)
class OrderCancelled(OrderEvent):
    """``order_cancelled``: the order ended without completion; whatever was in escrow went back to the employer."""

    hook: ClassVar[str] = "order_cancelled"
    cancelled_by: str
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class FeedbackReceived(OrderEvent):
    """``feedback_received``: the employer said what they think of a draft, in which round of the work."""

    hook: ClassVar[str] = "feedback_received"
    round: int = 1


@dataclass(frozen=True, slots=True)
class ReviewExtended(OrderEvent):
    """``review_extended``: the employer took more time to review; ``until`` is ``None`` while that time stands still."""

    hook: ClassVar[str] = "review_extended"
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewReminded(OrderEvent):
    """``review_reminded``: the review time is nearly over; then the order is completed by itself."""

    hook: ClassVar[str] = "review_reminded"
    until: datetime


@dataclass(frozen=True, slots=True)
class OrderDelayed(OrderEvent):
    """``order_delayed``: the due date is over, and nothing was finally delivered."""

    hook: ClassVar[str] = "order_delayed"
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationRequested(OrderEvent):
    """``cancellation_requested``: the employer asked the freelancer to cancel by agreement.

    Attributes:
        request_id: the request.
        reason: one of the operator's reasons.
        answer_by: when silence counts; ``None`` while a hold lets that time stand still.
        silence_agrees: whether the order is then cancelled; otherwise the administrator is told.
    """

    hook: ClassVar[str] = "cancellation_requested"
    request_id: int
    reason: str
    answer_by: datetime | None = None
    silence_agrees: bool = False


@dataclass(frozen=True, slots=True)
class CancellationWithdrawn(OrderEvent):
    """``cancellation_withdrawn``: the employer took the cancellation request back."""

    hook: ClassVar[str] = "cancellation_withdrawn"
    request_id: int


@dataclass(frozen=True, slots=True)
class CancellationRejected(OrderEvent):
    """``cancellation_rejected``: the freelancer does not agree; the order goes on."""

    hook: ClassVar[str] = "cancellation_rejected"
    request_id: int


@dataclass(frozen=True, slots=True)
class CancellationUnanswered(OrderEvent):
    """``cancellation_unanswered``: nobody answered a cancellation request in time; the administrator is told."""

    hook: ClassVar[str] = "cancellation_unanswered"
    request_id: int


@dataclass(frozen=True, slots=True)
class ExtensionRequested(OrderEvent):
    """``extension_requested``: the freelancer asked for more days."""

    hook: ClassVar[str] = "extension_requested"
    request_id: int
    days: int


@dataclass(frozen=True, slots=True)
class ExtensionAnswered(OrderEvent):
    """``extension_answered``: the employer gave the days, or did not; or the freelancer took the request back."""

    hook: ClassVar[str] = "extension_answered"
    request_id: int
    answer: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class AdministratorAsked(OrderEvent):
    """``administrator_asked``: one side asked the administrator to look at the order."""

    hook: ClassVar[str] = "administrator_asked"
    request_id: int


@dataclass(frozen=True, slots=True)
class AdministratorAnswered(OrderEvent):
    """``administrator_answered``: the administrator answered what one side had asked; the order goes on."""

    hook: ClassVar[str] = "administrator_answered"
    request_id: int


@dataclass(frozen=True, slots=True)
class OrderRefunded(OrderEvent):
    """``order_refunded``: an administrator gave money that was still clearing back to the employer.

    Attributes:
        awarded_minor: how much of the price. The employer's fee on it goes back with it; the wallet knows the whole.
    """

    hook: ClassVar[str] = "order_refunded"
    awarded_minor: int


@dataclass(frozen=True, slots=True)
class HoldPlaced(OrderEvent):
    """``hold_placed``: a module blocks actions on the order until its hold is lifted.

    Attributes:
        plugin: who placed it.
        reason: why, for both parties.
    """

    hook: ClassVar[str] = "hold_placed"
    plugin: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted(OrderEvent):
    """``hold_lifted``: a hold does not stand any more; others may.

    Attributes:
        plugin: who had placed it.
        reason: the administrator's who lifted it; empty when its module did.
    """

    hook: ClassVar[str] = "hold_lifted"
    plugin: str
    reason: str


@dataclass(frozen=True, slots=True)
class AttachmentAdded(OrderEvent):
    """``attachment_added``: one side added files to the order by themselves; those of a delivery come with its own fact.

    Attributes:
        file_ids: the files.
        names: their names, in the same order.
        file_kind: what they are said to be, as in ``reference``.
    """

    hook: ClassVar[str] = "attachment_added"
    file_ids: tuple[int, ...]
    names: tuple[str, ...]
    file_kind: str


@dataclass(frozen=True, slots=True)
class AttachmentRemoved(OrderEvent):
    """``attachment_removed``: who had added a file took it back before anybody else acted.

    Attributes:
        file_id: the file that was.
        name: its name.
    """

    hook: ClassVar[str] = "attachment_removed"
    file_id: int
    name: str


EVENTS = (
    OrderPlaced, OrderPaid, OrderDelivered, DraftShared, FeedbackReceived, RevisionRequested, ReviewExtended, ReviewReminded,
    OrderDelayed, CancellationRequested, CancellationWithdrawn, CancellationRejected, CancellationUnanswered,
    ExtensionRequested, ExtensionAnswered, AdministratorAsked, AdministratorAnswered, OrderCompleted, OrderCancelled,
    OrderRefunded, HoldPlaced, HoldLifted, AttachmentAdded, AttachmentRemoved,
)  # fmt: skip
"""Each event, by which a task's payload is turned back into it. A plugin's own events are an ``EVENTS`` of its hooks.py."""
