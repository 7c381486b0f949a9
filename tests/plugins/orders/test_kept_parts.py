"""Parts of the order page and rows of the lists are drawn once for the same values: never for values that were."""

import dataclasses
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from gigneo.core.slots import forget_pieces, piece
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders.records import Rates
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


WORDS = {"You asked for a revision", "Jonas</bdi> asked for a revision", "Your cancellation rate", "Cancellation rate"}
"""What only one side is told."""


def the_hold(market: Market) -> int:
    return int(market.rows("SELECT max(id) FROM orders_hold")[0][0])


def rename(market: Market, person: Someone, name: str) -> None:
    with market.runtime.write() as session:
        session.execute(text("UPDATE account_user SET name = :name WHERE id = :id"), {"name": name, "id": person.id})


def elsewhere(market: Market, person: Someone) -> None:
    """Let somebody live on the other side of the earth, where it is mostly another day."""
    with market.runtime.write() as session:
        session.execute(text("UPDATE account_user SET time_zone = 'Pacific/Auckland' WHERE id = :id"), {"id": person.id})


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
    said: set[str] = set()
    elsewhere(market, market.freelancer)
    with market.runtime.clock.standing_at(market.runtime.clock.now()):  # type: ignore[attr-defined]
        for name, change in CHANGES.items():
            change(market, order.id)
            kept = [looked_at(market, *place) for place in places]
            for place, page in zip(places, kept, strict=True):
                forget_pieces(app)
                assert page == looked_at(market, *place), (name, place[1])
            said |= {each for page in kept[:8] for each in WORDS if each in page}
    assert "Mara &lt;b&gt;Voss&lt;/b&gt;" in kept[0] and "<b>Voss" not in "".join(kept)
    assert said == WORDS, "each side is told of its own steps, in its own words"


@pytest.mark.parametrize("field", ["title", "employer_name", "price_minor"])
def test_two_states_of_an_order_that_hash_alike_are_drawn_as_two(market: Market, field: str) -> None:
    one = market.order("active")
    changed = dataclasses.replace(one, **{field: 700 if field == "price_minor" else "Other"})
    assert hash(one) == hash(changed)
    given = {"kind": "Orders", "role": "freelancer", "rates": Rates(), "state_words": "", "tone": "go", "flagged": "",
             "due": ("", ""), "progress": (), "orders_list": "/", "more": ""}  # fmt: skip
    with market.dispatcher.site.app.test_request_context():
        shown = [piece("orders/_head.html", order=order, other=order.employer_name, **given) for order in (one, changed, one)]
    assert shown[0] == shown[2] != shown[1] and ("€7.00" if field == "price_minor" else "Other") in shown[1]
