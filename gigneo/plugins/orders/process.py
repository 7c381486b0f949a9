"""The process of an order as data: who may do what in which state, where it leads, whom it tells, and why not otherwise.

The rows are contributed by ``order_actions`` like those of any other module. A module adds a row, a guard, a timer, a veto
or a hold; it never changes a row of ours. The server enforces this table, the pages read it, ``gigneo orders process``
prints it.
"""

from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.hooks import OrderAction, OrderKind
from gigneo.plugins.orders.process_cancelling import CANCELLING, SETTLING
from gigneo.plugins.orders.states import (
    ACTIVE,
    CANCELLED,
    COMPLETED,
    DELIVERED,
    EMPLOYER,
    FREELANCER,
    IN_REVISION,
    PENDING,
    SYSTEM,
)

KINDS: Final = (
    OrderKind("service", _l("Service"), _l("Services"), position=10),
    OrderKind("job", _l("Job"), _l("Jobs"), position=20),
)

_EMPLOYER: Final = frozenset({EMPLOYER})
_FREELANCER: Final = frozenset({FREELANCER})
_BOTH: Final = frozenset({EMPLOYER, FREELANCER})
_SYSTEM: Final = frozenset({SYSTEM})
_PENDING: Final = frozenset({PENDING})
_WORKING: Final = frozenset({ACTIVE, IN_REVISION})
_UNDELIVERED: Final = frozenset({ACTIVE})
_REVIEWING: Final = frozenset({DELIVERED})

_NOT_PAID = _l("The order is not paid yet.")
_NOT_DELIVERED = _l("Nothing has been delivered for approval yet.")
_BEING_REVISED = _l("The changes that were asked for are being made.")
_IN_REVIEW = _l("%(employer)s is looking at the final delivery. You can deliver again when a revision is requested.")
_FINAL_IS_THERE = _l("The final delivery is there: approve it, or request a revision.")

BEGINNING: Final = (
    OrderAction(
        name="place",
        label=_l("Place order"),
        actors=_EMPLOYER,
        states=frozenset(),
        to=PENDING,
        veto="allow_order_place",
        fact="order_placed",
        position=5,
    ),
    OrderAction(
        name="pay",
        label=_l("Pay %(total)s"),
        actors=frozenset({EMPLOYER, SYSTEM}),
        states=_PENDING,
        endpoint="orders.pay",
        to=ACTIVE,
        fact="order_paid",
        tells=_FREELANCER,
        tone="primary",
        turn=True,
        confirm=_l(
            "%(total)s leave your wallet. They stay in escrow until you approve the final delivery, or the time to review it"
            " (%(review_time)s) runs out. %(freelancer)s starts at once."
        ),
        position=10,
    ),
    OrderAction(
        name="drop",
        label=_l("Drop the order"),
        actors=_EMPLOYER,
        states=_PENDING,
        endpoint="orders.drop",
        to=CANCELLED,
        fact="order_cancelled",
        tells=_BOTH,
        tone="danger",
        confirm=_l("No money has moved. %(freelancer)s is told that you will not order, and nobody's record is touched."),
        position=85,
    ),
    OrderAction(
        name="expire",
        label=_l("Expire"),
        actors=_SYSTEM,
        states=_PENDING,
        to=CANCELLED,
        fact="order_cancelled",
        tells=_BOTH,
        position=86,
    ),
)

DELIVERING: Final = (
    OrderAction(
        name="deliver_final",
        label=_l("Deliver now"),
        actors=_FREELANCER,
        states=_WORKING,
        endpoint="orders.deliver",
        to=DELIVERED,
        veto="allow_order_deliver",
        fact="order_delivered",
        tells=_EMPLOYER,
        tone="primary",
        turn=True,
        position=20,
        unavailable={PENDING: _NOT_PAID, DELIVERED: _IN_REVIEW},
    ),
    OrderAction(
        name="deliver_draft",
        label=_l("Deliver now"),
        actors=_FREELANCER,
        states=_WORKING,
        endpoint="orders.deliver",
        veto="allow_order_deliver",
        fact="draft_shared",
        tells=_EMPLOYER,
        tone="primary",
        position=21,
    ),
    OrderAction(
        name="give_feedback",
        label=_l("Give Feedback"),
        actors=_EMPLOYER,
        states=_WORKING,
        endpoint="orders.give_feedback",
        fact="feedback_received",
        tells=_FREELANCER,
        position=25,
        unavailable={DELIVERED: _FINAL_IS_THERE},
    ),
    OrderAction(
        name="mark_late",
        label=_l("Note that it is late"),
        actors=_SYSTEM,
        states=_WORKING,
        fact="order_delayed",
        tells=_BOTH,
        position=28,
    ),
)

REVIEWING: Final = (
    OrderAction(
        name="approve",
        label=_l("Approve Delivery"),
        actors=_EMPLOYER,
        states=_REVIEWING,
        endpoint="orders.approve",
        to=COMPLETED,
        veto="allow_order_approve",
        fact="order_completed",
        tells=_BOTH,
        tone="primary",
        turn=True,
        confirm=_l("The order is completed, and that can't be taken back. %(price)s leave escrow for %(freelancer)s."),
        position=30,
        unavailable={PENDING: _NOT_PAID, ACTIVE: _NOT_DELIVERED, IN_REVISION: _BEING_REVISED},
    ),
    OrderAction(
        name="request_revision",
        label=_l("Request Revision"),
        actors=_EMPLOYER,
        states=_REVIEWING,
        endpoint="orders.request_revision",
        to=IN_REVISION,
        veto="allow_revision_request",
        fact="revision_requested",
        tells=_FREELANCER,
        position=40,
        unavailable={ACTIVE: _NOT_DELIVERED, IN_REVISION: _BEING_REVISED},
    ),
    OrderAction(
        name="extend_review",
        label=_l("Take more time to review"),
        actors=_EMPLOYER,
        states=_REVIEWING,
        endpoint="orders.extend_review",
        fact="review_extended",
        tells=_FREELANCER,
        position=61,
    ),
    OrderAction(
        name="remind",
        label=_l("Remind of the review"),
        actors=_SYSTEM,
        states=_REVIEWING,
        fact="review_reminded",
        tells=_EMPLOYER,
        position=62,
    ),
    OrderAction(
        name="complete",
        label=_l("Complete by itself"),
        actors=_SYSTEM,
        states=_REVIEWING,
        to=COMPLETED,
        fact="order_completed",
        tells=_BOTH,
        position=63,
    ),
)

EXTENDING: Final = (
    OrderAction(
        name="request_extension",
        label=_l("Ask for more days"),
        actors=_FREELANCER,
        states=_UNDELIVERED,
        endpoint="orders.request_extension",
        veto="allow_extension_request",
        fact="extension_requested",
        tells=_EMPLOYER,
        position=65,
        unavailable={state: _l("The final delivery is there; no time is running.") for state in (DELIVERED, IN_REVISION)},
    ),
    OrderAction(
        name="withdraw_extension",
        label=_l("Withdraw the request for more days"),
        actors=_FREELANCER,
        states=_UNDELIVERED,
        endpoint="orders.withdraw_extension",
        fact="extension_answered",
        tells=_BOTH,
        confirm=_l("The due date stays as it is. You can ask again."),
        position=66,
    ),
    OrderAction(
        name="accept_extension",
        label=_l("Give more days"),
        actors=_EMPLOYER,
        states=_UNDELIVERED,
        endpoint="orders.accept_extension",
        fact="extension_answered",
        tells=_BOTH,
        confirm=_l("The due date moves by as many days as %(freelancer)s asked for. Price and revisions stay as they are."),
        tone="primary",
        position=17,
    ),
    OrderAction(
        name="decline_extension",
        label=_l("Decline more days"),
        actors=_EMPLOYER,
        states=_UNDELIVERED,
        endpoint="orders.decline_extension",
        fact="extension_answered",
        tells=_BOTH,
        confirm=_l("The due date stays as it is, and %(freelancer)s is told so."),
        position=18,
    ),
)

ACTIONS: Final = (*BEGINNING, *DELIVERING, *REVIEWING, *EXTENDING, *CANCELLING, *SETTLING)
"""Every row. ``states`` is where it may happen, ``to`` where it leads; without ``to`` the state is kept."""
