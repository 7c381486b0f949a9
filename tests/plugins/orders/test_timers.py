"""What orders do by themselves: when the clock says so, once, without any request being made, whoever else runs tasks."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.runtime import Runtime
from gigneo.core.settings import write_settings
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders import records
from gigneo.testing.fixtures import both_databases
from tests.plugins.orders.conftest import Market, page_of


def at(market: Market, when: datetime | None) -> None:
    """Run whatever is due at a time."""
    assert when is not None
    with market.runtime.clock.standing_at(when):  # type: ignore[attr-defined]
        TaskLoop(market.runtime).run_due()


def kinds(market: Market, order: OrderFacts) -> list[str]:
    """Return the order's history, oldest first."""
    return [row[0] for row in market.rows("SELECT kind FROM orders_activity WHERE order_id = :id ORDER BY id", id=order.id)]


def choose(market: Market, **values: object) -> None:
    """Change the operator's choices, as the settings screen does."""
    with market.runtime.write(toggling=True) as session:
        write_settings(session, "orders", values)
        session.execute(text("UPDATE site_state SET revision = revision + 1"))
    market.dispatcher.refresh_now()


@both_databases
def test_an_order_that_nobody_pays_expires_and_touches_nobodys_record(market: Market) -> None:
    order = market.order("pending_payment")
    at(market, order.placed_at + timedelta(hours=23, minutes=59))
    assert market.facts(order).state == "pending_payment"
    at(market, order.placed_at + timedelta(hours=24))
    after = market.facts(order)
    assert (after.state, after.cancelled_by) == ("cancelled", "system")
    assert kinds(market, order) == ["placed", "expired"]
    assert market.rows("SELECT * FROM orders_record") == [] and market.rows("SELECT * FROM wallet_order_terms") == []


@both_databases
def test_a_delivery_that_nobody_answers_is_reminded_of_and_completes_the_order(market: Market) -> None:
    order = market.order("delivered")
    assert order.delivered_at is not None
    at(market, order.delivered_at + timedelta(days=2, minutes=-1))
    assert "reminded" not in kinds(market, order)
    at(market, order.delivered_at + timedelta(days=2))
    assert kinds(market, order)[-1] == "reminded"
    at(market, order.delivered_at + timedelta(days=3, seconds=-1))
    assert market.facts(order).state == "delivered"
    at(market, order.delivered_at + timedelta(days=3))
    assert market.facts(order).state == "completed"
    assert kinds(market, order)[-2:] == ["reminded", "completed_by_time"]
    assert market.rows("SELECT count(*) FROM wallet_transfer WHERE kind = 'order_released'") == [(1,)]


def test_the_time_to_pay_is_what_it_was_when_the_order_was_placed(market: Market) -> None:
    order = market.order("pending_payment")
    choose(market, pay_hours=2)
    at(market, order.placed_at + timedelta(hours=3))
    assert market.facts(order).state == "pending_payment" and market.facts(order).pay_until == order.pay_until
    later = market.order("pending_payment")
    assert later.pay_until == later.placed_at + timedelta(hours=2)
    at(market, later.placed_at + timedelta(hours=2))
    assert market.facts(later).state == "cancelled"
    choose(market, pay_hours=48)
    at(market, order.placed_at + timedelta(hours=24))
    assert market.facts(order).state == "cancelled"


def test_the_last_final_delivery_decides_when_the_review_ends(market: Market) -> None:
    order = market.order("delivered")
    assert order.delivered_at is not None
    later = order.delivered_at + timedelta(days=2, hours=12)
    with market.runtime.clock.standing_at(later):  # type: ignore[attr-defined]
        market.step(order, "revise")
        market.step(order, "deliver")
    at(market, order.delivered_at + timedelta(days=3))
    assert market.facts(order).state == "delivered"
    at(market, later + timedelta(days=3))
    assert market.facts(order).state == "completed"


@both_databases
def test_an_order_is_noted_as_late_once_per_due_date(market: Market) -> None:
    order = market.order("active", days=2)
    assert order.due_at is not None
    at(market, order.due_at)
    at(market, order.due_at + timedelta(hours=1))
    assert kinds(market, order) == ["placed", "paid", "late"]
    with market.runtime.clock.standing_at(order.due_at + timedelta(hours=2)):  # type: ignore[attr-defined]
        market.do(orders.request_extension, order.id, order.freelancer_id, days=3, reason="Rain.")
        market.do(orders.accept_extension, order.id, order.employer_id)
        assert market.facts(order).late_at is None
    at(market, order.due_at + timedelta(days=3))
    assert kinds(market, order).count("late") == 2


@both_databases
def test_silence_flags_the_order_and_moves_no_money(market: Market) -> None:
    order = market.order("delivered")
    asked = market.do(
        orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="We merged."
    ).request("cancellation")
    assert asked is not None and asked.answer_by == asked.asked_at + timedelta(hours=48)
    at(market, asked.answer_by)
    silent = market.facts(order)
    assert silent.state == "delivered" and silent.review_until is None
    assert silent.refused_at is not None and silent.request("cancellation").silent_at is not None  # type: ignore[union-attr]
    assert kinds(market, order)[-1] == "cancellation_unanswered"
    assert market.rows("SELECT count(*) FROM wallet_transfer WHERE kind <> 'top_up'") == [(1,)]
    at(market, asked.answer_by + timedelta(days=30))
    assert market.facts(order).state == "delivered", "a request that nobody answered stops the review until somebody does"
    after = market.do(orders.approve_cancellation, order.id, order.freelancer_id)
    assert after.state == "cancelled", "it can still be answered"


@both_databases
def test_where_the_operator_chose_so_silence_agrees_to_a_cancellation_but_not_to_one_that_was_withdrawn(market: Market) -> None:
    choose(market, silence_approves=True)
    values = {"reason": "Something else", "description": "We merged."}
    order, withdrawn = market.order("active"), market.order("active", title="The other one")
    for each in (order, withdrawn):
        market.do(orders.request_cancellation, each.id, each.employer_id, **values)
    market.do(orders.withdraw_cancellation, withdrawn.id, withdrawn.employer_id)
    asked = market.facts(order).request("cancellation")
    assert asked is not None
    at(market, asked.answer_by)
    assert (market.facts(order).state, market.facts(order).cancelled_by) == ("cancelled", "agreement")
    assert market.facts(withdrawn).state == "active"
    assert market.rows("SELECT cancelled FROM orders_record") == [(0,)]


def test_a_late_order_is_cancelled_by_its_employer_only_where_the_operator_allows_it(market: Market) -> None:
    order = market.order("active", days=1)
    assert order.due_at is not None
    late = order.due_at + timedelta(hours=24)
    address = f"/orders/{order.number}/cancel-late"
    with market.runtime.clock.standing_at(late):  # type: ignore[attr-defined]
        assert address not in page_of(market.employer.browser, order)
        assert market.employer.browser.get(address).status_code == 409
    choose(market, cancel_when_late=True)
    with market.runtime.clock.standing_at(late - timedelta(minutes=1)):  # type: ignore[attr-defined]
        assert "24 hours late" in page_of(market.employer.browser, order)
    with market.runtime.clock.standing_at(late):  # type: ignore[attr-defined]
        assert address in page_of(market.employer.browser, order)
        after = market.do(orders.cancel_late, order.id, order.employer_id)
    assert (after.state, after.cancelled_by) == ("cancelled", "employer")
    assert market.rows("SELECT finished, cancelled FROM orders_record") == [(1, 1)]


@both_databases
def test_two_workers_fire_a_timer_once(market: Market) -> None:
    order = market.order("delivered")
    assert order.review_until is not None
    loops = [TaskLoop(market.runtime) for _ in range(2)]
    with market.runtime.clock.standing_at(order.review_until):  # type: ignore[attr-defined]
        threads = [threading.Thread(target=loop.run_due) for loop in loops]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert kinds(market, order).count("completed_by_time") == 1
    assert market.rows("SELECT count(*) FROM wallet_transfer WHERE kind = 'order_released'") == [(1,)]


@both_databases
def test_a_timer_whose_worker_died_is_fired_by_the_next_one_and_once(market: Market) -> None:
    order = market.order("delivered")
    assert order.review_until is not None
    dead = "UPDATE task SET state = 'running', attempts = 1, lease_until = due_at WHERE key LIKE 'orders.timer:complete:%'"
    with market.runtime.write() as session:  # claimed by a worker that was killed before it did anything
        session.execute(text(dead))
    at(market, order.review_until + timedelta(seconds=1))
    at(market, order.review_until + timedelta(seconds=2))
    assert market.facts(order).state == "completed" and kinds(market, order).count("completed_by_time") == 1


def test_a_timer_that_comes_late_or_for_nothing_does_no_harm(market: Market) -> None:
    order = market.order("delivered")
    assert order.review_until is not None
    with market.runtime.write() as session:
        session.execute(text("UPDATE task SET due_at = '2020-01-01 00:00:00' WHERE key LIKE 'orders.timer:%'"))
    TaskLoop(market.runtime).run_due()
    assert market.facts(order).state == "delivered", "the order says when, not the task"
    at(market, order.review_until)
    assert market.facts(order).state == "completed"


def test_the_page_says_what_happens_next_and_when(market: Market) -> None:
    order = market.order("delivered")
    for browser in (market.employer.browser, market.freelancer.browser):
        page = page_of(browser, order)
        assert "Without an answer to the delivery, the order is completed" in page
    market.do(orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="We merged.")
    page = page_of(market.freelancer.browser, order)
    assert "Without an answer to the cancellation request, the administrator is told." in page
    assert "The review time stands still" in page
    unpaid = market.order("pending_payment", title="The unpaid one")
    assert "Without a payment the order expires." in page_of(market.employer.browser, unpaid)


def test_records_count_the_last_365_days_only(market: Market, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK", 1)
    market.order("cancelled")
    market.order("completed")
    order = market.order("cancelled")
    assert market.rows("SELECT finished, completed, cancelled, delivered, on_time FROM orders_record") == [(3, 1, 2, 1, 1)]
    with runtime.write() as session:
        old = "UPDATE orders_order SET finished_at = '2020-01-01 00:00:00' WHERE id = :id"
        session.execute(text(old), {"id": order.id})
        outdated = "INSERT INTO orders_record SELECT :id, 9, 4, 5, 3, 2, counted_at FROM orders_record"
        session.execute(text(outdated), {"id": market.employer.id})
    at(market, runtime.clock.now())  # what comes back every day is armed
    at(market, runtime.clock.now() + timedelta(days=1, minutes=5))
    assert market.rows("SELECT finished, completed, cancelled, delivered, on_time FROM orders_record") == [(2, 1, 1, 1, 1)]
    page = market.employer.browser.get(f"/people/{market.freelancer.id}").text
    assert "50%" in page and "1 of 2 finished orders were cancelled by the freelancer" in page
    assert market.employer.browser.get(f"/people/{market.employer.id}").status_code == 404


@pytest.mark.parametrize("field", ["review_days", "pay_hours"])
def test_a_choice_of_the_operator_holds_for_what_begins_after_it(market: Market, field: str) -> None:
    before = market.order("delivered")
    choose(market, **{field: 7})
    after = market.order("delivered", title="The later one")
    assert market.facts(before).review_until == before.review_until
    if field == "review_days":
        assert after.delivered_at is not None and after.review_until == after.delivered_at + timedelta(days=7)


@both_databases
def test_everybody_whom_a_fact_concerns_is_told_by_mail_and_nobody_else(
    market: Market, people: Callable[..., object], run_tasks: Callable[[], int]
) -> None:
    people("administrator", name="ada")
    E, F, A = "jonas", "mara", "ada"
    order = market.order("active")
    reason = {"reason": "Something else", "description": "We merged."}
    told = [
        (lambda: None, {F}),  # paid
        (lambda: market.step(order, "draft"), {E}),
        (lambda: market.do(orders.give_feedback, order.id, order.employer_id, text="Fine."), {F}),
        (lambda: market.do(orders.request_extension, order.id, order.freelancer_id, days=1, reason="Rain."), {E}),
        (lambda: market.do(orders.accept_extension, order.id, order.employer_id), {F}),
        (lambda: market.step(order, "deliver"), {E}),
        (lambda: market.do(orders.extend_review, order.id, order.employer_id), {F}),
        (lambda: market.step(order, "revise"), {F}),
        (lambda: market.do(orders.request_cancellation, order.id, order.employer_id, **reason), {F}),
        (lambda: market.do(orders.withdraw_cancellation, order.id, order.employer_id), {F}),
        (lambda: market.do(orders.request_cancellation, order.id, order.employer_id, **reason), {F}),
        (lambda: market.do(orders.reject_cancellation, order.id, order.freelancer_id), {E}),
        (lambda: market.do(orders.ask_administrator, order.id, order.employer_id, text="Look."), {F, A}),
        (lambda: market.step(order, "deliver"), {E}),
        (lambda: at(market, market.facts(order).review_until), {E, F}),  # reminded of, then completed by itself
    ]
    folder = market.runtime.home / "mail"
    for step, (do, expected) in enumerate(told):
        do()
        run_tasks()
        receivers = [
            path.read_text(errors="replace").partition("To: ")[2].partition("@")[0] for path in sorted(folder.rglob("*.eml"))
        ]
        assert set(receivers) == expected, (step, receivers)
        for path in folder.rglob("*.eml"):
            path.unlink()


def test_of_two_who_save_the_same_settings_the_second_is_told_and_keeps_what_was_typed(
    market: Market, people: Callable[..., Any]
) -> None:
    ada, bea = people("administrator", name="ada").browser, people("administrator", name="bea").browser
    address = "/admin/settings/orders"
    typed = {name: "5" for name in ("files_per_delivery", "pay_hours", "review_days", "review_extension_days")}
    typed |= {name: "5" for name in ("file_mb", "order_files_mb", "person_day_files_mb")} | {"file_types": "pdf"}
    typed |= {"extension_days_max": "9", "answer_hours": "7", "cancellation_reasons": "Only this one"}
    for browser in (ada, bea):
        browser.get(address)
    assert ada.submit(address, typed).status_code == 303
    answer = bea.submit(address, {**typed, "answer_hours": "8"})
    assert answer.status_code == 409 and "were changed while you were looking at them" in answer.text
    assert 'value="8"' in answer.text
    assert bea.submit(address, {**typed, "answer_hours": "8"}).status_code == 303
    assert market.dispatcher.site.settings["orders"]["answer_hours"] == 8
    assert market.dispatcher.site.settings["orders"]["cancellation_reasons"] == "Only this one"
