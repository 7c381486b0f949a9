"""What orders tell people, each for choosing: what the process table tells, said from the reader's side."""

from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText, NotificationKind
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER

_PARTIES: Final = frozenset({EMPLOYER, FREELANCER})
_GROUP: Final = _l("Orders")
_SAID: Final[tuple[tuple[str, LazyText, frozenset[str]], ...]] = (
    ("order_paid", _l("You have a new order"), frozenset({FREELANCER})),
    ("order_delivered", _l("A final delivery waits for your approval"), frozenset({EMPLOYER})),
    ("draft_shared", _l("A draft is shared with you"), frozenset({EMPLOYER})),
    ("feedback_received", _l("There is feedback on your draft"), frozenset({FREELANCER})),
    ("revision_requested", _l("A revision is requested"), frozenset({FREELANCER})),
    ("review_extended", _l("The employer takes more time to review"), frozenset({FREELANCER})),
    ("review_reminded", _l("The time to review is nearly over"), frozenset({EMPLOYER})),
    ("order_delayed", _l("An order is late"), _PARTIES),
    ("extension_requested", _l("The freelancer asks for more days"), frozenset({EMPLOYER})),
    ("extension_answered", _l("A request for more days is answered or withdrawn"), _PARTIES),
    ("cancellation_requested", _l("The employer asks for a cancellation"), frozenset({FREELANCER})),
    ("cancellation_withdrawn", _l("A cancellation request is withdrawn"), frozenset({FREELANCER})),
    ("cancellation_rejected", _l("Your cancellation request is rejected"), frozenset({EMPLOYER})),
    ("cancellation_unanswered", _l("Nobody answered a cancellation request"), _PARTIES | {ADMINISTRATOR}),
    ("administrator_asked", _l("The administrator is asked about an order"), _PARTIES | {ADMINISTRATOR}),
    ("administrator_answered", _l("The administrator answers what was asked"), _PARTIES),
    ("order_completed", _l("An order is completed"), _PARTIES),
    ("order_cancelled", _l("An order is cancelled"), _PARTIES),
    ("order_refunded", _l("Money of a completed order goes back"), _PARTIES),
    ("attachment_added", _l("The other side adds files to an order"), _PARTIES),
)

KINDS: Final = tuple(
    NotificationKind(f"orders.{fact}", label, _GROUP, roles, position=place) for place, (fact, label, roles) in enumerate(_SAID)
)
