"""Fills an order's names and amounts into the texts of actions, refusals and activities."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import fmt, isolated, setting
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts

_PLACE: Final = re.compile(r"%\((\w+)\)s")


def fill(text: LazyText, values: Mapping[str, Any]) -> str:
    """Return a text with its ``%(name)s`` places filled; unknown places and stray per cent signs stay as they are.

    Args:
        text: the text, or a lazily translated one.
        values: what may be filled in, as :func:`values_of` gives it.
    """
    words = str(text)
    if "%(" not in words:
        return words
    return "".join(part if not name else _value(values, name) for part, name in _parts(words))


@lru_cache(maxsize=2048)
def _parts(words: str) -> tuple[tuple[str, str], ...]:
    """Cut a text into what stands there and the names of its places, in order."""
    pieces = _PLACE.split(words)
    return tuple((piece, "") if index % 2 == 0 else ("", piece) for index, piece in enumerate(pieces) if piece)


def _value(values: Mapping[str, Any], name: str) -> str:
    try:
        return str(values[name])
    except KeyError:
        return f"%({name})s"


class OrderValues(dict[str, Any]):
    """What the texts about an order may name; each is made when a text asks for it.

    Args:
        order: the order.
        more: further values, which win.
    """

    def __init__(self, order: OrderFacts, more: Mapping[str, Any]) -> None:
        super().__init__(more)
        self._order = order

    def __missing__(self, name: str) -> str:
        value = self[name] = _MAKERS[name](self._order)
        return value


def values_of(order: OrderFacts, **more: Any) -> OrderValues:
    """Return what the texts about an order may name.

    Args:
        order: the order.
        more: further values, which win over those of the order.

    Returns:
        ``employer`` and ``freelancer`` (names), ``total`` (price and the employer's fee), ``price``, ``fee``,
        ``payout`` (price less commission), ``commission``, ``revisions``, ``revisions_left``, ``days``, ``number``,
        ``review_time`` (of a delivery that is made now), ``answer_by`` (of the open cancellation request).
    """
    return OrderValues(order, more)


def _answer_by(order: OrderFacts) -> str:
    asked = order.request("cancellation")
    return fmt.datetime(asked.answer_by if asked is not None else None)


_MAKERS: Final[Mapping[str, Callable[[OrderFacts], str]]] = MappingProxyType(
    {
        "employer": lambda order: isolated(order.employer_name),
        "freelancer": lambda order: isolated(order.freelancer_name),
        "total": lambda order: fmt.money(order.total_minor, order.currency),
        "price": lambda order: fmt.money(order.price_minor, order.currency),
        "fee": lambda order: fmt.money(order.employer_fee_minor, order.currency),
        "payout": lambda order: fmt.money(order.payout_minor, order.currency),
        "commission": lambda order: fmt.money(order.commission_minor, order.currency),
        "revisions": lambda order: "∞" if order.revisions_total is None else fmt.count(order.revisions_total),
        "revisions_left": lambda order: "∞" if order.revisions_left is None else fmt.count(order.revisions_left),
        "days": lambda order: fmt.count(order.days),
        "review_time": lambda order: fmt.span(timedelta(days=int(setting("orders", "review_days")))),
        "answer_by": _answer_by,
        "number": lambda order: order.number,
    }
)
