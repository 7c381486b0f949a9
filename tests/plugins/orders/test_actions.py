"""Each action × person × state, against a table written by hand from the product's rules, and what each step leaves behind."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from gigneo.core.refusals import RefusedBase
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import STATES, Market, page_of, statements

YES = "yes"
E, F = "employer", "freelancer"

# action, person: what happens in pending_payment, active, delivered, in_revision, completed, cancelled
EXPECTED = {
    ("pay", E): (YES, "wrong_state", "wrong_state", "wrong_state", "wrong_state", "wrong_state"),
    ("pay", F): ("wrong_role",) * 6,
    ("drop", E): (YES, "wrong_state", "wrong_state", "wrong_state", "wrong_state", "wrong_state"),
    ("drop", F): ("wrong_role",) * 6,
    ("deliver_final", E): ("wrong_role",) * 6,
    ("deliver_final", F): ("wrong_state", YES, "wrong_state", YES, "wrong_state", "wrong_state"),
    ("deliver_draft", E): ("wrong_role",) * 6,
    ("deliver_draft", F): ("wrong_state", YES, "wrong_state", YES, "wrong_state", "wrong_state"),
    ("request_revision", E): ("wrong_state", "wrong_state", YES, "wrong_state", "wrong_state", "wrong_state"),
    ("request_revision", F): ("wrong_role",) * 6,
    ("approve", E): ("wrong_state", "wrong_state", YES, "wrong_state", "wrong_state", "wrong_state"),
    ("approve", F): ("wrong_role",) * 6,
    ("cancel", E): ("wrong_role",) * 6,
    ("cancel", F): ("wrong_state", YES, YES, YES, "wrong_state", "wrong_state"),
}
AFTER = {
    "pay": "active", "drop": "cancelled", "deliver_final": "delivered", "deliver_draft": None,
    "request_revision": "in_revision", "approve": "completed", "cancel": "cancelled",
}  # fmt: skip
ADDRESS = {"deliver_final": "deliver", "deliver_draft": "deliver", "request_revision": "request-revision"}


def act(market: Market, action: str, order: OrderFacts, actor_id: int, version: int | None = None) -> OrderFacts:
    """Call an action's use case."""
    use_cases = {
        "pay": (orders.pay, {}),
        "drop": (orders.drop, {}),
        "deliver_final": (orders.deliver, {"final": True, "description": "Done."}),
        "deliver_draft": (orders.deliver, {"final": False, "description": "Look."}),
        "request_revision": (orders.request_revision, {"instructions": "Heavier."}),
        "approve": (orders.approve, {}),
        "cancel": (orders.cancel, {}),
    }
    use_case, given = use_cases[action]
    return market.do(use_case, order.id, actor_id, version=version, **given)  # type: ignore[no-any-return]


@both_databases
@pytest.mark.parametrize("state", STATES)
def test_each_person_may_do_what_the_table_says_and_the_page_offers_exactly_that(
    market: Market, stranger: Someone, state: str
) -> None:
    column = STATES.index(state)
    for (action, role), row in EXPECTED.items():
        order = market.order(state)
        someone = market.employer if role == E else market.freelancer
        address = f"/orders/{order.number}/{ADDRESS.get(action, action)}"
        offered = f'href="{address}"' in page_of(someone.browser, order)
        assert offered == (row[column] == YES), (action, role, state)
        assert someone.browser.get(address).status_code == (200 if offered else 409)
        if row[column] == YES:
            after = act(market, action, order, someone.id)
            assert after.state == (AFTER[action] or state)
            assert after.version == order.version + 1
        else:
            before = market.rows("SELECT * FROM orders_order")
            with pytest.raises(RefusedBase) as refusal:
                act(market, action, order, someone.id)
            assert refusal.value.refusals[0].code == row[column], (action, role, state)
            assert market.facts(order) == order
            assert before == market.rows("SELECT * FROM orders_order")
        with pytest.raises(RefusedBase) as refusal:
            act(market, action, order, stranger.id)
        assert refusal.value.refusals[0].code == "not_found"


def test_nobody_orders_from_themselves_and_only_possible_terms_become_an_order(market: Market) -> None:
    wrong = {
        "own_service": {"freelancer_id": market.employer.id},
        "currency": {"currency": "USD"},
        "price": {"price_minor": 0},
        "terms": {"days": 0},
        "wrong_role": {"employer_id": market.freelancer.id, "freelancer_id": market.employer.id},
    }
    for code, changed in wrong.items():
        with pytest.raises(RefusedBase) as refusal:
            market.do(orders.place, market.terms(**changed), market.employer.id)
        assert refusal.value.refusals[0].code == code
    with pytest.raises(RefusedBase):
        market.do(orders.place, market.terms(revisions=-1), market.employer.id)
    assert market.rows("SELECT count(*) FROM orders_order")[0][0] == 0


def test_the_terms_and_the_commission_are_frozen_when_the_order_is_placed(market: Market) -> None:
    order = market.order("pending_payment")
    (commission, rate) = market.rows("SELECT commission_minor, rate_basis_points FROM orders_order")[0]
    assert (order.price_minor, order.days, order.revisions_total) == (48000, 11, 3)
    assert order.features == ("Logo in three variants", "Colour and type guide")
    assert commission == 4800 and rate == 1000
    assert len(order.number) == 7 and order.number.isdigit()


def test_paying_starts_the_order_and_sets_the_due_date(market: Market) -> None:
    order = market.order("active")
    assert order.started_at is not None and order.due_at is not None
    assert (order.due_at - order.started_at).days == order.days


def test_without_enough_money_the_order_stays_pending_and_the_page_offers_the_top_up(market: Market) -> None:
    order = market.order("pending_payment", price_minor=5_000_000)
    browser = market.employer.browser
    answer = browser.submit(f"/orders/{order.number}/pay", page=f"/orders/{order.number}/pay")
    assert answer.status_code == 409
    assert "/wallet/top-up?needed=4000000&amp;next=" in answer.text
    assert market.facts(order) == order


def test_the_first_final_delivery_decides_whether_the_order_is_late(market: Market) -> None:
    order = market.order("active", days=2)
    assert order.due_at is not None
    with market.runtime.clock.standing_at(order.due_at + timedelta(hours=1)):  # type: ignore[attr-defined]
        market.step(order, "deliver")
        market.step(order, "revise")
        market.step(order, "deliver")
    assert market.rows("SELECT on_time, state FROM orders_order")[0] == (0, "delivered")
    punctual = market.order("delivered", days=2)
    assert punctual.due_at is not None
    with market.runtime.clock.standing_at(punctual.due_at + timedelta(hours=1)):  # type: ignore[attr-defined]
        market.step(punctual, "revise")
        market.step(punctual, "deliver")
    assert market.rows("SELECT on_time FROM orders_order WHERE id = :id", id=punctual.id)[0] == (1,)


def test_revisions_are_counted_down_and_refused_at_none_left(market: Market) -> None:
    order = market.order("delivered", revisions=1)
    market.step(order, "revise")
    market.step(order, "deliver")
    with pytest.raises(RefusedBase) as refusal:
        market.step(order, "revise")
    assert refusal.value.refusals[0].code == "no_revisions_left"
    page = page_of(market.employer.browser, order)
    assert "No revision is left (1 of 1 used)." in page
    form = market.employer.browser.get(f"/orders/{order.number}/request-revision").text
    assert "No revision is left" in form and "this uses" not in form
    assert market.facts(order).revisions_used == 1
    endless = market.order("delivered", revisions=None)
    for _ in range(3):
        market.step(endless, "revise")
        market.step(endless, "deliver")
    assert "Unlimited" in page_of(market.employer.browser, endless)


def test_a_draft_changes_no_state_spends_no_revision_and_cannot_be_approved(market: Market) -> None:
    order = market.order("active")
    market.step(order, "draft")
    after = market.facts(order)
    assert (after.state, after.revisions_used, after.delivered_at) == ("active", 0, None)
    with pytest.raises(RefusedBase):
        market.step(order, "approve")
    assert [row[0] for row in market.rows("SELECT kind FROM orders_activity ORDER BY id")] == ["placed", "paid", "draft"]


def test_instructions_are_required_and_an_empty_delivery_is_refused(market: Market) -> None:
    delivered, active = market.order("delivered"), market.order("active")
    for run in (
        lambda: market.do(orders.request_revision, delivered.id, market.employer.id, instructions="  \n "),
        lambda: market.do(orders.deliver, active.id, market.freelancer.id, final=True, description=" "),
        lambda: market.do(orders.deliver, active.id, market.freelancer.id, final=True, description="x" * 5001),
    ):
        with pytest.raises(RefusedBase):
            run()
    assert (market.facts(delivered), market.facts(active)) == (delivered, active)


@both_databases
def test_each_action_is_one_writing_transaction_and_records_one_activity(market: Market) -> None:
    begun: list[object] = []
    event.listen(market.runtime.engines.write, "begin", begun.append)
    for action, state in (
        ("pay", "pending_payment"), ("drop", "pending_payment"), ("deliver_draft", "active"), ("deliver_final", "active"),
        ("request_revision", "delivered"), ("approve", "delivered"), ("cancel", "in_revision"),
    ):  # fmt: skip
        order = market.order(state)
        person = market.employer if (action, E) in EXPECTED and YES in EXPECTED[action, E] else market.freelancer
        recorded = market.rows("SELECT count(*) FROM orders_activity WHERE order_id = :id", id=order.id)[0][0]
        begun.clear()
        act(market, action, order, person.id)
        assert len(begun) == 1, action
        assert market.rows("SELECT count(*) FROM orders_activity WHERE order_id = :id", id=order.id)[0][0] == recorded + 1


def test_the_order_row_is_locked_before_anything_else_is_read(market: Market) -> None:
    for action, state in (
        ("pay", "pending_payment"),
        ("deliver_final", "active"),
        ("approve", "delivered"),
        ("cancel", "active"),
    ):
        order = market.order(state)
        person = market.employer if YES in EXPECTED[action, E] else market.freelancer
        with statements(market.runtime) as seen:
            act(market, action, order, person.id)
        business = [sql for sql in seen if "site_state" not in sql and not sql.startswith(("BEGIN", "PRAGMA"))]
        assert business[0].startswith("SELECT orders_order.id"), business[0]
        assert "FROM orders_order \nWHERE orders_order.id = ?" in business[0]
