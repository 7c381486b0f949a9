"""The process of an order as data: who may do what in which state, where it leads, and why not otherwise.

The rows are contributed by ``order_actions`` like those of any other module. A module adds a row, a guard, a veto or a
hold; it never changes a row of ours.
"""

from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard, OrderKind
from gigneo.plugins.orders.states import (
    ACTIVE,
    CANCELLED,
    COMPLETED,
    DELIVERED,
    EMPLOYER,
    FREELANCER,
    IN_REVISION,
    OPEN,
    PENDING,
    SYSTEM,
)

KINDS: Final = (
    OrderKind("service", _l("Service"), _l("Services"), position=10),
    OrderKind("job", _l("Job"), _l("Jobs"), position=20),
)

_NOT_PAID = _l("The order is not paid yet.")
_NOT_DELIVERED = _l("Nothing has been delivered for approval yet.")
_BEING_REVISED = _l("The changes that were asked for are being made.")
_IN_REVIEW = _l("%(employer)s is looking at the final delivery. You can deliver again when a revision is requested.")

ACTIONS: Final = (
    OrderAction(
        name="place",
        label=_l("Place order"),
        actors=frozenset({EMPLOYER}),
        states=frozenset(),
        to=PENDING,
        veto="allow_order_place",
        position=5,
    ),
    OrderAction(
        name="pay",
        label=_l("Pay %(total)s"),
        actors=frozenset({EMPLOYER, SYSTEM}),
        states=frozenset({PENDING}),
        endpoint="orders.pay",
        to=ACTIVE,
        tone="primary",
        turn=True,
        confirm=_l(
            "%(total)s leave your wallet and stay in escrow until you approve the delivery. %(freelancer)s starts at once."
        ),
        position=10,
    ),
    OrderAction(
        name="deliver_final",
        label=_l("Deliver now"),
        actors=frozenset({FREELANCER}),
        states=frozenset({ACTIVE, IN_REVISION}),
        endpoint="orders.deliver",
        to=DELIVERED,
        veto="allow_order_deliver",
        tone="primary",
        turn=True,
        position=20,
        unavailable={PENDING: _NOT_PAID, DELIVERED: _IN_REVIEW},
    ),
    OrderAction(
        name="deliver_draft",
        label=_l("Deliver now"),
        actors=frozenset({FREELANCER}),
        states=frozenset({ACTIVE, IN_REVISION}),
        endpoint="orders.deliver",
        veto="allow_order_deliver",
        tone="primary",
        position=21,
    ),
    OrderAction(
        name="approve",
        label=_l("Approve Delivery"),
        actors=frozenset({EMPLOYER}),
        states=frozenset({DELIVERED}),
        endpoint="orders.approve",
        to=COMPLETED,
        veto="allow_order_approve",
        tone="primary",
        turn=True,
        confirm=_l("The order is completed, and that can't be taken back. %(price)s leave escrow for %(freelancer)s."),
        position=30,
        unavailable={PENDING: _NOT_PAID, ACTIVE: _NOT_DELIVERED, IN_REVISION: _BEING_REVISED},
    ),
    OrderAction(
        name="request_revision",
        label=_l("Request Revision"),
        actors=frozenset({EMPLOYER}),
        states=frozenset({DELIVERED}),
        endpoint="orders.request_revision",
        to=IN_REVISION,
        veto="allow_revision_request",
        position=40,
        unavailable={ACTIVE: _NOT_DELIVERED, IN_REVISION: _BEING_REVISED},
    ),
    OrderAction(
        name="cancel",
        label=_l("Cancel Order"),
        actors=frozenset({FREELANCER}),
        states=OPEN,
        endpoint="orders.cancel",
        to=CANCELLED,
        veto="allow_order_cancel",
        tone="danger",
        confirm=_l(
            "%(employer)s gets all of %(total)s back, into the wallet. You are paid nothing, and the cancellation goes on your"
            " record. This can't be taken back."
        ),
        position=80,
        unavailable={PENDING: _l("There is nothing to cancel before the order is paid.")},
    ),
    OrderAction(
        name="drop",
        label=_l("Drop the order"),
        actors=frozenset({EMPLOYER}),
        states=frozenset({PENDING}),
        endpoint="orders.drop",
        to=CANCELLED,
        tone="danger",
        confirm=_l("No money has moved. %(freelancer)s is told that you will not order, and nobody's record is touched."),
        position=85,
    ),
)


def _revisions_left(order: OrderFacts, action: OrderAction, role: str) -> Refusal | None:
    if order.revisions_left != 0:
        return None
    if order.revisions_total == 0:
        return Refusal(_l("This package includes no revisions."), "no_revisions_left")
    return Refusal(_l("No revision is left (%(revisions)s of %(revisions)s used)."), "no_revisions_left")


GUARDS: Final = (OrderGuard("revisions_left", frozenset({"request_revision"}), _revisions_left),)
