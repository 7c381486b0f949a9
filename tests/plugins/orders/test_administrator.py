"""What an administrator sees of an order, decides about it, and leaves behind: reasons for both, rows in the audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.modules.lifecycle import enable
from gigneo.core.refusals import RefusedBase
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of

REASON = "Both sides were heard."


@pytest.fixture
def ada(people: Callable[..., Someone]) -> Someone:
    """An administrator."""
    return people("administrator", name="ada")


def decide(ada: Someone, number: str, decision: str, **values: str) -> Any:
    page = f"/admin/orders/{number}/decide/{decision}"
    return ada.browser.submit(page, {"reason": REASON, **values}, page=page)


@both_databases
@pytest.mark.parametrize("state", ["active", "delivered", "in_revision"])
@pytest.mark.parametrize(
    ("decision", "after", "moved"), [("complete", "completed", "order_released"), ("cancel", "cancelled", "order_refunded")]
)
def test_an_administrator_completes_or_cancels_an_open_order_with_a_reason_that_both_read(
    market: Market, ada: Someone, state: str, decision: str, after: str, moved: str
) -> None:
    order = market.order(state)
    market.do(orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="We merged.")
    market.do(orders.place_hold, order.id, "acme", "Wait.", ["approve", "cancel"])
    assert decide(ada, order.number, decision).status_code == 303
    now = market.facts(order)
    assert (now.state, now.holds, now.requests) == (after, (), ())
    assert market.rows("SELECT kind FROM wallet_transfer WHERE order_id = :id ORDER BY id", id=order.id)[-1] == (moved,)
    for someone in (market.employer, market.freelancer):
        assert REASON in page_of(someone.browser, order, "activity")
    audited = market.rows(
        "SELECT action, actor_id, detail FROM audit_entry WHERE subject = :subject ORDER BY id", subject=f"order:{order.number}"
    )
    assert [row[0] for row in audited] == ["orders.hold_lifted", f"orders.{after}"]
    assert all(row[1] == ada.id and REASON in row[2] for row in audited)
    assert market.rows("SELECT cancelled FROM orders_record") == [(0,)], "it counts against nobody"


def test_a_reason_is_required_and_what_was_typed_stays(market: Market, ada: Someone) -> None:
    order = market.order("active")
    answer = decide(ada, order.number, "cancel", reason=" \u200b")
    assert answer.status_code == 422 and "Say why; both sides read it." in answer.text
    assert market.facts(order) == order
    stale = ada.browser.get(f"/admin/orders/{order.number}/decide/cancel")
    market.step(order, "deliver")
    answer = ada.browser.submit(f"/admin/orders/{order.number}/decide/cancel", {"reason": REASON, "version": str(order.version)})
    assert stale.status_code == 200 and answer.status_code == 409
    assert "The order has changed while you were looking at it." in answer.text and f"{REASON}</textarea>" in answer.text


def test_orders_that_are_not_open_can_not_be_decided(market: Market, ada: Someone) -> None:
    for state in ("pending_payment", "completed", "cancelled"):
        order = market.order(state)
        for decision in ("complete", "cancel"):
            assert ada.browser.get(f"/admin/orders/{order.number}/decide/{decision}").status_code == 409
            assert decide(ada, order.number, decision).status_code == 409
        assert market.facts(order) == order
    assert ada.browser.get(f"/admin/orders/{order.number}/decide/nothing").status_code == 404
    assert ada.browser.get("/admin/orders/1/decide/cancel").status_code == 404


def test_nobody_decides_about_an_order_of_their_own_nor_without_the_right(market: Market) -> None:
    order = market.order("active")
    for expected in ("not_found", "own_order"):
        for run in (orders.complete_as_administrator, orders.cancel_as_administrator):
            with pytest.raises(RefusedBase) as refusal:
                market.do(run, order.id, order.employer_id, reason=REASON)
            assert refusal.value.refusals[0].code == expected
        granted = "INSERT INTO account_grant (user_id, permission, allowed) VALUES (:who, 'orders.manage', true)"
        with market.runtime.write() as session:
            if expected == "not_found":
                session.execute(text(granted), {"who": order.employer_id})
    assert market.facts(order) == order


def test_one_page_shows_everything_about_an_order(market: Market, ada: Someone) -> None:
    order = market.order("in_revision")
    market.do(orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="We merged.")
    market.do(orders.reject_cancellation, order.id, order.freelancer_id, answer_text="It is nearly done.")
    market.do(orders.ask_administrator, order.id, order.employer_id, text="Please look.")
    market.do(orders.place_hold, order.id, "acme", "The papers are checked.", ["approve"])
    page = ada.browser.get(f"/admin/orders/{order.number}").text
    for told in (
        "Here it is.", "Heavier, please.", "We merged.", "It is nearly done.", "Please look.", "The papers are checked.",
        "requested a revision", "<bdi>Mara</bdi> cancelled", "0 of 0", "/payments", "Complete the order", "Cancel the order",
    ):  # fmt: skip
        assert told in page, told


def test_private_messages_are_opened_on_purpose_and_that_is_noted(market: Market, ada: Someone, people: Any) -> None:
    enable(market.runtime, "messages")
    market.dispatcher.refresh_now()
    order = market.order("active")
    market.do(messages.send, order.number, order.employer_id, "Our secret word is plum.")
    address = f"/admin/orders/{order.number}/messages"
    locked = ada.browser.get(address)
    assert locked.status_code == 200 and "plum" not in locked.text and "Open for an hour" in locked.text
    assert "plum" not in ada.browser.get(f"/admin/orders/{order.number}").text
    assert ada.browser.submit(f"{address}/open").status_code == 303
    opened = ada.browser.get(address).text
    assert "plum" in opened and "Send message" not in opened
    assert market.rows("SELECT action, actor_id FROM audit_entry WHERE action = 'orders.private_read'") == [
        ("orders.private_read", ada.id)
    ]
    assert "opened “Messages” as administrator" in page_of(market.employer.browser, order, "activity")
    bea = people("administrator", name="bea")
    assert "plum" not in bea.browser.get(address).text, "each administrator for themselves"
    later = market.runtime.clock.now() + timedelta(hours=1, minutes=1)
    with market.runtime.clock.standing_at(later):  # type: ignore[attr-defined]
        assert "plum" not in ada.browser.get(address).text
    assert ada.browser.submit(f"/admin/orders/{order.number}/payments/open").status_code == 404


def test_orders_are_found_by_number_title_and_person(market: Market, ada: Someone) -> None:
    first = market.order("active", title="A brochure in two languages")
    second = market.order("active", title="A map of 100 % of the park")
    for typed, found in (
        (first.number, {first}), ("#" + first.number[:5], {first}), ("brochure", {first}), ("LANGUAGES two", {first}),
        ("100 %", {second}), ("%", set()), ("_", set()), ("brochure park", set()), ("mara", {first, second}),
        ("jonas map", {second}), ("x" * 200, set()), ("'; drop table", set()), ("   ", {first, second}),
    ):  # fmt: skip
        for someone, list_of in ((ada, "/admin/orders"), (market.employer, "/dashboard/orders/services")):
            if typed in {"jonas map"} and someone is market.employer:
                continue  # one's own name is no word to look for
            page = someone.browser.get(list_of, query_string={"q": typed})
            assert page.status_code == 200
            shown = {order for order in (first, second) if order.title.replace("%", "%") in page.text}
            assert shown == found, (typed, list_of)


@both_databases
def test_an_administrator_answers_what_was_asked_and_the_order_goes_on(
    market: Market, ada: Someone, run_tasks: Callable[[], int]
) -> None:
    order = market.order("delivered")
    market.do(orders.request_cancellation, order.id, order.employer_id, reason="Something else", description="We merged.")
    market.do(orders.reject_cancellation, order.id, order.freelancer_id)
    market.do(orders.place_hold, order.id, "acme", "Wait.", ["approve"])
    page = f"/admin/orders/{order.number}/decide/answer"
    assert ada.browser.get(page).status_code == 409, "nobody has asked"
    before = market.do(orders.ask_administrator, order.id, order.employer_id, text="Who is right?")
    assert f"#{order.number}" in ada.browser.get("/admin/orders?show=flagged").text
    assert "Who is right?" in ada.browser.get(page).text
    answer = ada.browser.submit(page, {"answer": " \u200b", "version": str(before.version)})
    assert answer.status_code == 422 and "Write an answer; both sides read it." in answer.text
    run_tasks()
    for path in (market.runtime.home / "mail").rglob("*.eml"):
        path.unlink()
    assert ada.browser.submit(page, {"answer": "Both: meet in the middle."}, page=page).status_code == 303
    after = market.facts(order)
    assert (after.state, after.holds, after.requests) == ("delivered", before.holds, ()), "nothing else is settled"
    assert market.rows("SELECT kind, state, answer FROM orders_request ORDER BY id")[-1] == (
        "administrator", "answered", "Both: meet in the middle.",
    )  # fmt: skip
    for someone in (market.employer, market.freelancer):
        assert "Both: meet in the middle." in page_of(someone.browser, order, "activity")
        assert "Administrator asked" not in page_of(someone.browser, order)
    assert f"#{order.number}" not in ada.browser.get("/admin/orders?show=flagged").text
    assert "Answered by the administrator" in ada.browser.get(f"/admin/orders/{order.number}").text
    audited = market.rows("SELECT actor_id, detail FROM audit_entry WHERE action = 'orders.answered'")
    assert audited[0][0] == ada.id and "meet in the middle" in audited[0][1]
    run_tasks()
    mails = [path.read_text(errors="replace") for path in (market.runtime.home / "mail").rglob("*.eml")]
    assert sorted(mail.partition("To: ")[2].partition("@")[0] for mail in mails) == ["jonas", "mara"]
    assert all("The administrator has answered" in mail for mail in mails)
