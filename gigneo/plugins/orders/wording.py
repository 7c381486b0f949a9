"""Fills an order's names and amounts into the texts of actions, refusals and activities."""

import re
from collections.abc import Mapping
from typing import Any, Final

from gigneo.api import fmt
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts

_PLACE: Final = re.compile(r"%\((\w+)\)s")


def fill(text: LazyText, values: Mapping[str, Any]) -> str:
    """Return a text with its ``%(name)s`` places filled; unknown places and stray per cent signs stay as they are.

    Args:
        text: the text, or a lazily translated one.
        values: what may be filled in, as :func:`values_of` gives it.
    """
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), str(text))


def values_of(order: OrderFacts) -> dict[str, str]:
    """Return what the texts about an order may name.

    Returns:
        ``employer`` and ``freelancer`` (names), ``total`` (price and the employer's fee), ``price``, ``fee``,
        ``payout`` (price less commission), ``commission``, ``revisions``, ``revisions_left``, ``days``, ``number``.
    """
    currency = order.currency
    return {
        "employer": order.employer_name,
        "freelancer": order.freelancer_name,
        "total": fmt.money(order.price_minor + order.employer_fee_minor, currency),
        "price": fmt.money(order.price_minor, currency),
        "fee": fmt.money(order.employer_fee_minor, currency),
        "payout": fmt.money(order.price_minor - order.commission_minor, currency),
        "commission": fmt.money(order.commission_minor, currency),
        "revisions": "∞" if order.revisions_total is None else fmt.count(order.revisions_total),
        "revisions_left": "∞" if order.revisions_left is None else fmt.count(order.revisions_left),
        "days": fmt.count(order.days),
        "number": order.number,
    }
