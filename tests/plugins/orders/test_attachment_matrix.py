"""Whose file × what somebody does with it: each cell is allowed or does not exist, and ids in an address count together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.api import files_of
from gigneo.core.accounts.admin import grant
from gigneo.core.refusals import Refused
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of, upload
from tests.plugins.orders.test_attachments import add

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Cells:
    """What comes of it when the freelancer of order X asks.

    Attributes:
        download: the status of the download.
        through: of the page that removes it, through order X.
        remove: of removing it, through order X.
        attach: whether it goes with a message, or another thing of a module.
        deliver: whether it goes with a delivery.
        listed: whether it stands on the tab of X.
    """

    download: int
    through: int
    remove: int
    attach: str
    deliver: str
    listed: str


MATRIX = {
    "own": Cells(200, 200, 303, NO, NO, YES),
    "of the other side": Cells(200, 409, 409, NO, NO, YES),
    "of a delivery": Cells(200, 409, 409, NO, NO, YES),
    "foreign": Cells(404, 404, 404, NO, NO, NO),
    "unlinked": Cells(200, 404, 404, YES, YES, NO),
    "unlinked and foreign": Cells(404, 404, 404, NO, NO, NO),
    "linked elsewhere": Cells(200, 404, 404, NO, NO, NO),
    "none": Cells(404, 404, 404, NO, NO, NO),
}


@dataclass(frozen=True)
class Shelf:
    """Three orders and a file of every kind."""

    mine: OrderFacts
    foreign: OrderFacts
    files: dict[str, int]


@pytest.fixture
def shelf(market: Market, stranger: Someone, people: Callable[..., Someone]) -> Shelf:
    zoe = people("freelancer", name="zoe")
    market.top_up(stranger)
    mine, elsewhere = market.order("active"), market.order("active")
    foreign = market.order("active", employer_id=stranger.id, freelancer_id=zoe.id)
    of_other = add(market, mine, market.employer, "theirs.pdf")
    market.do(orders.deliver, mine.id, market.freelancer.id, final=False, uploads=[upload("delivered.pdf")])
    delivered = market.rows("SELECT id FROM file_stored WHERE name = 'delivered.pdf'")[0][0]
    return Shelf(
        mine,
        foreign,
        {
            "of the other side": of_other,
            "of a delivery": delivered,
            "own": add(market, mine, market.freelancer, "own.pdf"),
            "foreign": add(market, foreign, stranger, "foreign.pdf"),
            "unlinked": market.do(orders.keep, upload("unlinked.pdf"), market.freelancer.id).id,
            "unlinked and foreign": market.do(orders.keep, upload("secret.pdf"), stranger.id).id,
            "linked elsewhere": add(market, elsewhere, market.freelancer, "elsewhere.pdf"),
            "none": 10**9,
        },
    )


@both_databases
def test_each_file_is_read_removed_and_attached_by_whom_it_concerns_only(
    market: Market, shelf: Shelf, fingerprint: Callable[[], dict[str, Any]]
) -> None:
    browser, mara = market.freelancer.browser, market.freelancer.id
    tab = page_of(browser, shelf.mine, "attachments")
    before, wrong = fingerprint(), list[str]()

    def check(said: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{said}: {found}, not {expected}")

    for name, file_id in shelf.files.items():
        cells = MATRIX[name]
        check(f"{name} download", browser.get(f"/files/{file_id}").status_code, cells.download)
        through = f"/orders/{shelf.mine.number}/attachments/{file_id}/remove"
        check(f"{name} through its order", browser.get(through).status_code, cells.through)
        beside = f"/orders/{shelf.foreign.number}/attachments/{file_id}/remove"
        check(f"{name} through another order", browser.get(beside).status_code, 404)
        check(f"{name} removed through another order", browser.post(beside, data=browser.fields).status_code, 404)
        check(f"{name} listed", f'/files/{file_id}"' in tab, cells.listed == YES)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            renamed = browser.open(f"/files/{file_id}", method=method, data={**browser.fields, "name": "other.pdf"})
            check(f"{name} renamed by {method}", renamed.status_code in {404, 405}, True)
        if cells.attach == NO:
            check(f"{name} to a message", _refused(market, _attaching(shelf.mine, mara, file_id)), "file_gone")
        if cells.deliver == NO:
            check(f"{name} to a delivery", _refused(market, _delivering(shelf.mine, mara, file_id)), "file_gone")
        if cells.remove != 303:
            browser.get(f"/orders/{shelf.mine.number}/attachments")
            check(f"{name} removed", browser.submit(through).status_code, cells.remove)
    assert not wrong, "\n".join(wrong)
    assert fingerprint() == before
    browser.get(f"/orders/{shelf.mine.number}/attachments")
    address = f"/orders/{shelf.mine.number}/attachments/{shelf.files['own']}/remove"
    assert browser.submit(address).status_code == 303
    assert _refused(market, _attaching(shelf.mine, mara, shelf.files["unlinked"])) == ""
    assert _refused(market, _delivering(shelf.mine, mara, shelf.files["unlinked"])) == "file_gone", "it went with the message"


def test_who_has_lost_access_finds_nothing_any_more(market: Market, shelf: Shelf, people: Callable[..., Someone]) -> None:
    ada = people("administrator", name="ada")
    address = f"/files/{shelf.files['own']}"
    assert ada.browser.get(address).status_code == 200
    grant(market.runtime, ada.email, "orders.manage", allowed=False)
    assert ada.browser.get(address).status_code == 404
    assert market.employer.browser.get(address).status_code == 200
    with market.runtime.write() as session:
        session.execute(text("UPDATE account_user SET active = false WHERE id = :id"), {"id": market.employer.id})
    answer = market.employer.browser.get(address)
    assert answer.status_code == 303 and answer.location.startswith("/login")


def test_a_list_for_nobody_is_empty(market: Market, shelf: Shelf) -> None:
    with market.dispatcher.site.app.app_context():
        assert dict(files_of("orders.order", [None])) == {}  # type: ignore[list-item]
        assert dict(files_of("orders.order", [])) == {}
        assert dict(files_of("orders.nothing", [shelf.mine.id])) == {shelf.mine.id: []}


def test_what_came_with_something_is_found_by_it_alone(market: Market, shelf: Shelf) -> None:
    with market.runtime.read() as session:
        found = orders.files_that_came_with(session, shelf.mine.id, "orders.delivery")
        assert [file.id for file in found] == [shelf.files["of a delivery"]]
        assert orders.files_that_came_with(session, shelf.foreign.id, "orders.delivery") == []
        assert orders.files_that_came_with(session, shelf.mine.id, "messages.message") == []


def _attaching(order: OrderFacts, person_id: int, file_id: int) -> Callable[[Any], object]:
    def run(session: Any) -> object:
        locked = orders.lock_order(session, order.id)
        return orders.attach(session, locked, person_id, file_ids=[file_id], kind="reference", origin=("messages.message", 1))

    return run


def _delivering(order: OrderFacts, person_id: int, file_id: int) -> Callable[[Any], object]:
    return lambda session: orders.deliver(session, order.id, person_id, final=False, file_ids=[file_id])


def _refused(market: Market, use_case: Callable[[Any], object]) -> str:
    """Return the code of the refusal, or nothing when it was done."""
    try:
        market.do(use_case)
    except Refused as refusal:
        return refusal.code
    return ""
