"""Files and messages: a message counts as having acted, and files that came with one are the order's."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from gigneo.core.files.models import StoredFile
from gigneo.core.refusals import Refused
from gigneo.plugins.messages import api as messages
from gigneo.plugins.messages.queries import PAGE
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders.file_rows import WITH_ORDER
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.messages.conftest import statements
from tests.plugins.orders.conftest import PDF
from tests.plugins.services.conftest import Trade


def sheet(name: str) -> FileStorage:
    return FileStorage(io.BytesIO(PDF), filename=name)


@both_databases
def test_a_file_stays_once_the_other_side_has_written(trade: Trade) -> None:
    order = trade.buy()
    [first] = trade.do(orders.add_files, order.id, trade.employer.id, "reference", [sheet("first.pdf")])
    trade.do(messages.send, order.id, trade.employer.id, "My own words.")
    trade.do(orders.take_back, order.id, trade.employer.id, first)
    [second] = trade.do(orders.add_files, order.id, trade.employer.id, "reference", [sheet("second.pdf")])
    trade.do(messages.send, order.id, trade.freelancer.id, "I have seen it.")
    with pytest.raises(Refused) as refused:
        trade.do(orders.take_back, order.id, trade.employer.id, second)
    assert refused.value.code == "acted_since"
    page = trade.employer.browser.get(f"/orders/{order.number}/attachments").text
    assert "second.pdf" in page and f"/attachments/{second}/remove" not in page


def compose(person: Someone, number: str, body: str, *names: str, content: bytes = PDF, **fields: str) -> Any:
    """Send a message with files through its form, from its page."""
    files = [(io.BytesIO(content), name) for name in names]
    address = f"/orders/{number}/messages"
    return person.browser.submit(address, {"body": body, "files": files, **fields}, page=address)


def shown(person: Someone, number: str) -> str:
    return person.browser.get(f"/orders/{number}/messages").text


@both_databases
def test_files_come_with_a_message_and_are_listed_as_such_with_the_way_to_it(trade: Trade) -> None:
    number = trade.buy().number
    assert compose(trade.employer, number, "See the **sheets**.", "one.pdf", "two.pdf").status_code == 303
    page = shown(trade.freelancer, number)
    assert "<strong>sheets</strong>" in page
    addresses = re.findall(r'class="file" href="(/files/\d+)"', page)
    assert len(addresses) == 2 and page.index("one.pdf") < page.index("two.pdf")
    assert trade.freelancer.browser.get(addresses[0]).data == PDF
    assert trade.stranger.browser.get(addresses[0]).status_code == 404
    listed = trade.freelancer.browser.get(f"/orders/{number}/attachments").text
    way = re.search(r'href="([^"]*/messages\?at=(\d+)#m-\d+)">Message</a>', listed)
    assert way and "two.pdf" in listed
    assert f'id="m-{way[2]}"' in trade.freelancer.browser.get(way[1]).text
    trade.switch("messages", on=False)
    assert "Another module · " in trade.freelancer.browser.get(f"/orders/{number}/attachments").text
    assert trade.freelancer.browser.get(addresses[1]).data == PDF


def test_the_way_to_an_old_message_leads_to_the_page_that_has_it(trade: Trade) -> None:
    number = trade.buy().number
    first = trade.do(messages.send, number, trade.employer.id, "Long ago.")
    with trade.writing() as session:
        for count in range(2 * PAGE):
            messages.send(session, number, trade.employer.id, f"Later {count}")
    page = trade.freelancer.browser.get(f"/orders/{number}/messages?at={first}").text
    assert f'id="m-{first}"' in page and "Back to the newest" in page and "data-new=" not in page
    elsewhere = trade.do(messages.send, trade.buy(0).number, trade.employer.id, "Of another order.")
    page = trade.freelancer.browser.get(f"/orders/{number}/messages?at={elsewhere}").text
    assert "Of another order." not in page and f"Later {2 * PAGE - 1}" in page


@both_databases
def test_a_message_may_be_files_alone_but_not_nothing(trade: Trade) -> None:
    number = trade.buy().number
    assert compose(trade.employer, number, " \n", "alone.pdf").status_code == 303
    assert "alone.pdf" in shown(trade.freelancer, number)
    answer = compose(trade.employer, number, " \n")
    assert answer.status_code == 422 and "Write something, or attach a file." in answer.text


def test_the_same_form_with_the_same_files_sends_once_and_with_others_is_refused(trade: Trade) -> None:
    number, address = (order := trade.buy()).number, f"/orders/{order.number}/messages"
    browser = trade.employer.browser
    browser.get(address)
    key = browser.fields["form_key"]

    def send(content: bytes) -> Any:
        files = [(io.BytesIO(content), "same.pdf")]
        return browser.submit(address, {"body": "Look.", "files": files, "form_key": key})

    assert [send(PDF).status_code for _ in range(2)] == [303, 303]
    assert shown(trade.freelancer, number).count("same.pdf") == 1
    refused = send(PDF + b"\n% other")
    assert refused.status_code == 409 and "Look." in refused.text
    assert shown(trade.freelancer, number).count("same.pdf") == 1


def test_files_of_a_refused_message_wait_for_it_and_text_of_a_refused_file_too(trade: Trade) -> None:
    number, address = (order := trade.buy()).number, f"/orders/{order.number}/messages"
    answer = compose(trade.employer, number, "y" * 5001, "waits.pdf")
    assert answer.status_code == 422 and "waits.pdf" in answer.text
    waiting = re.search(r'name="kept" value="(\d+)" checked', answer.text)
    assert waiting and "waits.pdf" not in shown(trade.freelancer, number)
    assert trade.freelancer.browser.get(f"/files/{waiting[1]}").status_code == 404
    sent = trade.employer.browser.submit(address, {"body": "Shorter.", "kept": waiting[1]})
    assert sent.status_code == 303
    page = shown(trade.freelancer, number)
    assert "Shorter." in page and "waits.pdf" in page
    answer = compose(trade.employer, number, "Keep these words.", "evil.exe", content=b"MZ")
    assert answer.status_code == 422 and "Keep these words." in answer.text and "evil.exe can&#39;t be sent" in answer.text
    assert "Keep these words." not in shown(trade.freelancer, number)


def test_what_came_with_a_message_is_not_taken_back(trade: Trade) -> None:
    number = trade.buy().number
    compose(trade.employer, number, "Here.", "stays.pdf")
    page = trade.employer.browser.get(f"/orders/{number}/attachments").text
    assert "stays.pdf" in page and "/remove" not in page


def test_many_files_of_messages_cost_no_more_statements_than_one(trade: Trade) -> None:
    number = trade.buy().number
    compose(trade.employer, number, "One.", "one.pdf")
    few = statements(trade, lambda: shown(trade.freelancer, number))
    for name in ("two", "three"):
        compose(trade.employer, number, name, f"{name}.pdf", f"{name}-more.pdf")
    assert statements(trade, lambda: shown(trade.freelancer, number)) == few


def a_private_file(trade: Trade) -> tuple[str, str]:
    """Let the employer send ``wishes.pdf`` in a conversation; return the order's number, and where the file is downloaded."""
    number = trade.buy().number
    assert compose(trade.employer, number, "", "wishes.pdf").status_code == 303
    [address] = re.findall(r'class="file" href="(/files/\d+)"', shown(trade.freelancer, number))
    return number, address


@both_databases
def test_an_administrator_sees_and_gets_files_of_a_conversation_after_opening_it_on_purpose(
    trade: Trade, people: Callable[..., Someone]
) -> None:
    number, address = a_private_file(trade)
    admin = people("administrator", name="ada").browser
    page = f"/admin/orders/{number}"
    before = admin.get(page).text
    assert "wishes.pdf" not in before and "once you have opened it" in before
    assert admin.get(address).status_code == 404 and trade.freelancer.browser.get(address).data == PDF
    assert admin.submit(f"{page}/messages/open", page=f"{page}/messages").status_code == 303
    after = admin.get(page).text
    assert "wishes.pdf" in after and "once you have opened it" not in after and admin.get(address).data == PDF
    clock: Any = trade.runtime.clock
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        assert admin.get(address).status_code == 404


@both_databases
def test_files_of_a_conversation_stay_closed_to_administrators_while_its_module_is_off(
    trade: Trade, people: Callable[..., Someone]
) -> None:
    """Nobody could open the conversation meanwhile; both sides still have what they sent."""
    number, address = a_private_file(trade)
    admin = people("administrator", name="ada").browser
    trade.switch("messages", on=False)
    page = admin.get(f"/admin/orders/{number}").text
    assert "wishes.pdf" not in page and "those of modules that are off" in page
    assert admin.get(address).status_code == 404 and trade.freelancer.browser.get(address).data == PDF


def test_files_that_are_open_are_named_however_many_private_ones_came_later(trade: Trade, people: Callable[..., Someone]) -> None:
    number, address = a_private_file(trade)
    private_id = int(address.rpartition("/")[2])
    with trade.runtime.write() as session:
        private = session.get(StoredFile, private_id).model_dump(exclude={"id", "storage_key"})
        came_with_nothing = {"name": "contract.pdf", "origin_kind": "", "origin_id": None}
        session.add(StoredFile(**{**private, **came_with_nothing}, storage_key="contract"))
        session.flush()
        session.add_all(StoredFile(**private, storage_key=f"wishes-{copy}") for copy in range(WITH_ORDER))
    page = people("administrator", name="ada").browser.get(f"/admin/orders/{number}").text
    assert "contract.pdf" in page and "wishes.pdf" not in page and "once you have opened it" in page
