"""Live arrival: what came since, 304 when nothing did, for the two sides only, and nothing is marked by asking."""

import json
import re
from typing import Any

import pytest

from gigneo.plugins.messages import api as messages
from gigneo.plugins.messages.queries import PAGE
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.messages.conftest import Trade, statements


class Looker:
    """Somebody whose page asks again and again, as its script does."""

    def __init__(self, person: Someone, number: str) -> None:
        self.browser, self.address = person.browser, f"/orders/{number}/messages"
        page = self.browser.get(self.address).text
        found = re.search(r'data-newest="(\d+)" data-version="(\d+)"', page)
        assert found
        self.newest, self.tag, self.state = int(found[1]), "", dict[str, Any]()

    def look(self) -> Any:
        headers = {"HX-Request": "true", **({"If-None-Match": self.tag} if self.tag else {})}
        answer = self.browser.get(f"{self.address}/new?after={self.newest}", headers=headers)
        if answer.status_code == 200:
            self.tag = answer.headers.get("ETag", "")
            self.state = json.loads(answer.headers["HX-Trigger-After-Swap"])["talk:state"]
            self.newest = self.state["newest"]
        return answer


@pytest.fixture
def number(trade: Trade) -> str:
    return trade.buy().number


@both_databases
def test_what_the_other_side_writes_arrives_once_and_then_nothing_is_new(trade: Trade, number: str, fingerprint: Any) -> None:
    looker = Looker(trade.freelancer, number)
    first = looker.look()
    assert first.status_code == 200 and "<li" not in first.text
    again = looker.look()
    assert again.status_code == 304 and not again.data and again.headers["ETag"] == looker.tag
    assert again.headers["Cache-Control"] == "no-store" and "Content-Security-Policy" in again.headers
    sent = trade.do(messages.send, number, trade.employer.id, "Hello <b>Frida</b>, *at once*.")
    before = fingerprint()
    arrived = looker.look()
    assert arrived.status_code == 200 and arrived.text.count("<li ") == 2, "the line, and where the unread part begins"
    assert "Hello &lt;b&gt;Frida&lt;/b&gt;, <em>at once</em>." in arrived.text and f'id="m-{sent}"' in arrived.text
    assert "talk-new" in arrived.text and looker.state["unread"] == 1 and looker.state["newest"] == sent
    assert looker.look().status_code == 304
    assert fingerprint() == before, "asking marks nothing"


@both_databases
def test_nothing_new_costs_two_statements(trade: Trade, number: str) -> None:
    looker = Looker(trade.freelancer, number)
    looker.look()
    answers = list[int]()
    assert statements(trade, lambda: answers.append(looker.look().status_code)) == 2
    assert answers == [304]


@both_databases
def test_the_other_side_is_told_that_and_when_its_message_was_seen(trade: Trade, number: str) -> None:
    sent = trade.do(messages.send, number, trade.employer.id, "Read me.")
    looker = Looker(trade.employer, number)
    looker.look()
    assert looker.look().status_code == 304 and looker.state["said"] == ""
    clock: Any = trade.runtime.clock
    with clock.standing_at(clock.now().replace(hour=14, minute=5)):
        trade.do(messages.mark_seen, number, trade.freelancer.id, sent)
        assert looker.look().status_code == 200
        assert looker.state["seen"] == sent and re.fullmatch(r"Seen 2:05\W?PM", looker.state["said"])
        page = trade.employer.browser.get(looker.address).text
        assert re.search(rf'id="m-{sent}".*?data-talk-mark>.*?Seen 2:05', page, re.DOTALL)
    assert looker.look().status_code == 304
    theirs = trade.freelancer.browser.get(looker.address).text
    assert "data-talk-mark hidden" in theirs, "they wrote nothing that could have been seen"


def test_when_something_was_seen_is_when_there_was_something_to_see(trade: Trade, number: str) -> None:
    clock: Any = trade.runtime.clock
    morning = clock.now().replace(hour=9, minute=30)
    with clock.standing_at(morning):
        sent = trade.do(messages.send, number, trade.employer.id, "Read me in the morning.")
        trade.do(messages.mark_seen, number, trade.freelancer.id, sent)
    with clock.standing_at(morning.replace(hour=17)):
        trade.do(messages.send, number, trade.freelancer.id, "I answer in the evening.")
        assert "Seen 9:30" in trade.employer.browser.get(f"/orders/{number}/messages").text


def test_asking_is_for_the_two_sides_alone(trade: Trade, number: str, people: Any, nobody: Any) -> None:
    address = f"/orders/{number}/messages/new?after=0"
    administrator = people("administrator", name="ada")
    for other in (trade.stranger, administrator):
        assert other.browser.get(address, headers={"HX-Request": "true"}).status_code == 404
    assert nobody.get(address, headers={"HX-Request": "true"}).status_code == 401
    assert nobody.get(address).status_code == 303
    assert trade.employer.browser.get("/orders/0/messages/new").status_code == 404
    for after in ("x", "-1", "9" * 40, ""):
        assert trade.employer.browser.get(f"/orders/{number}/messages/new?after={after}").status_code == 200


def test_what_one_person_sees_is_no_answer_for_another_nor_in_another_language_or_with_other_modules(
    trade: Trade, number: str
) -> None:
    mine, theirs = Looker(trade.employer, number), Looker(trade.freelancer, number)
    mine.look()
    theirs.look()
    assert mine.tag != theirs.tag
    mine.tag, theirs.tag = theirs.tag, mine.tag
    assert mine.look().status_code == 200 and theirs.look().status_code == 200
    assert mine.look().status_code == 304
    mine.browser.set_cookie("gigneo-locale", "de")
    assert mine.look().status_code == 200, "another language"
    assert mine.look().status_code == 304
    trade.switch("disputes", on=False)
    assert mine.look().status_code == 200
    assert mine.look().status_code == 304
    trade.deliver(number)
    assert mine.look().status_code == 200, "the order has moved on"
    assert mine.state["version"] == trade.facts(number).version


def test_more_than_a_page_arrives_page_by_page_and_in_order(trade: Trade, number: str) -> None:
    looker = Looker(trade.freelancer, number)
    with trade.writing() as session:
        for count in range(PAGE + 5):
            messages.send(session, number, trade.employer.id, f"Message {count:03}")
    first, second = looker.look(), looker.look()
    found = re.findall(r"Message \d{3}", first.text + second.text)
    assert found == [f"Message {count:03}" for count in range(PAGE + 5)]
    assert looker.state["more"] is False and looker.look().status_code == 304


def test_lines_of_the_system_arrive_too_and_a_day_is_named_once(trade: Trade, number: str) -> None:
    looker = Looker(trade.employer, number)
    trade.do(orders.deliver, number, trade.freelancer.id, final=False, description="A draft.")
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    arrived = looker.look()
    assert "Frida shared draft work" in arrived.text and "talk-day" not in arrived.text


@both_databases
def test_a_script_sends_and_gets_the_form_anew_or_with_what_is_wrong(trade: Trade, number: str) -> None:
    address, browser = f"/orders/{number}/messages", trade.employer.browser
    browser.get(address)
    script = {"HX-Request": "true"}
    key = browser.fields["form_key"]
    sent = browser.submit(address, {"body": "By a script."}, headers=script)
    assert sent.status_code == 200 and sent.text.lstrip().startswith("<form") and "By a script." not in sent.text
    assert browser.fields["form_key"] != key, "the next message has a key of its own"
    assert "By a script." in trade.freelancer.browser.get(address).text
    refused = browser.submit(address, {"body": "y" * 5001}, headers=script)
    assert refused.status_code == 422 and refused.text.lstrip().startswith("<form") and "y" * 5001 in refused.text


def test_a_script_whose_log_in_ended_is_told_so_and_nothing_is_sent(trade: Trade, number: str, fingerprint: Any) -> None:
    address, browser = f"/orders/{number}/messages", trade.employer.browser
    browser.get(address)
    token, key = browser.fields["csrf_token"], browser.fields["form_key"]
    browser.submit("/logout", page=address)
    before = fingerprint()
    typed = {"body": "Too late.", "csrf_token": token, "form_key": key}
    answer = browser.post(address, data=typed, headers={"HX-Request": "true", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401 and fingerprint() == before


def test_a_page_that_was_made_for_somebody_else_is_told_so(trade: Trade, number: str) -> None:
    look = f"/orders/{number}/messages/new?after=0&as={trade.freelancer.id}"
    assert trade.freelancer.browser.get(look).status_code == 200
    answer = trade.employer.browser.get(look)
    assert answer.status_code == 409 and answer.text == ""
