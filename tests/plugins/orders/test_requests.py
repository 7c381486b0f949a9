"""Requests: for a cancellation, for more days, for the administrator; what each changes, and what it leaves alone."""

from datetime import timedelta
from typing import Any

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of

REASON = "The work is no longer needed"


def ask(market: Market, order: OrderFacts) -> OrderFacts:
    """Ask for a cancellation."""
    return market.do(  # type: ignore[no-any-return]
        orders.request_cancellation, order.id, order.employer_id, reason=REASON, description="We merged with another team."
    )


def refused(market: Market, *arguments: Any, **named: Any) -> str:
    """Return the code of the refusal that a use case meets."""
    with pytest.raises(RefusedBase) as refusal:
        market.do(*arguments, **named)
    return str(refusal.value.refusals[0].code)


def balance(market: Market, person_id: int) -> int:
    with market.dispatcher.site.app.app_context(), market.runtime.read() as session:
        return wallet.balance(session, person_id).available


@both_databases
def test_an_agreed_cancellation_gives_everything_back_and_touches_nobodys_record(market: Market) -> None:
    order = market.order("delivered")
    before = balance(market, order.employer_id)
    ask(market, order)
    assert (
        refused(market, orders.request_cancellation, order.id, order.employer_id, reason=REASON, description="x")
        == "request_open"
    )
    assert refused(market, orders.approve_cancellation, order.id, order.employer_id) == "wrong_role"
    after = market.do(orders.approve_cancellation, order.id, order.freelancer_id)
    assert (after.state, after.cancelled_by, after.requests) == ("cancelled", "agreement", ())
    assert balance(market, order.employer_id) == before + order.price_minor
    assert market.rows("SELECT finished, cancelled, completed FROM orders_record") == [(1, 0, 0)]
    assert refused(market, orders.approve_cancellation, order.id, order.freelancer_id) == "wrong_state"


def test_a_rejection_keeps_the_order_and_lets_both_ask_the_administrator(market: Market) -> None:
    order = market.order("active")
    assert refused(market, orders.ask_administrator, order.id, order.employer_id, text="Help.") == "too_early"
    assert refused(market, orders.reject_cancellation, order.id, order.freelancer_id) == "no_request"
    assert "reject-cancellation" not in page_of(market.freelancer.browser, order)
    ask(market, order)
    assert "reject-cancellation" in page_of(market.freelancer.browser, order)
    after = market.do(orders.reject_cancellation, order.id, order.freelancer_id, answer_text="Most of it is done.")
    assert (after.state, after.requests) == ("active", ()) and after.refused_at is not None
    asked = market.do(orders.ask_administrator, order.id, order.freelancer_id, text="Please look at it.")
    assert asked.state == "active" and asked.request("administrator") is not None
    assert refused(market, orders.ask_administrator, order.id, order.employer_id, text="Me too.") == "request_open"
    assert "Administrator asked" in page_of(market.employer.browser, order)


def test_the_second_revision_request_lets_both_ask_the_administrator(market: Market) -> None:
    order = market.order("in_revision")
    assert refused(market, orders.ask_administrator, order.id, order.employer_id, text="Help.") == "too_early"
    market.step(order, "deliver")
    market.step(order, "revise")
    assert market.do(orders.ask_administrator, order.id, order.employer_id, text="Help.").request("administrator")


def test_a_reason_must_be_one_of_the_operators_and_a_description_is_required(market: Market) -> None:
    order = market.order("active")
    for values, code in (
        ({"reason": "Because", "description": "x"}, "reason"),
        ({"reason": REASON, "description": " \u200b "}, "empty"),
        ({"reason": REASON, "description": "x" * 5001}, "too_long"),
    ):
        assert refused(market, orders.request_cancellation, order.id, order.employer_id, **values) == code
    assert market.facts(order) == order


def test_a_request_stops_the_review_time_once_per_final_delivery_and_resumes_it_with_what_was_left(market: Market) -> None:
    order = market.order("delivered")
    assert order.delivered_at is not None and order.review_until == order.delivered_at + timedelta(days=3)
    clock = market.runtime.clock
    with clock.standing_at(order.delivered_at + timedelta(days=1)):  # type: ignore[attr-defined]
        paused = ask(market, order)
        assert (paused.review_until, paused.review_left_seconds) == (None, 2 * 86400)
    with clock.standing_at(order.delivered_at + timedelta(days=2)):  # type: ignore[attr-defined]
        resumed = market.do(orders.withdraw_cancellation, order.id, order.employer_id)
        assert resumed.review_until == order.delivered_at + timedelta(days=4)
        again = ask(market, order)
        assert again.review_until == resumed.review_until, "the second request for the same delivery stops nothing"
        market.do(orders.reject_cancellation, order.id, order.freelancer_id)
    market.step(order, "revise")
    assert market.facts(order).review_until is None
    market.step(order, "deliver")
    assert ask(market, order).review_until is None, "a new final delivery, a new right to stop its time"


def test_a_delivery_under_an_open_request_does_not_start_its_review_time(market: Market) -> None:
    order = market.order("active")
    ask(market, order)
    market.step(order, "deliver")
    delivered = market.facts(order)
    assert (delivered.review_until, delivered.review_left_seconds) == (None, 3 * 86400)
    resumed = market.do(orders.reject_cancellation, order.id, order.freelancer_id)
    assert resumed.review_until is not None


@both_databases
def test_any_end_of_an_order_closes_its_open_requests_as_lapsed(market: Market) -> None:
    order = market.order("active")
    market.do(orders.request_extension, order.id, order.freelancer_id, days=2, reason="The interviews took longer.")
    ask(market, order)
    market.step(order, "cancel")
    assert sorted(market.rows("SELECT kind, state FROM orders_request")) == [("cancellation", "lapsed"), ("extension", "lapsed")]
    assert market.facts(order).requests == ()
    waiting = market.rows("SELECT key FROM task WHERE state = 'waiting' AND kind = 'orders.timer'")
    assert not waiting, "an order that is over does nothing by itself"


@both_databases
def test_more_days_move_the_due_date_when_they_are_given_and_never_before(market: Market) -> None:
    order = market.order("active")
    asked = market.do(orders.request_extension, order.id, order.freelancer_id, days=4, reason="The interviews took longer.")
    assert asked.due_at == order.due_at and asked.state == "active"
    assert refused(market, orders.request_extension, order.id, order.freelancer_id, days=1, reason="x") == "request_open"
    assert refused(market, orders.accept_extension, order.id, order.freelancer_id) == "wrong_role"
    given = market.do(orders.accept_extension, order.id, order.employer_id)
    assert order.due_at is not None and given.due_at == order.due_at + timedelta(days=4)
    for days, code in ((0, "days"), (31, "days"), (-1, "days")):
        assert refused(market, orders.request_extension, order.id, order.freelancer_id, days=days, reason="x") == code
    market.do(orders.request_extension, order.id, order.freelancer_id, days=1, reason="Once more.")
    assert market.do(orders.decline_extension, order.id, order.employer_id).due_at == given.due_at
    market.do(orders.request_extension, order.id, order.freelancer_id, days=1, reason="Once more.")
    assert market.do(orders.withdraw_extension, order.id, order.freelancer_id).due_at == given.due_at


def test_a_final_delivery_makes_a_request_for_more_days_lapse(market: Market) -> None:
    order = market.order("active")
    market.do(orders.request_extension, order.id, order.freelancer_id, days=4, reason="The interviews took longer.")
    market.step(order, "deliver")
    assert market.rows("SELECT state FROM orders_request") == [("lapsed",)]
    assert refused(market, orders.accept_extension, order.id, order.employer_id) == "wrong_state"


def test_feedback_answers_a_draft_and_nothing_else(market: Market) -> None:
    order = market.order("active")
    assert refused(market, orders.give_feedback, order.id, order.employer_id, text="Nice.") == "no_draft"
    market.step(order, "draft")
    assert "Give Feedback" in page_of(market.employer.browser, order)
    assert refused(market, orders.give_feedback, order.id, order.employer_id, text="\u00a0\n") == "empty"
    after = market.do(orders.give_feedback, order.id, order.employer_id, text="A little **bolder**, please.")
    assert (after.state, after.revisions_used, after.due_at) == ("active", 0, order.due_at)
    assert "<strong>bolder</strong>" in page_of(market.freelancer.browser, order)
    page = page_of(market.employer.browser, order)
    assert "shared a draft</h2>" not in page and "No draft is waiting for your feedback." in page, "there is nothing left to do"
    assert refused(market, orders.give_feedback, order.id, order.employer_id, text="Nice.") == "no_draft"
    market.step(order, "draft")
    market.step(order, "deliver")
    assert refused(market, orders.give_feedback, order.id, order.employer_id, text="Nice.") == "wrong_state"
    market.step(order, "revise")
    assert refused(market, orders.give_feedback, order.id, order.employer_id, text="Nice.") == "no_draft", "that draft is history"


def test_the_review_is_extended_once_per_final_delivery(market: Market) -> None:
    order = market.order("delivered")
    longer = market.do(orders.extend_review, order.id, order.employer_id)
    assert order.review_until is not None and longer.review_until == order.review_until + timedelta(days=3)
    assert refused(market, orders.extend_review, order.id, order.employer_id) == "extended_already"
    market.step(order, "revise")
    market.step(order, "deliver")
    assert market.do(orders.extend_review, order.id, order.employer_id).review_extended


@both_databases
def test_a_hold_stops_every_time_and_gives_back_what_it_took(market: Market) -> None:
    order = market.order("active", days=10)
    clock, start = market.runtime.clock, order.started_at
    assert start is not None and order.due_at is not None
    with clock.standing_at(start + timedelta(days=2)):  # type: ignore[attr-defined]
        hold = market.do(orders.place_hold, order.id, "acme", "Wait.", ["deliver_final", "complete"])
    with clock.standing_at(start + timedelta(days=5)):  # type: ignore[attr-defined]
        market.do(orders.lift_hold, order.id, hold)
    assert market.facts(order).due_at == order.due_at + timedelta(days=3)
    delivered = market.order("delivered")
    assert delivered.delivered_at is not None
    with clock.standing_at(delivered.delivered_at + timedelta(days=1)):  # type: ignore[attr-defined]
        hold = market.do(orders.place_hold, delivered.id, "acme", "Wait.", ["approve"])
        assert market.facts(delivered).review_until is None
    with clock.standing_at(delivered.delivered_at + timedelta(days=9)):  # type: ignore[attr-defined]
        market.do(orders.lift_hold, delivered.id, hold)
        assert market.facts(delivered).review_until == delivered.delivered_at + timedelta(days=11)


def test_the_forms_of_requests_keep_what_was_typed_and_name_what_is_wrong(market: Market) -> None:
    order = market.order("active")
    browser = market.employer.browser
    page = f"/orders/{order.number}/request-cancellation"
    answer = browser.submit(page, {"description": "Only words."}, page=page)
    assert answer.status_code == 422 and "Choose a reason." in answer.text and "Only words.</textarea>" in answer.text
    answer = browser.submit(page, {"reason": REASON, "description": "Only words."}, page=page)
    assert answer.status_code == 303 and market.facts(order).request("cancellation") is not None
    other = market.order("active")
    page = f"/orders/{other.number}/request-extension"
    answer = market.freelancer.browser.submit(page, {"days": "many", "reason": "Rain."}, page=page)
    assert answer.status_code == 422 and "Rain.</textarea>" in answer.text and 'href="#days"' in answer.text
    answer = market.freelancer.browser.submit(page, {"days": "99", "reason": "Rain."}, page=page)
    assert answer.status_code == 422 and "Write a whole number from 1 to 30, in digits." in answer.text


def test_the_page_names_what_a_cancellation_does_to_the_refund_and_to_the_rate(market: Market) -> None:
    for _ in range(3):
        market.order("completed")
    order = market.order("active")
    page = market.freelancer.browser.get(f"/orders/{order.number}/cancel").text
    assert "Your cancellation rate goes from 0% to 25%." in page and "1 of 4 paid orders" in page and "€480.00" in page


def test_needs_me_shows_whose_answer_is_waited_for(market: Market) -> None:
    order = market.order("active", title="The asked one")
    address = "/dashboard/orders/services?show=needs-me"
    assert "The asked one" not in market.freelancer.browser.get(address).text
    ask(market, order)
    mine = market.freelancer.browser.get(address).text
    assert "The asked one" in mine and "Your turn: answer the request" in mine
    assert "The asked one" not in market.employer.browser.get(address).text


def test_asking_flags_the_order_for_administrators(market: Market, people: Any) -> None:
    order = market.order("active", title="The flagged one")
    ada: Someone = people("administrator", name="ada")
    assert "The flagged one" not in ada.browser.get("/admin/orders?show=flagged").text
    ask(market, order)
    market.do(orders.reject_cancellation, order.id, order.freelancer_id)
    market.do(orders.ask_administrator, order.id, order.employer_id, text="He does not answer.")
    assert "The flagged one" in ada.browser.get("/admin/orders?show=flagged").text
    page = ada.browser.get(f"/admin/orders/{order.number}").text
    assert "He does not answer." in page and "We merged with another team." in page
