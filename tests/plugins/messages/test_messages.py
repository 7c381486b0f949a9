"""Messages on orders: between the two sides only, once per form, kept when they can't be sent."""

import re
import threading
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.refusals import Refused
from gigneo.plugins.messages import api as messages
from gigneo.plugins.messages import talking
from gigneo.plugins.messages.queries import PAGE
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.messages.conftest import statements
from tests.plugins.services.conftest import Trade


def address(number: str) -> str:
    return f"/orders/{number}/messages"


def write(person: Someone, number: str, body: str) -> Any:
    return person.browser.submit(address(number), {"body": body}, page=address(number))


def lines(page: str) -> list[tuple[str, str]]:
    """Everything in the conversation, in the order in which it is shown."""
    talk = page.partition('<ol class="talk"')[2].partition("</ol>")[0]
    return re.findall(r'<div class="prose" dir="auto"><p>(.*?)</p>|<li class="talk-fact"[^>]*>([^<]*)<span', talk)


def unread_badge(page: str) -> str:
    found = re.search(r'/messages"[^>]*>Messages(.*?)</a>', page)
    assert found
    return re.sub(r"<[^>]*>", "", found[1]).strip()


@pytest.fixture
def number(trade: Trade) -> str:
    return trade.buy().number


@both_databases
def test_what_one_side_writes_the_other_reads(trade: Trade, number: str) -> None:
    answer = write(trade.employer, number, "Hello <b>Frida</b>\n\nsecond line")
    assert answer.status_code == 303
    page = trade.freelancer.browser.get(address(number)).text
    assert "Hello &lt;b&gt;Frida&lt;/b&gt;" in page
    assert "<p>second line</p>" in page


@both_databases
def test_a_stranger_can_neither_read_nor_write_nor_mark(trade: Trade, number: str, fingerprint: Any) -> None:
    before = fingerprint()
    assert trade.stranger.browser.get(address(number)).status_code == 404
    trade.stranger.browser.get("/dashboard")
    for path in (address(number), f"{address(number)}/seen"):
        assert trade.stranger.browser.submit(path, {"body": "x", "up_to": "1"}).status_code == 404
    assert fingerprint() == before
    with pytest.raises(Refused):
        trade.do(messages.send, number, trade.stranger.id, "x")


def test_the_same_form_twice_writes_once(trade: Trade, number: str) -> None:
    trade.employer.browser.get(address(number))
    for _ in range(2):
        assert trade.employer.browser.submit(address(number), {"body": "Once."}).status_code == 303
    assert trade.freelancer.browser.get(address(number)).text.count("Once.") == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("   \n ", "Write something, or attach a file."),
        ("\u200b\u3164\n", "Write something, or attach a file."),
        ("y" * 5001, "5000"),
    ],
)
def test_what_can_not_be_sent_stays_in_the_form_with_the_reason(trade: Trade, number: str, body: str, reason: str) -> None:
    answer = write(trade.employer, number, body)
    assert answer.status_code == 422
    assert reason in answer.text
    assert "Frida" in answer.text
    assert body.strip() in answer.text
    assert 'aria-current="page"' in answer.text


def test_a_reused_form_key_keeps_the_text_and_gives_a_new_key(trade: Trade, number: str) -> None:
    write(trade.employer, number, "First.")
    key = trade.employer.browser.fields["form_key"]
    answer = trade.employer.browser.submit(address(number), {"body": "Second."})
    assert answer.status_code == 409
    assert "Second." in answer.text
    assert trade.employer.browser.fields["form_key"] != key
    assert trade.employer.browser.submit(address(number), {"body": "Second."}).status_code == 303


def test_the_eleventh_message_of_a_minute_waits_and_is_kept(trade: Trade, number: str) -> None:
    for count in range(10):
        assert write(trade.employer, number, f"Word {count}").status_code == 303
    answer = write(trade.employer, number, "One too many")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "One too many" in answer.text
    assert "One too many" not in trade.freelancer.browser.get(address(number)).text
    assert write(trade.freelancer, number, "The other side may.").status_code == 303


@both_databases
def test_the_badge_counts_what_was_not_seen_and_looking_writes_nothing(trade: Trade, number: str, fingerprint: Any) -> None:
    for body in ("One", "Two"):
        write(trade.employer, number, body)
    overview = f"/orders/{number}/overview"
    assert unread_badge(trade.freelancer.browser.get(overview).text) == "2"
    assert unread_badge(trade.employer.browser.get(overview).text) == ""
    before = fingerprint()
    page = trade.freelancer.browser.get(address(number)).text
    assert fingerprint() == before
    newest = re.search(r'name="up_to" value="(\d+)"', page)
    assert newest
    trade.freelancer.browser.submit(f"{address(number)}/seen", {"up_to": newest[1]})
    assert unread_badge(trade.freelancer.browser.get(overview).text) == ""
    write(trade.employer, number, "Three")
    trade.freelancer.browser.submit(f"{address(number)}/seen", {"up_to": "1"}, page=address(number))
    assert unread_badge(trade.freelancer.browser.get(overview).text) == "1"


def test_reading_up_to_a_message_of_another_order_marks_nothing(trade: Trade, number: str) -> None:
    other = trade.buy(0).number
    write(trade.employer, number, "Here")
    elsewhere = trade.do(messages.send, other, trade.employer.id, "There")
    trade.freelancer.browser.submit(f"{address(number)}/seen", {"up_to": str(elsewhere)}, page=address(number))
    assert unread_badge(trade.freelancer.browser.get(f"/orders/{number}/overview").text) == "1"


def test_answering_marks_as_read_what_stood_above_the_form_and_nothing_after_it(trade: Trade, number: str) -> None:
    write(trade.employer, number, "Hello")
    page = trade.freelancer.browser.get(address(number)).text
    above = re.search(r'name="up_to" value="(\d+)"><', page.partition('id="write"')[2].replace("\n", ""))
    assert above
    write(trade.employer, number, "Stop!")
    trade.freelancer.browser.submit(address(number), {"body": "Hello back", "up_to": above[1]}, page=address(number))
    assert unread_badge(trade.freelancer.browser.get(f"/orders/{number}/overview").text) == "1"


@both_databases
def test_the_conversation_tells_what_happened_to_the_order(trade: Trade, number: str) -> None:
    do = trade.do
    do(orders.deliver, number, trade.freelancer.id, final=False, description="A draft.")
    trade.deliver(number)
    do(orders.request_revision, number, trade.employer.id, instructions="Bluer.")
    trade.deliver(number)
    do(orders.approve, number, trade.employer.id)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    told = " ".join(fact for _, fact in lines(trade.employer.browser.get(address(number)).text))
    words = ("paid into escrow", "shared draft work", "final delivery", "requested a revision", "final delivery", "completed")
    at = -1
    for word in words:
        at = told.find(word, at + 1)
        assert at >= 0, f"{word!r} is missing, or too early: {told}"


def test_a_cancelled_order_says_so_and_can_still_be_talked_about(trade: Trade, number: str) -> None:
    trade.do(orders.cancel, number, trade.freelancer.id)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    assert "Frida cancelled the order." in trade.employer.browser.get(address(number)).text
    assert write(trade.employer, number, "A pity.").status_code == 303


@both_databases
def test_older_messages_are_on_pages_of_their_own_each_once(trade: Trade, number: str) -> None:
    total = 2 * PAGE + 5
    with trade.writing() as session:
        for count in range(total):
            messages.send(session, number, (trade.employer.id, trade.freelancer.id)[count % 2], f"Message {count:03}")
    seen: list[str] = []
    at: str | None = address(number)
    while at:
        page = trade.employer.browser.get(at).text
        seen = [body for body, _ in lines(page) if body] + seen
        older = re.search(r'href="([^"]*before=\d+)"', page)
        at = older[1] if older else None
    assert seen == [f"Message {count:03}" for count in range(total)]


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 18, "9" * 40])
def test_a_page_key_of_nonsense_gives_a_page(trade: Trade, number: str, before: str) -> None:
    assert trade.employer.browser.get(f"{address(number)}?before={before}").status_code == 200


def test_the_page_costs_the_same_statements_however_long_the_conversation_is(trade: Trade, number: str) -> None:
    def look() -> object:
        return trade.employer.browser.get(address(number))

    look()
    short = statements(trade, look)
    with trade.writing() as session:
        for count in range(2 * PAGE):
            messages.send(session, number, trade.freelancer.id, f"Message {count}")
    assert statements(trade, look) == short + 1, "the files of messages, once there are messages"
    assert short + 1 <= 6


def test_switched_off_the_tab_and_its_address_are_gone_and_orders_go_on(trade: Trade, number: str) -> None:
    write(trade.employer, number, "Before.")
    trade.switch("messages", on=False)
    assert address(number) not in trade.employer.browser.get(f"/orders/{number}/overview").text
    assert trade.employer.browser.get(address(number)).status_code == 404
    trade.deliver(number)
    trade.switch("messages", on=True)
    assert "Before." in trade.employer.browser.get(address(number)).text


def test_a_message_has_an_author_or_is_the_systems(trade: Trade, number: str) -> None:
    order = trade.facts(number)
    with pytest.raises(Exception, match=r"author_or_kind|CHECK"), trade.runtime.write() as session:
        session.execute(
            text("INSERT INTO messages_message (order_id, kind, body, created_at) VALUES (:order, '', 'x', CURRENT_TIMESTAMP)"),
            {"order": order.id},
        )


@both_databases
def test_two_who_write_at_once_wait_for_each_other(trade: Trade, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add, both_have_added, sent = talking._add, threading.Barrier(2), []

    def add_together(*given: Any) -> int:
        message = add(*given)
        with suppress(threading.BrokenBarrierError):  # whoever waits for the other's lock never comes here
            both_have_added.wait(0.5)
        return message

    monkeypatch.setattr(talking, "_add", add_together)
    sides = (trade.employer, trade.freelancer)
    threads = [
        threading.Thread(target=lambda one=one: sent.append(trade.do(messages.send, number, one.id, "At once."))) for one in sides
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(sent)) == 2


def test_a_line_end_counts_once_however_the_browser_sends_it(trade: Trade, number: str) -> None:
    assert write(trade.employer, number, "a\r\n" * 2499 + "bc").status_code == 303
    assert write(trade.employer, number, "a\r\n" * 2500 + "b").status_code == 422


def test_switched_off_its_form_is_told_so_and_what_was_typed_is_kept(trade: Trade, number: str) -> None:
    browser = trade.employer.browser
    browser.get(address(number))
    trade.switch("messages", on=False)
    same = {"Sec-Fetch-Site": "same-origin"}
    for path in (address(number), f"{address(number)}/seen"):
        for headers in (same, {}):
            answer = browser.submit(path, {"body": "Dear <b>Frida</b>"}, headers=headers)
            assert answer.status_code in (404, 405) and "may be switched off" in answer.text
            assert "the page\u2019s own buttons" not in answer.text and "buttons" not in answer.text
            assert ('value="Dear &lt;b&gt;Frida&lt;/b&gt;"' in answer.text) is (headers is same)
    assert browser.get(address(number)).status_code == 404
    trade.switch("messages", on=True)
    seen = browser.get(f"{address(number)}/seen")
    assert seen.status_code == 405 and "It only takes what a form sends." in seen.text
