"""What happened to an order, as lines of its conversation: a kind for each fact that both sides see, and its words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderEvent

FACTS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "order_placed": _l("%(employer)s placed the order."),
        "order_paid": _l("%(employer)s paid into escrow. The work has started."),
        "draft_shared": _l("%(freelancer)s shared draft work for feedback."),
        "feedback_received": _l("%(employer)s gave feedback on the draft."),
        "order_delivered": _l("%(freelancer)s submitted the final delivery."),
        "order_delayed": _l("The due date is over, and nothing was finally delivered."),
        "revision_requested": _l("%(employer)s requested a revision."),
        "review_extended": _l("%(employer)s took more time to review."),
        "review_reminded": _l("The review time is nearly over; then the order is completed by itself."),
        "extension_requested": _l("%(freelancer)s asked for more days."),
        "extension_answered": _l("The request for more days was answered."),
        "extension_answered:accepted": _l("%(employer)s gave more days."),
        "extension_answered:rejected": _l("%(employer)s declined the request for more days."),
        "extension_answered:withdrawn": _l("%(freelancer)s withdrew the request for more days."),
        "cancellation_requested": _l("%(employer)s asked to cancel the order."),
        "cancellation_withdrawn": _l("%(employer)s withdrew the cancellation request."),
        "cancellation_rejected": _l("%(freelancer)s rejected the cancellation; the order goes on."),
        "cancellation_unanswered": _l("Nobody answered the cancellation request in time; the administrator is told."),
        "administrator_asked": _l("The administrator was asked."),
        "administrator_asked:employer": _l("%(employer)s asked the administrator."),
        "administrator_asked:freelancer": _l("%(freelancer)s asked the administrator."),
        "administrator_answered": _l("The administrator answered; the order goes on."),
        "hold_placed": _l("The order was put on hold."),
        "hold_lifted": _l("A hold was lifted."),
        "order_completed": _l("The order is completed."),
        "order_completed:employer": _l("%(employer)s approved the delivery. The order is completed."),
        "order_completed:system": _l("The review time ended without an answer. The order is completed."),
        "order_completed:administrator": _l("The administrator completed the order."),
        "order_cancelled": _l("The order was cancelled."),
        "order_cancelled:freelancer": _l("%(freelancer)s cancelled the order."),
        "order_cancelled:employer": _l("%(employer)s cancelled the order."),
        "order_cancelled:agreement": _l("Both sides agreed to cancel the order."),
        "order_cancelled:administrator": _l("The administrator cancelled the order."),
        "order_cancelled:system": _l("The order was cancelled by itself, because nobody answered in time."),
        "order_refunded": _l("The administrator gave money back to %(employer)s."),
        "attachment_added": _l("Files were added to the order."),
        "attachment_added:employer": _l("%(employer)s added files to the order."),
        "attachment_added:freelancer": _l("%(freelancer)s added files to the order."),
        "attachment_removed": _l("A file was taken back."),
        "attachment_removed:employer": _l("%(employer)s took a file back."),
        "attachment_removed:freelancer": _l("%(freelancer)s took a file back."),
        "disputes_opened": _l("A dispute was opened."),
        "disputes_opened:employer": _l("%(employer)s opened a dispute."),
        "disputes_opened:freelancer": _l("%(freelancer)s opened a dispute."),
        "disputes_settled": _l("The dispute is over; the order goes on."),
        "reviews_published": _l("The reviews of this order can be read now."),
    }
)
"""Kind of line → its words. A kind is the fact's hook, and after a colon the variant where one is told apart. Modules that are
not there never cause theirs."""


def _side(event: Any) -> str:
    return {event.employer_id: "employer", event.freelancer_id: "freelancer"}.get(event.actor_id, "")


VARIANTS: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "extension_answered": lambda event: event.answer,
        "administrator_asked": _side,
        "order_completed": lambda event: event.completed_by,
        "order_cancelled": lambda event: event.cancelled_by,
        "attachment_added": _side,
        "attachment_removed": _side,
        "disputes_opened": _side,
    }
)
"""Fact → how its variants are told apart."""


def kind_of(event: OrderEvent) -> str | None:
    """Return the kind of line that tells of a fact, or ``None`` when it does not belong into the conversation."""
    if event.hook not in FACTS:
        return None
    variant = VARIANTS.get(event.hook)
    kind = f"{event.hook}:{variant(event)}" if variant is not None else event.hook
    return kind if kind in FACTS else event.hook


def words_of(kind: str, names: Mapping[str, str]) -> str:
    """Return a line's words.

    Args:
        kind: of the line; one that is not known any more stands for itself.
        names: ``employer`` and ``freelancer``.
    """
    return str(FACTS[kind]) % names if kind in FACTS else kind
