"""What a person reads before and after a step: amounts, confirmations, the way lists are sorted, and what is not theirs to do."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from gigneo.api import fmt
from gigneo.contributions import Refusal
from gigneo.core.modules.lifecycle import enable
from gigneo.hooks import OrderFacts, hookimpl
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of
from tests.plugins.orders.test_timers import at, choose, kinds


@both_databases
def test_reminders_and_late_marks_leave_open_pages_good(market: Market) -> None:
    late, reviewed = market.order("active", days=1), market.order("delivered")
    assert late.due_at is not None and reviewed.review_until is not None
    forms = {
        late: (market.freelancer, "deliver", {"type": "final", "description": "Here it is, at last."}),
        reviewed: (market.employer, "request-revision", {"instructions": "Heavier, please."}),
    }
    pages = {order.id: someone.browser.get(f"/orders/{order.number}/{path}") for order, (someone, path, _) in forms.items()}
    assert all(page.status_code == 200 for page in pages.values())
    at(market, max(late.due_at, reviewed.review_until - timedelta(hours=1)))
    assert (kinds(market, late)[-1], kinds(market, reviewed)[-1]) == ("late", "reminded")
    for order, (someone, path, typed) in forms.items():
        answer = someone.browser.submit(f"/orders/{order.number}/{path}", {**typed, "version": str(order.version)})
        assert answer.status_code == 303, (path, answer.status_code)


def test_the_page_of_approving_shows_what_goes_where_and_when(market: Market, people: Callable[..., Someone]) -> None:
    order = market.order("delivered")
    with market.runtime.write() as session:
        session.execute(text("UPDATE orders_order SET employer_fee_minor = 1200 WHERE id = :id"), {"id": order.id})
    now = market.runtime.clock.now()
    with market.runtime.clock.standing_at(now):  # type: ignore[attr-defined]
        page = market.employer.browser.get(f"/orders/{order.number}/approve").text
        decide = people("administrator", name="ada").browser.get(f"/admin/orders/{order.number}/decide/complete").text
    when = fmt.datetime(now + timedelta(days=3))
    assert "Price, for Mara" in page and "€480.00" in page and "€12.00" in page and "€492.00" in page and when in page
    assert "ommission" not in page, "that is between the freelancer and the platform"
    for said in (f"For Mara, clearing until {when}", "€432.00", "€48.00", "€12.00", "€492.00"):
        assert said in decide, said


def test_each_step_of_a_form_is_confirmed(market: Market) -> None:
    employer, freelancer = market.employer, market.freelancer

    def after(someone: Someone, order: Any, path: str, said: str, **typed: str) -> None:
        page = f"/orders/{order.number}/{path}"
        assert someone.browser.submit(page, typed, page=page).status_code == 303
        assert said in page_of(someone.browser, order), path

    order = market.order("active")
    for path, someone, said in (
        ("withdraw-extension", freelancer, "Your request for more days is withdrawn."),
        ("decline-extension", employer, "You gave no more days."),
        ("accept-extension", employer, "The days are given, and the due date has moved."),
    ):
        market.do(orders.request_extension, order.id, order.freelancer_id, days=1, reason="Rain.")
        after(someone, order, path, said)
    after(freelancer, order, "deliver", "Your draft is shared.", type="draft", description="A look.")
    after(freelancer, order, "deliver", "Your final delivery is sent.", type="final", description="All of it.")
    after(freelancer, order, "cancel", "The order is cancelled, and everything in escrow went back to the employer.")
    choose(market, cancel_when_late=True)
    late = market.order("active", days=1)
    assert late.due_at is not None
    with market.runtime.clock.standing_at(late.due_at + timedelta(hours=25)):  # type: ignore[attr-defined]
        after(employer, late, "cancel-late", "everything in escrow is back in your wallet.")


def test_the_cancellation_rate_stands_with_its_formula_in_plain_sight(market: Market, people: Callable[..., Someone]) -> None:
    market.order("cancelled")
    order = market.order("completed")
    formula = "50% = 1 cancelled by the freelancer ÷ 2 paid orders finished in the last 365 days"
    assert formula in page_of(market.employer.browser, order)
    assert "50% = 1 cancelled by you ÷ 2 paid orders" in page_of(market.freelancer.browser, order)
    admin = people("administrator", name="ada").browser.get(f"/admin/orders/{order.number}").text
    assert "orders cancelled by the freelancer ÷ paid orders finished in the last 365 days" in admin and "50%" in admin
    profile = market.employer.browser.get(f"/people/{market.freelancer.id}").text
    assert "<small>1 of 2 finished orders were cancelled by the freelancer</small>" in profile


def test_the_sort_control_shows_the_present_order_and_keeps_filter_and_search(
    market: Market, people: Callable[..., Someone]
) -> None:
    market.order("active")
    current = re.compile(r'aria-current="[^"]*">(Newest first|Due date first)<')
    ada = people("administrator", name="ada")
    for someone, path in ((market.employer, "/dashboard/orders/services"), (ada, "/admin/orders")):
        page = someone.browser.get(f"{path}?show=open&q=bakery").text
        assert current.findall(page) == ["Newest first"]
        assert f'href="{path}?show=open&amp;sort=due&amp;q=bakery"' in page
        page = someone.browser.get(f"{path}?show=open&sort=due&q=bakery").text
        assert current.findall(page) == ["Due date first"]
        assert f'href="{path}?show=open&amp;q=bakery"' in page
        everything = someone.browser.get(path).text
        assert '<span class="small muted">Newest first</span>' in everything and "Due date first" not in everything


def test_an_administrator_who_is_a_party_is_offered_no_decision_and_told_why(market: Market) -> None:
    with market.runtime.write() as session:
        session.execute(
            text("INSERT INTO account_user_role (user_id, role_id) SELECT :who, id FROM account_role WHERE name = :role"),
            {"who": market.employer.id, "role": "administrator"},
        )
    order = market.order("active")
    page = market.employer.browser.get(f"/admin/orders/{order.number}").text
    assert "/decide/" not in page and "You are a party of this order. Another administrator has to settle it." in page


def test_the_form_of_a_dispute_is_refused_like_the_others_where_none_can_be_opened(market: Market) -> None:
    enable(market.runtime, "disputes")
    market.dispatcher.refresh_now()
    for state in ("pending_payment", "completed", "cancelled"):
        order = market.order(state)
        answer = market.employer.browser.get(f"/orders/{order.number}/dispute/open")
        assert answer.status_code == 409 and "That is not possible now." in answer.text and "<textarea" not in answer.text
    assert market.employer.browser.get(f"/orders/{market.order('active').number}/dispute/open").status_code == 200


def test_payments_say_what_moved_and_show_the_transfers_number_to_administrators_alone(
    market: Market, people: Callable[..., Someone]
) -> None:
    order = market.order("completed")
    for someone in (market.employer, market.freelancer):
        page = page_of(someone.browser, order, "payments")
        assert "Paid into escrow" in page and "Transfer" not in page
    assert "Transfer" in people("administrator", name="ada").browser.get(f"/admin/orders/{order.number}/payments").text


@both_databases
def test_the_wallet_counts_what_is_on_its_way_beyond_the_first_five(market: Market) -> None:
    for number in range(7):
        market.order("completed", title=f"Order number {number}", price_minor=1000)
    page = market.freelancer.browser.get("/wallet").text
    assert page.count("Order number") == 5 and "and 2 more, later" in page and "€18.00" in page
    page = market.freelancer.browser.get("/wallet?coming=all").text
    assert page.count("Order number") == 7 and "more, later" not in page
    assert "more, later" not in market.employer.browser.get("/wallet?coming=all").text


def test_the_page_of_an_action_judges_it_once(market: Market) -> None:
    delivered, active = market.order("delivered"), market.order("active")
    asked: list[int] = []

    class Counts:
        @hookimpl
        def allow_order_approve(self, order: OrderFacts) -> None:
            asked.append(order.id)

        @hookimpl
        def allow_order_cancel(self, order: OrderFacts) -> Refusal | None:
            return Refusal("Not today.", "acme.not_today")

        @hookimpl
        def allow_order_deliver(self, order: OrderFacts) -> None:
            asked.append(order.id)

    manager = market.dispatcher.site.manager
    manager.register(Counts(), "counts")
    try:
        assert market.employer.browser.get(f"/orders/{delivered.number}/approve").status_code == 200
        assert asked == [delivered.id]
        asked.clear()
        assert market.freelancer.browser.get(f"/orders/{active.number}/deliver").status_code == 200
        assert asked == [active.id, active.id], "a draft and a final delivery, each once"
        asked.clear()
        assert market.freelancer.browser.get(f"/orders/{active.number}/cancel").status_code == 409
        assert asked == [active.id, active.id]
    finally:
        manager.unregister(name="counts")
