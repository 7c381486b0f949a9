"""The process of an order, second half: cancelling, and what an administrator settles. Rows like those of :mod:`process`."""

from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.hooks import OrderAction
from gigneo.plugins.orders.states import (
    ACTIVE,
    ADMINISTRATOR,
    CANCELLED,
    COMPLETED,
    EMPLOYER,
    FREELANCER,
    IN_REVISION,
    OPEN,
    PENDING,
    SYSTEM,
)

_EMPLOYER: Final = frozenset({EMPLOYER})
_FREELANCER: Final = frozenset({FREELANCER})
_BOTH: Final = frozenset({EMPLOYER, FREELANCER})
_ADMINISTRATOR: Final = frozenset({ADMINISTRATOR})
_SYSTEM: Final = frozenset({SYSTEM})
_WORKING: Final = frozenset({ACTIVE, IN_REVISION})

CANCELLING: Final = (
    OrderAction(
        name="approve_cancellation",
        label=_l("Agree to cancel"),
        actors=_FREELANCER,
        states=OPEN,
        endpoint="orders.approve_cancellation",
        to=CANCELLED,
        veto="allow_order_cancel",
        fact="order_cancelled",
        tells=_BOTH,
        tone="danger",
        confirm=_l(
            "%(employer)s gets all of %(total)s back, into the wallet, and you are paid nothing. A cancellation by agreement"
            " does not count against you. This can't be taken back."
        ),
        position=15,
    ),
    OrderAction(
        name="reject_cancellation",
        label=_l("Reject the cancellation"),
        actors=_FREELANCER,
        states=OPEN,
        endpoint="orders.reject_cancellation",
        fact="cancellation_rejected",
        tells=_EMPLOYER,
        position=16,
    ),
    OrderAction(
        name="request_cancellation",
        label=_l("Request Cancellation"),
        actors=_EMPLOYER,
        states=OPEN,
        endpoint="orders.request_cancellation",
        veto="allow_cancellation_request",
        fact="cancellation_requested",
        tells=_FREELANCER,
        position=75,
        unavailable={PENDING: _l("An order that is not paid can simply be dropped.")},
    ),
    OrderAction(
        name="withdraw_cancellation",
        label=_l("Withdraw the cancellation request"),
        actors=_EMPLOYER,
        states=OPEN,
        endpoint="orders.withdraw_cancellation",
        fact="cancellation_withdrawn",
        tells=_FREELANCER,
        confirm=_l("The order goes on where it was. A review time that stood still goes on with what was left."),
        position=76,
    ),
    OrderAction(
        name="note_silence",
        label=_l("Note that nobody answered"),
        actors=_SYSTEM,
        states=OPEN,
        fact="cancellation_unanswered",
        tells=frozenset({EMPLOYER, FREELANCER, ADMINISTRATOR}),
        position=77,
    ),
    OrderAction(
        name="cancel_by_silence",
        label=_l("Cancel, because nobody answered"),
        actors=_SYSTEM,
        states=OPEN,
        to=CANCELLED,
        veto="allow_order_cancel",
        fact="order_cancelled",
        tells=_BOTH,
        position=78,
    ),
    OrderAction(
        name="cancel",
        label=_l("Cancel Order"),
        actors=_FREELANCER,
        states=OPEN,
        endpoint="orders.cancel",
        to=CANCELLED,
        veto="allow_order_cancel",
        fact="order_cancelled",
        tells=_BOTH,
        tone="danger",
        confirm=_l(
            "%(employer)s gets all of %(total)s back, into the wallet. You are paid nothing, and the cancellation goes on your"
            " record. This can't be taken back."
        ),
        position=80,
        unavailable={PENDING: _l("There is nothing to cancel before the order is paid.")},
    ),
    OrderAction(
        name="cancel_late",
        label=_l("Cancel the late order"),
        actors=_EMPLOYER,
        states=_WORKING,
        endpoint="orders.cancel_late",
        to=CANCELLED,
        veto="allow_order_cancel",
        fact="order_cancelled",
        tells=_BOTH,
        tone="danger",
        confirm=_l(
            "You get all of %(total)s back, into the wallet. The cancellation goes on the record of %(freelancer)s, because the"
            " order is late. This can't be taken back."
        ),
        position=81,
    ),
)

SETTLING: Final = (
    OrderAction(
        name="ask_administrator",
        label=_l("Ask the Administrator"),
        actors=_BOTH,
        states=OPEN,
        endpoint="orders.ask_administrator",
        fact="administrator_asked",
        tells=frozenset({EMPLOYER, FREELANCER, ADMINISTRATOR}),
        position=70,
    ),
    OrderAction(
        name="administrator_answer",
        label=_l("Answer the question"),
        actors=_ADMINISTRATOR,
        states=OPEN,
        fact="administrator_answered",
        tells=_BOTH,
        position=89,
    ),
    OrderAction(
        name="administrator_complete",
        label=_l("Complete the order"),
        actors=_ADMINISTRATOR,
        states=OPEN,
        to=COMPLETED,
        fact="order_completed",
        tells=_BOTH,
        position=90,
    ),
    OrderAction(
        name="administrator_cancel",
        label=_l("Cancel the order"),
        actors=_ADMINISTRATOR,
        states=OPEN,
        to=CANCELLED,
        fact="order_cancelled",
        tells=_BOTH,
        tone="danger",
        position=91,
    ),
    OrderAction(
        name="administrator_refund",
        label=_l("Refund the employer"),
        actors=_ADMINISTRATOR,
        states=frozenset({COMPLETED}),
        veto="allow_order_refund",
        fact="order_refunded",
        tells=_BOTH,
        tone="danger",
        position=92,
    ),
)
