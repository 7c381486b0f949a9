"""Parts of the order page and rows of the lists are drawn once for the same values: never for values that were."""

import dataclasses
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from gigneo.core.slots import forget_pieces
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market, upload

Change = Callable[[Market, int], object]

CHANGES: dict[str, Change] = {
    "paid": lambda market, order: market.do(orders.pay, order, market.employer.id),
    "a draft with a file": lambda market, order: market.do(
        orders.deliver, order, market.freelancer.id, final=False, description="A *first* look.", uploads=[upload("first.pdf")]
    ),
    "feedback": lambda market, order: market.do(orders.give_feedback, order, market.employer.id, text="Fine."),
    "delivered": lambda market, order: market.do(
        orders.deliver, order, market.freelancer.id, final=True, description="Here.", uploads=[upload("last.pdf")]
    ),
    "a fact of another module": lambda market, order: market.do(orders.record_activity, order, "acme.noted", "saw <i>this</i>"),
    "another name": lambda market, order: rename(market, market.freelancer, "Mara <b>Voss</b>"),
    "a hold": lambda market, order: market.do(orders.place_hold, order, "acme", "Wait a little.", ["approve"]),
    "no hold": lambda market, order: market.do(orders.lift_hold, order, the_hold(market)),
    "a revision": lambda market, order: market.do(orders.request_revision, order, market.employer.id, instructions="Heavier."),
    "a cancellation": lambda market, order: market.do(orders.cancel, order, market.freelancer.id),
}


def the_hold(market: Market) -> int:
    return int(market.rows("SELECT max(id) FROM orders_hold")[0][0])


def rename(market: Market, person: Someone, name: str) -> None:
    with market.runtime.write() as session:
        session.execute(text("UPDATE account_user SET name = :name WHERE id = :id"), {"name": name, "id": person.id})


def looked_at(market: Market, someone: Someone, address: str) -> str:
    """Return a page without what is new on each: form tokens and form keys."""
    answer = someone.browser.get(address)
    assert answer.status_code == 200
    return re.sub(r'<(input type="hidden"|meta) [^>]*>', "", answer.text)


def test_after_each_change_everybody_sees_what_a_fresh_site_draws(market: Market, people: Callable[..., Someone]) -> None:
    order = market.order("pending_payment")
    other = market.order("delivered", title="Another one")
    administrator = people("administrator", name="ada")
    app = market.dispatcher.site.app
    places = [(someone, address) for someone in (market.employer, market.freelancer)
              for address in (f"/orders/{order.number}/overview", f"/orders/{other.number}/overview",
                              f"/orders/{order.number}/activity", "/dashboard/orders/services")]  # fmt: skip
    places.append((administrator, f"/admin/orders/{order.number}"))
    with market.runtime.clock.standing_at(market.runtime.clock.now()):  # type: ignore[attr-defined]
        for name, change in CHANGES.items():
            change(market, order.id)
            kept = [looked_at(market, *place) for place in places]
            forget_pieces(app)
            fresh = [looked_at(market, *place) for place in places]
            assert kept == fresh, name
    assert "Mara &lt;b&gt;Voss&lt;/b&gt;" in kept[0] and "<b>Voss" not in "".join(kept)
    assert kept[0] != kept[4], "each side is told of its own steps"


@pytest.mark.parametrize("field", ["title", "employer_name", "price_minor"])
def test_two_states_of_an_order_that_hash_alike_are_two(market: Market, field: str) -> None:
    one = market.order("active")
    changed = dataclasses.replace(one, **{field: 1 if field == "price_minor" else "Other"})
    assert hash(one) == hash(changed) and one != changed
