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

LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        TOP_UP: _l("Top-up"),
        ORDER_PAID: _l("Paid into escrow"),
        ORDER_RELEASED: _l("Released from escrow"),
        ORDER_CLEARED: _l("Paid out to the freelancer's wallet"),
        ORDER_REFUNDED: _l("Refunded to the employer's wallet"),
    }
)

OWN_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        TOP_UP: _l("Top-up"),
        ORDER_PAID: _l("Order paid"),
        ORDER_CLEARED: _l("Earnings"),
        ORDER_REFUNDED: _l("Refund"),
    }
)
"""The same facts as the person whose wallet it is sees them."""

PARTY_LABELS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        ORDER_PAID: _l("Employer's wallet"),
        ORDER_CLEARED: _l("Freelancer's wallet"),
        ORDER_REFUNDED: _l("Employer's wallet"),
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
