"""Who is a party of an order: the loaders that routes, ours and other modules', declare in ``party(…)``."""

from gigneo.api import contributions, person, read
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.queries import OrderHeader, badges_of, facts_by_number, header, is_number


def load_party_order(number: str, **_ids: object) -> OrderFacts | None:
    """Return the order when the current person is its employer or its freelancer; for all others it does not exist.

    Args:
        number: the public number, as the address has it.
    """
    viewer = person()
    if viewer is None or not is_number(number):
        return None
    order = facts_by_number(read(), number)
    return order if order is not None and order.role_of(viewer.id) else None


def load_page(number: str, **_ids: object) -> OrderHeader | None:
    """Return the order with the badges of its tabs, for its page, when the current person is a party of it."""
    viewer = person()
    if viewer is None or not is_number(number):
        return None
    order = header(read(), number, viewer.id, badges_of(contributions().order_tabs))
    return order if order is not None and order.facts.role_of(viewer.id) else None


def load_any(number: str) -> OrderHeader | None:
    """Return an order for the Gigneo area, whoever looks; its routes ask for a permission."""
    return header(read(), number) if is_number(number) else None
