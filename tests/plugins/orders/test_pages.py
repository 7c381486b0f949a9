"""The reads: few queries whatever the row counts, filters that show what they say, pages that follow each other."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders import history, lists
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of, statements, upload

AT_MOST = 8


def count(market: Market, address: str) -> int:
    """Return how many statements a page asks, of the employer's browser."""
    browser = market.employer.browser
    browser.get(address)
    with statements(market.runtime) as seen:
        assert browser.get(address).status_code == 200
    return len([sql for sql in seen if not sql.startswith(("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK"))])


@both_databases
def test_the_order_page_asks_at_most_eight_queries_whatever_the_row_counts(market: Market) -> None:
    small, large = market.order("active"), market.order("delivered", revisions=None)
    for round_number in range(4):
        market.step(large, "revise")
        market.step(large, "draft")
        files = [upload(f"{round_number}-{index}.pdf") for index in range(3)]
        market.do(orders.deliver, large.id, market.freelancer.id, final=True, description="Again.", uploads=files)
    for number in range(10):
        market.do(orders.record_activity, large.id, "acme.noted", f"noted {number}", actor_id=market.employer.id)
    for tab in ("overview", "activity", "attachments", "payments"):
        few, many = (count(market, f"/orders/{order.number}/{tab}") for order in (small, large))
        assert many <= AT_MOST, (tab, many)
        assert many <= few + 1, "files are asked for when there are deliveries, nothing else depends on the rows"
    market.do(orders.place_hold, large.id, "acme", "Wait.", ["approve"])
    assert count(market, f"/orders/{large.number}/overview") <= AT_MOST
    for state in ("completed", "cancelled"):
        assert count(market, f"/orders/{market.order(state).number}/overview") <= AT_MOST, state


def test_the_lists_ask_the_same_few_queries_for_one_order_and_for_many(market: Market) -> None:
    market.order("delivered")
    few = count(market, "/dashboard/orders/services")
    for _ in range(6):
        market.order("delivered")
    assert count(market, "/dashboard/orders/services") == few <= 4


@both_databases
def test_each_filter_shows_what_it_says_to_each_side(market: Market) -> None:
    found = {state: market.order(state, title=f"The {state} one") for state in
             ("pending_payment", "active", "delivered", "in_revision", "completed", "cancelled")}  # fmt: skip
    late = market.order("active", title="The late one", days=1)
    assert late.due_at is not None
    expected = {
        "all": {*found, "late"},
        "open": {"active", "delivered", "in_revision", "late"},
        "late": {"late"},
        "completed": {"completed"},
        "cancelled": {"cancelled"},
    }
    needs = {"employer": {"pending_payment", "delivered"}, "freelancer": {"in_revision"}}
    with market.runtime.clock.standing_at(late.due_at + timedelta(hours=1)):  # type: ignore[attr-defined]
        for role, someone in (("employer", market.employer), ("freelancer", market.freelancer)):
            for show, states in {**expected, "needs-me": needs[role]}.items():
                for sort in ("newest", "due"):
                    page = someone.browser.get(f"/dashboard/orders/services?show={show}&sort={sort}").text
                    shown = {state for state in (*found, "late") if f"The {state} one" in page}
                    paid = states - {"pending_payment"} if sort == "due" and lists.FILTERS[show].by_due else states
                    assert shown == paid, (role, show, sort)
            badge = len(needs[role])
            assert f'Services <b class="count new">{badge}<' in page
            assert "The active one" not in someone.browser.get("/dashboard/orders/jobs").text


@both_databases
def test_pages_follow_each_other_without_gaps_or_repeats(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 3)
    for cached in (lists._own_statement, lists._every_statement):
        cached.cache_clear()
    made = [market.order("active", days=10 - index % 4) for index in range(8)]
    newest = [order.number for order in reversed(made)]
    by_due = [order.number for order in sorted(made, key=lambda order: (order.due_at, order.id))]  # type: ignore[arg-type, return-value]
    with market.runtime.read() as session, market.dispatcher.site.app.app_context():
        for sort, expected in (("newest", newest), ("due", by_due)):
            seen: list[str] = []
            cursor = None
            for _ in range(5):
                page = lists.own_orders(
                    session, market.employer.id, "service", lists.FILTERS["open"], sort, cursor, market.runtime.clock.now()
                )
                seen += [row.number for row in page.rows]
                cursor = page.older
                if cursor is None:
                    break
            assert seen == expected, sort
    for cached in (lists._own_statement, lists._every_statement):
        cached.cache_clear()


@both_databases
def test_a_nonsense_cursor_filter_or_order_is_the_first_page(market: Market) -> None:
    market.order("active", title="The one")
    for query in (
        "after=AAAA",
        "after=" + "9" * 200,
        "show=%27",
        "sort=price",
        "after=MTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    ):
        answer = market.employer.browser.get(f"/dashboard/orders/services?{query}")
        assert answer.status_code == 200 and "The one" in answer.text, query


def test_an_order_page_names_both_people_and_answers_the_four_questions(market: Market) -> None:
    order = market.order("active")
    page = page_of(market.freelancer.browser, order)
    assert "Your turn: do the work" in page and "Deliver now" in page
    assert "What happens next" in page and "The final delivery is due" in page
    page = page_of(market.employer.browser, order)
    assert "What you can&#39;t do now, and why" in page or "What you can't do now, and why" in page
    assert "Nothing has been delivered for approval yet." in page


@both_databases
def test_the_history_is_read_page_by_page_to_its_beginning_by_parties_and_administrators(
    market: Market, people: Callable[..., Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE_SIZE", 10)
    order = market.order("active")
    for number in range(25):
        market.do(orders.record_activity, order.id, "acme.noted", f"noted number {number}.", actor_id=market.employer.id)
    ada = people("administrator", name="ada")
    for browser, first in (
        (market.freelancer.browser, f"/orders/{order.number}/activity"),
        (ada.browser, f"/admin/orders/{order.number}"),
    ):
        address, found, pages = first, list[str](), 0
        while address:
            page = browser.get(address).text
            found += re.findall(r"noted number \d+\.|placed the order", page)
            assert ('rel="prev"' in page) == (pages > 0)
            older = re.search(r'rel="next" href="([^"]+)"', page)
            address, pages = older[1] if older else "", pages + 1
        assert found == [*(f"noted number {number}." for number in reversed(range(25))), "placed the order"]
        assert pages == 3
        assert "noted number 24." in browser.get(f"{first}?before=nonsense").text
    assert (
        count(market, f"/orders/{order.number}/activity")
        == count(market, f"/orders/{order.number}/activity?before=12")
        <= AT_MOST
    )
