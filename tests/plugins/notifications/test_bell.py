"""The bell and the list behind it: whose, how many, how they become read, and what they cost."""

import re
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from gigneo.core.modules.lifecycle import disable
from gigneo.core.tasks.loop import TaskLoop
from gigneo.plugins.messages import api as messages
from gigneo.plugins.notifications import queries
from gigneo.plugins.notifications.models import KeptNotice
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.notifications.conftest import Told
from tests.plugins.orders.conftest import Market, page_of, statements

LIST = "/account/notifications"


def bell(browser: Browser, page: str = "/dashboard") -> str:
    """Return what the bell of a page says: its number, or nothing."""
    html = browser.get(page).text
    [link] = re.findall(r'<a class="round" href="/account/notifications"[^>]*data-bell>(.*?)</a>', html)
    return "".join(re.findall(r"<b[^>]*>([^<]*)</b>", link))


def ring(market: Market, someone: Someone, count: int) -> None:
    """Keep notices for somebody, as telling does."""
    with market.runtime.write() as session:
        for _ in range(count):
            session.execute(
                text(
                    "INSERT INTO notifications_notice (person_id, kind, template, context, path, place, at)"
                    " VALUES (:who, 'jobs.proposed', 'jobs/proposed', '{\"title\": \"Menu\"}', '/jobs/1', '/jobs/1', :at)"
                ),
                {"who": someone.id, "at": market.runtime.clock.now().replace(tzinfo=None).isoformat(" ", "microseconds")},
            )


def unread(market: Market, someone: Someone) -> int:
    query = "SELECT count(*) FROM notifications_notice WHERE person_id = :who AND read_at IS NULL"
    return int(market.rows(query, who=someone.id)[0][0])


@both_databases
def test_the_bell_of_every_page_counts_ones_own_and_stops_at_99(market: Market, told: Told, anonymous: Browser) -> None:
    employer, freelancer = market.employer, market.freelancer
    assert bell(employer.browser) == ""
    order = market.order("delivered")
    told.news()
    assert (bell(employer.browser), bell(freelancer.browser)) == ("1", "1")
    assert 'aria-label="Notifications, 1 unread"' in page_of(employer.browser, order)
    assert "data-bell" not in anonymous.get("/").text
    ring(market, employer, 98)
    assert bell(employer.browser) == "99"
    ring(market, employer, 200)
    assert (bell(employer.browser, f"/orders/{order.number}/payments"), bell(freelancer.browser)) == ("99+", "1")


@both_databases
def test_the_bell_costs_no_query(market: Market, told: Told) -> None:
    order = market.order("delivered")
    ring(market, market.employer, 30)
    told.news()
    page = f"/orders/{order.number}/overview"

    def asked() -> list[str]:
        quiet = ("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK", "SELECT revision FROM site_state")
        tries = []
        for _ in range(3):  # the dispatcher's own thread asks beside them
            with statements(market.runtime) as seen:
                market.employer.browser.get(page)
            tries.append([sql for sql in seen if not sql.startswith(quiet)])
        return min(tries, key=len)

    ringing = asked()
    disable(market.runtime, "notifications")
    market.dispatcher.refresh_now()
    silent = asked()
    assert len(ringing) == len(silent), (ringing, silent)
    assert "data-bell" not in market.employer.browser.get(page).text


@both_databases
def test_the_list_is_ones_own_newest_first_in_pages(market: Market, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for title in ("one", "two", "three", "four", "five"):
        order = market.order("active", title=f"The {title}")
        market.step(order, "draft")
        told.news()
        market.runtime.clock.move_by(timedelta(minutes=1))  # type: ignore[attr-defined]
    seen, page = [], LIST
    for _ in range(4):
        html = market.employer.browser.get(page).text
        seen += re.findall(r"Mara shared a draft: The (\w+)", html)
        older = re.search(r'rel="next" href="([^"]+)"', html)
        if older is None:
            break
        page = older[1]
    assert seen == ["five", "four", "three", "two", "one"]
    assert "New order from Jonas" in market.freelancer.browser.get(LIST).text
    assert "New order" not in market.employer.browser.get(LIST).text
    for nonsense in ("x", "-1", "9" * 40, "0"):
        assert market.employer.browser.get(f"{LIST}?before={nonsense}").status_code == 200


def test_following_a_notice_leads_to_its_page_and_reads_it_and_looking_does_not(market: Market, told: Told) -> None:
    order = market.order("delivered")
    told.news()
    browser = market.employer.browser
    html = browser.get(LIST).text
    [action] = re.findall(rf'action="({LIST}/\d+/open)"', html)
    browser.get(LIST)
    browser.get(f"/orders/{order.number}/overview")
    assert bell(browser) == "1", "a GET marks nothing"
    assert browser.get(action).status_code == 405
    answer = browser.submit(action)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{order.number}/overview")
    assert bell(browser) == ""
    assert "Mara delivered" in browser.get(LIST).text, "a notice that is read stays in the list"


def test_nobody_follows_the_notice_of_somebody_else(market: Market, told: Told) -> None:
    market.order("delivered")
    told.news()
    [theirs] = re.findall(rf'action="({LIST}/\d+/open)"', market.employer.browser.get(LIST).text)
    assert market.freelancer.browser.submit(theirs).status_code == 404
    assert market.freelancer.browser.submit(f"{LIST}/{10**30}/open").status_code == 404
    assert unread(market, market.employer) == 1


@both_databases
def test_marking_all_as_read_leaves_what_came_after_the_list(market: Market, told: Told) -> None:
    market.order("delivered")
    told.news()
    browser = market.employer.browser
    html = browser.get(LIST).text
    [up_to] = re.findall(r'name="up_to" value="(\d+)"', html)
    ring(market, market.employer, 1)
    market.order("delivered")
    told.news()
    answer = browser.submit(f"{LIST}/read", {"up_to": up_to}, follow_redirects=True)
    assert "1 notice is marked as read." in answer.text
    assert unread(market, market.employer) == 2
    assert unread(market, market.freelancer) == 2, "everybody marks their own"


@both_databases
def test_seeing_the_pages_of_an_order_reads_what_is_told_about_it(market: Market, told: Told) -> None:
    order, other = market.order("delivered"), market.order("delivered")
    told.news()
    browser = market.employer.browser
    html = page_of(browser, order, "payments")
    [form] = re.findall(r"<form[^>]*data-seen>(.*?)</form>", html)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert fields["place"] == f"/orders/{order.number}"
    assert "data-seen" not in browser.get("/dashboard").text
    assert browser.post(f"{LIST}/seen", data=fields).status_code == 204
    assert "data-seen" not in page_of(browser, order) and "data-seen" in page_of(browser, other)
    assert unread(market, market.employer) == 1


def test_an_empty_list_says_what_it_is_for(market: Market) -> None:
    page = market.employer.browser.get(LIST).text
    assert "Nothing yet" in page and "Mark all as read" not in page


def test_a_notice_speaks_its_readers_language_and_outlives_its_module(market: Market, told: Told) -> None:
    ring(market, market.employer, 1)
    assert "A proposal for your job: Menu" in market.employer.browser.get(LIST).text
    disable(market.runtime, "jobs")
    market.dispatcher.refresh_now()
    page = market.employer.browser.get(LIST).text
    assert "News from a module that is switched off" in page


@both_databases
def test_notices_are_deleted_when_the_operator_says(market: Market, told: Told) -> None:
    market.order("delivered")
    told.news()
    clock: Any = market.runtime.clock
    clock.move_by(timedelta(days=89))
    told.news()
    assert market.rows("SELECT count(*) FROM notifications_notice WHERE kind = 'orders.order_delivered'")[0][0] == 1
    clock.move_by(timedelta(days=2))
    told.news()
    assert market.rows("SELECT count(*) FROM notifications_notice WHERE kind = 'orders.order_delivered'")[0][0] == 0


@both_databases
def test_what_is_delivered_again_after_a_failure_is_told_once(
    market: Market, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gigneo.plugins.orders import telling

    tell, failures = telling.tell, [RuntimeError("late"), RuntimeError("later")]

    def fail_after_telling(session: Any, event: Any) -> None:
        tell(session, event)
        if event.hook == "order_delivered" and failures:
            raise failures.pop()

    monkeypatch.setattr(telling, "tell", fail_after_telling)
    market.order("delivered")
    bells, mails = told.news()
    assert not [line for line in (*bells, *mails) if line[1] == "orders.order_delivered"], "rolled back with its delivery"
    for _ in range(3):
        market.runtime.clock.move_by(timedelta(hours=2))  # type: ignore[attr-defined]
        more = told.news()
        bells, mails = bells + more[0], mails + more[1]
    for lines in (bells, mails):
        assert [line[0] for line in lines if line[1] == "orders.order_delivered"] == ["jonas"]


@both_databases
def test_two_workers_tell_everything_once(market: Market, told: Told) -> None:
    for _ in range(8):
        market.order("delivered")
    workers = [Thread(target=TaskLoop(market.runtime).run_due) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for lines in told.news():
        assert [line[0] for line in lines if line[1] == "orders.order_delivered"] == ["jonas"] * 8
        assert [line[0] for line in lines if line[1] == "orders.order_paid"] == ["mara"] * 8


def test_an_administrator_who_is_a_party_is_told_once_and_as_a_party(market: Market, told: Told) -> None:
    market.do(_make_administrator, market.employer.id)
    order = market.order("active")
    market.do(orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="The bakery closes.")
    told.news()
    market.runtime.clock.move_by(timedelta(hours=49))  # type: ignore[attr-defined]
    bells, mails = told.news()
    silent = [line for line in bells if line[1] == "orders.cancellation_unanswered"]
    assert silent == [(name, "orders.cancellation_unanswered", f"/orders/{order.number}") for name in ("jonas", "mara")]
    assert [line for line in mails if line[1] == "orders.cancellation_unanswered"] == silent


def _make_administrator(session: Any, person_id: int) -> None:
    session.execute(
        text("INSERT INTO account_user_role (user_id, role_id) SELECT :who, id FROM account_role WHERE name = 'administrator'"),
        {"who": person_id},
    )


@both_databases
def test_a_conversation_tells_again_only_after_it_was_read(market: Market, told: Told) -> None:
    order = market.order("active")
    told.news()

    def write(author: Someone) -> list[str]:
        sent = market.do(messages.send, order.id, author.id, "When can you begin?")
        bells, mails = told.news()
        assert bells == mails
        seen.append(sent)
        return [line[0] for line in bells]

    seen: list[int] = []
    assert write(market.employer) == ["mara"]
    assert write(market.employer) == []
    assert write(market.freelancer) == ["jonas"]
    market.do(messages.mark_seen, order.id, market.freelancer.id, seen[-1])
    assert write(market.employer) == ["mara"]


@both_databases
def test_reading_a_conversation_reads_its_notices_and_no_others(market: Market, told: Told) -> None:
    order = market.order("active")
    reader = market.freelancer
    first, second = (market.do(messages.send, order.id, market.employer.id, words) for words in ("One.", "Two."))

    def unread() -> list[str]:
        statement = select(KeptNotice.kind).where(KeptNotice.person_id == reader.id, col(KeptNotice.read_at).is_(None))
        with market.runtime.read() as session:
            return sorted(session.exec(statement))

    others = [kind for kind in unread() if kind != "messages.received"]
    assert len(unread()) == len(others) + 1
    market.do(messages.mark_seen, order.id, reader.id, first)
    assert len(unread()) == len(others) + 1
    market.do(messages.mark_seen, order.id, reader.id, second)
    assert unread() == others
