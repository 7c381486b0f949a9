"""What pages and lists say: the same in both, true after every step, and with the amounts and times that count."""

from datetime import timedelta
from typing import Any

import pytest

from gigneo.api import fmt
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of
from tests.plugins.orders.test_silence import ASKED, mails

LISTED = "/dashboard/orders/services"


def panel(browser: Browser, order: OrderFacts) -> str:
    """Return the text of the next-step panel, on one line."""
    page = page_of(browser, order)
    found = page[page.index('id="next-step"') :]
    return " ".join(found[: found.index("</section>")].split())


@both_databases
def test_list_and_page_say_the_same_when_both_sides_have_asked_something(market: Market) -> None:
    for first, second in (("extension", "cancellation"), ("cancellation", "extension")):
        order = market.order("active")
        asking: dict[str, Any] = {
            "extension": lambda id: market.do(orders.request_extension, id, market.freelancer.id, days=2, reason="Rain."),
            "cancellation": lambda id: market.do(orders.request_cancellation, id, market.employer.id, **ASKED),
        }
        for kind in (first, second):
            asking[kind](order.id)
        for someone, title in (
            (market.employer, "Your turn: Mara asks for more days"),
            (market.freelancer, "Your turn: answer the cancellation request"),
        ):
            assert title in panel(someone.browser, order)
            rows = someone.browser.get(LISTED).text
            assert "row-item me" in rows and "Your turn: answer the request" in rows
        market.do(orders.cancel, order.id, market.freelancer.id)


@both_databases
def test_a_draft_of_the_changes_has_the_words_of_its_round(market: Market) -> None:
    order = market.order("in_revision")
    market.step(order, "draft")
    assert "Mara shared a draft of your changes" in panel(market.employer.browser, order)
    assert "Mara revises" in market.employer.browser.get(LISTED).text
    market.do(orders.give_feedback, order.id, order.employer_id, text="Fine.")
    assert "gave feedback on the draft of round 2" in page_of(market.freelancer.browser, order, "activity")
    assert "Mara is making your changes" in panel(market.employer.browser, order)


def test_an_order_whose_first_final_delivery_came_is_neither_due_nor_late_when_it_is_revised(market: Market) -> None:
    order = market.order("in_revision", days=2)
    assert order.due_at is not None
    for when in (order.due_at - timedelta(hours=3), order.due_at + timedelta(days=1)):
        with market.runtime.clock.standing_at(when):  # type: ignore[attr-defined]
            for someone in (market.employer, market.freelancer):
                page = someone.browser.get(LISTED).text
                rows = page[page.index('class="card flush rows"') :]
                assert "delivered <time" in rows and "due <time" not in rows and "Due soon" not in rows and "Late<" not in rows


@pytest.mark.parametrize("role", ["employer", "freelancer"])
def test_the_panel_of_a_completed_order_says_where_its_money_is(market: Market, people: Any, role: str) -> None:
    browser = {"employer": market.employer, "freelancer": market.freelancer}[role].browser
    employer = role == "employer"
    order = market.order("completed")
    assert order.finished_at is not None
    arrives = " ".join(fmt.datetime(order.finished_at + timedelta(days=3)).split())
    said = panel(browser, order)
    assert ("€480.00 left escrow for Mara." in said) if employer else ("€432.00 for you, and €48.00 commission" in said)
    assert "€432.00 are clearing" in said and arrives in said
    ada: Someone = people("administrator", name="ada")
    market.do(orders.refund_as_administrator, order.id, ada.id, amount_minor=10000, reason="A part was missing.")
    said = panel(browser, order)
    assert "€342.00 are clearing" in said and "€100.00" in said, "380 less 10 % commission"
    assert ("€100.00 are in your wallet again" if employer else "back to Jonas: €100.00") in said
    with market.runtime.clock.standing_at(order.finished_at + timedelta(days=3, minutes=5)):  # type: ignore[attr-defined]
        assert "The clearing is over: €342.00 reach" in panel(browser, order)
        TaskLoop(market.runtime).run_due()
        said = panel(browser, order)
        assert ("€342.00 reached the wallet of Mara:" if employer else "€342.00 reached your wallet:") in said
        assert "are clearing" not in said and "on their way" not in said


@pytest.mark.parametrize("role", ["employer", "freelancer"])
def test_a_completed_order_that_pays_nothing_says_so(market: Market, people: Any, role: str) -> None:
    browser = {"employer": market.employer, "freelancer": market.freelancer}[role].browser
    ada: Someone = people("administrator", name="ada")
    order = market.order("completed")
    market.do(orders.refund_as_administrator, order.id, ada.id, amount_minor=order.price_minor, reason="Nothing came.")
    said = panel(browser, order)
    assert "the administrator gave the money back to " + ("you" if role == "employer" else "Jonas") in said
    assert "clearing" not in said and "reach" not in said


def test_a_cancelled_order_says_what_went_back_or_that_nothing_had_moved(market: Market) -> None:
    paid, unpaid = market.order("cancelled"), market.order("pending_payment")
    market.do(orders.drop, unpaid.id, unpaid.employer_id)
    assert "All that was in escrow is back in your wallet: €480.00." in panel(market.employer.browser, paid)
    assert "All that was in escrow went back to Jonas: €480.00." in panel(market.freelancer.browser, paid)
    for someone in (market.employer, market.freelancer):
        assert "It was never paid, so no money has moved." in panel(someone.browser, unpaid)


def test_nobody_is_told_that_the_money_waits_for_an_approval_alone(market: Market) -> None:
    for state in ("pending_payment", "active", "in_revision"):
        said = panel(market.employer.browser, market.order(state))
        assert "the time to review it (3 days) runs out" in said, state
    pending = market.order("pending_payment")
    assert "(3 days) runs out" in market.employer.browser.get(f"/orders/{pending.number}/pay").text
    delivered = market.order("delivered")
    page = " ".join(page_of(market.employer.browser, delivered).split())
    assert "Nobody can take it" not in page and "when the review time runs out on <time" in page


def test_mails_name_the_deadline(market: Market, run_tasks: Any) -> None:
    def told(someone: str, what: Any, when: Any) -> None:
        run_tasks()
        said = " ".join(mails(market)[someone].split())
        assert what in said and " ".join(fmt.datetime(when).split()) in said and "<time" not in said, said

    order = market.order("active")
    told("mara", "the final delivery is due on", order.due_at)
    market.do(orders.request_extension, order.id, order.freelancer_id, days=2, reason="Rain.")
    run_tasks()
    assert "2 more days are asked for" in mails(market)["jonas"]
    order = market.do(orders.accept_extension, order.id, order.employer_id)
    told("mara", "It is due on", order.due_at)
    market.step(order, "deliver")
    told("jonas", "Without an answer by", market.facts(order).review_until)
    market.do(orders.extend_review, order.id, order.employer_id)
    told("mara", "Without an answer the order is now completed on", market.facts(order).review_until)
    until = market.facts(order).review_until
    assert until is not None
    with market.runtime.clock.standing_at(until - timedelta(hours=23)):  # type: ignore[attr-defined]
        told("jonas", "Without an answer by", until)


def test_spans_agree_with_their_number_and_with_each_other(market: Market) -> None:
    order = market.order("delivered")
    assert order.delivered_at is not None
    with market.runtime.clock.standing_at(order.delivered_at + timedelta(days=2)):  # type: ignore[attr-defined]
        market.do(orders.request_cancellation, order.id, order.employer_id, **ASKED)
        assert "The review time stands still, with 1 day left when it goes on." in panel(market.employer.browser, order)
    active = market.order("active", days=3)
    assert active.due_at is not None
    with market.runtime.clock.standing_at(active.due_at - timedelta(days=1, hours=23)):  # type: ignore[attr-defined]
        page = page_of(market.freelancer.browser, active)
        assert "in 1 day<" in page and "in 2 days" not in page, "less than two days are never two"
    with market.runtime.clock.standing_at(active.due_at + timedelta(days=1, hours=23)):  # type: ignore[attr-defined]
        page = page_of(market.freelancer.browser, active)
        assert "1 day 23 hours late" in page and "1 day ago" in page and "2 days" not in page
