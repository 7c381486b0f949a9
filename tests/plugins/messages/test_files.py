"""Files and messages: a message counts as having acted, and files that came with one are the order's."""

import io

import pytest
from werkzeug.datastructures import FileStorage

from gigneo.api import receiving, write
from gigneo.core.modules.lifecycle import disable
from gigneo.core.refusals import Refused
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
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


def test_files_that_came_with_a_message_are_listed_as_such_and_readable_while_messages_are_off(trade: Trade) -> None:
    order = trade.buy()
    with trade.dispatcher.site.app.app_context(), receiving([sheet("sent.pdf")]) as received, write() as session:
        locked = orders.lock_order(session, order.id)
        message_id = messages.send(session, order.id, trade.employer.id, "See the sheet.")
        origin = ("messages.message", message_id)
        [row] = orders.attach(session, locked, trade.employer.id, received, kind="reference", origin=origin)
        file_id = row.id
    with trade.runtime.read() as session:
        found = orders.by_origin(orders.files_that_came_with(session, order.id, "messages.message"))
    assert [file.name for file in found[message_id]] == ["sent.pdf"]
    browser = trade.freelancer.browser
    assert "Message · " in browser.get(f"/orders/{order.number}/attachments").text
    assert browser.get(f"/files/{file_id}").data == PDF
    disable(trade.runtime, "messages")
    trade.dispatcher.refresh_now()
    assert "Another module · " in browser.get(f"/orders/{order.number}/attachments").text
    assert browser.get(f"/files/{file_id}").data == PDF
