"""What silence about a cancellation request does: fixed when it was asked, and said the same by mail, form and page."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from gigneo.api import fmt
from gigneo.hooks import OrderFacts, RequestFacts
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of
from tests.plugins.orders.test_timers import at, choose, kinds

ASKED = {"reason": "Something else", "description": "We merged."}
FLAGS, CANCELS = "the administrator is told", "it is cancelled"


def ask(market: Market, order: OrderFacts) -> RequestFacts:
    asked = market.do(orders.request_cancellation, order.id, order.employer_id, **ASKED).request("cancellation")
    assert asked is not None
    return asked  # type: ignore[no-any-return]


def mails(market: Market) -> dict[str, str]:
    """Return the text of the latest mail to each person, and forget the mails."""
    found = {}
    for path in sorted((market.runtime.home / "mail").rglob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body, html = message.get_body(("plain",)), message.get_body(("html",))
        assert body is not None and html is not None and "&lt;" not in html.get_content()
        found[str(message["To"]).partition("@")[0]] = f"{message['Subject']}\n{body.get_content()}"
        path.unlink()
    return found


@both_databases
@pytest.mark.parametrize("agrees", [False, True])
def test_what_silence_does_is_what_the_operator_had_chosen_when_it_was_asked(market: Market, agrees: bool) -> None:
    choose(market, silence_approves=agrees)
    order = market.order("active")
    asked = ask(market, order)
    choose(market, silence_approves=not agrees)
    later = market.order("active", title="The later one")
    ask(market, later)
    assert market.rows("SELECT silence_agrees FROM orders_request ORDER BY id") == [(agrees,), (not agrees,)]
    at(market, asked.answer_by)
    assert market.facts(order).state == ("cancelled" if agrees else "active")
    assert kinds(market, order)[-1] == ("cancelled_by_silence" if agrees else "cancellation_unanswered")


@pytest.mark.parametrize("agrees", [False, True])
def test_mail_form_and_pages_name_what_silence_does_and_by_when(
    market: Market, run_tasks: Callable[[], int], agrees: bool
) -> None:
    choose(market, silence_approves=agrees)
    order = market.order("active")
    form = market.employer.browser.get(f"/orders/{order.number}/request-cancellation").text
    assert ("the order is then cancelled" in form, "the administrator is then told" in form) == (agrees, not agrees)
    start = market.runtime.clock.now()
    with market.runtime.clock.standing_at(start):  # type: ignore[attr-defined]
        form = market.employer.browser.get(f"/orders/{order.number}/request-cancellation").text
        assert fmt.datetime(start + timedelta(hours=48)) in form
    run_tasks()
    mails(market)
    asked = ask(market, order)
    run_tasks()
    choose(market, silence_approves=not agrees)
    when = " ".join(fmt.datetime(asked.answer_by).split())
    mail = mails(market)["mara"]
    assert f"Without an answer by {when}" in " ".join(mail.split())
    assert ("the order is cancelled" in mail, "administrator" in mail) == (agrees, not agrees)
    for browser, says in ((market.freelancer.browser, CANCELS), (market.employer.browser, "the order is cancelled")):
        page = " ".join(page_of(browser, order).split())
        assert f"Without an answer by {when}" in page
        assert (says in page, FLAGS in page) == (agrees, not agrees)


def test_under_a_hold_no_date_is_promised(market: Market, run_tasks: Callable[[], int]) -> None:
    order = market.order("active")
    market.do(orders.place_hold, order.id, "acme", "Wait.", ["approve"])
    assert "counted from the end of the hold" in market.employer.browser.get(f"/orders/{order.number}/request-cancellation").text
    run_tasks()
    mails(market)
    ask(market, order)
    run_tasks()
    assert "when that ends, the time to answer goes on" in " ".join(mails(market)["mara"].split())


def test_after_silence_both_read_that_the_administrator_was_told_when_and_what_is_still_possible(
    market: Market, people: Callable[..., Someone]
) -> None:
    order = market.order("active", title="The silent one")
    asked = ask(market, order)
    at(market, asked.answer_by)
    silent = market.facts(order).request("cancellation")
    assert silent is not None and silent.silent_at is not None
    for browser, said in (
        (market.employer.browser, "Mara has not answered your cancellation request"),
        (market.freelancer.browser, "Until then you can still agree or reject."),
    ):
        page = page_of(browser, order)
        assert said in page and "Administrator told" in page and "may complete or cancel the order" in page
        assert "The administrator was told that nobody answered the cancellation request:" in page
        assert fmt.datetime(silent.silent_at) in page
    assert "Mara has not answered" in market.employer.browser.get("/dashboard/orders/services").text
    ada = people("administrator", name="ada")
    page = ada.browser.get(f"/admin/orders/{order.number}").text
    assert "Nobody answered the cancellation request" in page and fmt.datetime(silent.silent_at) in page
