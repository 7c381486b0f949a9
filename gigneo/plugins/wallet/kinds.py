"""The business facts that move money, each with its key and its name for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText

TOP_UP: Final = "top_up"
ORDER_PAID: Final = "order_paid"
ORDER_RELEASED: Final = "order_released"
ORDER_CLEARED: Final = "order_cleared"
ORDER_REFUNDED: Final = "order_refunded"
ORDER_RETURNED: Final = "order_returned"

LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        TOP_UP: _l("Top-up"),
        ORDER_PAID: _l("Paid into escrow"),
        ORDER_RELEASED: _l("Released from escrow"),
        ORDER_CLEARED: _l("Paid out to the freelancer's wallet"),
        ORDER_REFUNDED: _l("Refunded to the employer's wallet"),
        ORDER_RETURNED: _l("Given back to the employer while clearing"),
    }
)

OWN_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        TOP_UP: _l("Top-up"),
        ORDER_PAID: _l("Order paid"),
        ORDER_CLEARED: _l("Earnings"),
        ORDER_REFUNDED: _l("Refund"),
        ORDER_RETURNED: _l("Refund"),
    }
)
"""The same facts as the person whose wallet it is sees them."""

RETURNED_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "clearing": _l("Refund, from the freelancer's earnings"),
        "commission": _l("Refund, from the platform's commission"),
        "fees": _l("Refund of the employer's fee"),
    }
)
"""What was given back while clearing comes from up to three accounts, so the statement says which line is which."""

PARTY_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        ORDER_PAID: _l("Employer's wallet"),
        ORDER_CLEARED: _l("Freelancer's wallet"),
        ORDER_REFUNDED: _l("Employer's wallet"),
        ORDER_RETURNED: _l("Employer's wallet"),
    }
)
"""Whose wallet an order's money comes from or goes to."""

ACCOUNT_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "available": _l("Available"),
        "escrow": _l("Escrow"),
        "clearing": _l("Clearing"),
        "commission": _l("Commission"),
        "fees": _l("Fees"),
        "adjustments": _l("Adjustments"),
        "losses": _l("Losses"),
        "outside": _l("Outside"),
        "in_flight": _l("In flight"),
    }
)


def order_key(order_id: int, kind: str) -> str:
    """Return the key of an order's fact: each happens to an order once."""
    return f"order:{order_id}:{kind}"


def returned_key(order_id: int, awarded_minor: int) -> str:
    """Return the key of giving back while clearing, which may happen to an order several times.

    Args:
        order_id: the order.
        awarded_minor: how much of the price has been given back with it, in total: it only grows, so no two are alike.
    """
    return f"{order_key(order_id, ORDER_RETURNED)}:{awarded_minor}"


def own_label(kind: str, counterpart: str) -> LazyText:
    """Return what a line of a person's statement is called.

    Args:
        kind: of the transfer.
        counterpart: the kind of account on the other side.
    """
    if kind == ORDER_RETURNED and counterpart in RETURNED_LABELS:
        return RETURNED_LABELS[counterpart]
    return OWN_LABELS.get(kind, kind)
