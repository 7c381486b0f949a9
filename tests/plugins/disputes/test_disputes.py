"""Disputes: they stop an order until they are withdrawn, closed, or over with it; and the module comes and goes."""

from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.modules.lifecycle import disable
from gigneo.core.refusals import Refused, RefusedMany
from gigneo.plugins.disputes import settling
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.services.conftest import Trade

WHY = {"reason": "late", "description": "It was due **yesterday**."}


@pytest.fixture
def number(trade: Trade) -> str:
    return trade.buy().number


def form(number: str) -> str:
    return f"/orders/{number}/dispute/open"


def open_one(person: Someone, number: str, **changed: str) -> Any:
    version = "" if "version" in changed else _version(person, number)
    return person.browser.submit(form(number), {**WHY, "version": version, **changed}, page=form(number))


def _version(person: Someone, number: str) -> str:
    page = person.browser.get(form(number)).text
    return page.partition('name="version" value="')[2].partition('"')[0]


def states(trade: Trade) -> list[str]:
    with trade.runtime.read() as session:
        return list(session.execute(text("SELECT state FROM disputes_dispute ORDER BY id")).scalars())


@both_databases
def test_either_side_opens_a_dispute_and_both_see_it(trade: Trade, number: str) -> None:
    overview = trade.freelancer.browser.get(f"/orders/{number}/overview").text
    assert form(number) in overview
    answer = open_one(trade.freelancer, number)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{number}/dispute")
    for person in (trade.freelancer, trade.employer):
        page = person.browser.get(f"/orders/{number}/dispute").text
        assert "The work is late" in page
        assert "<strong>yesterday</strong>" in page
    assert "opened a dispute" in trade.employer.browser.get(f"/orders/{number}/activity").text


@both_databases
def test_an_open_dispute_blocks_every_step_of_the_order(trade: Trade, number: str) -> None:
    delivered = trade.buy(0)
    trade.deliver(delivered.number)
    for at in (number, delivered.number):
        assert open_one(trade.employer, at).status_code == 303
    blocked = [
        (orders.deliver, number, trade.freelancer.id, {"final": True, "description": "x"}),
        (orders.deliver, number, trade.freelancer.id, {"final": False, "description": "x"}),
        (orders.cancel, number, trade.freelancer.id, {}),
        (orders.approve, delivered.number, trade.employer.id, {}),
        (orders.request_revision, delivered.number, trade.employer.id, {"instructions": "x"}),
        (orders.cancel, delivered.number, trade.freelancer.id, {}),
    ]
    for use_case, order, actor, named in blocked:
        with pytest.raises((Refused, RefusedMany)) as refusal:
            trade.do(use_case, order, actor, **named)
        assert any(one.code in {"held", "no_revisions_left"} for one in refusal.value.refusals)
    page = trade.freelancer.browser.get(f"/orders/{number}/overview").text
    assert f"/orders/{number}/deliver" not in page
    assert "A dispute is open" in page


def test_whoever_opened_it_withdraws_it_and_the_order_goes_on(trade: Trade, number: str) -> None:
    open_one(trade.freelancer, number)
    page = f"/orders/{number}/dispute"
    assert "Withdraw dispute" not in trade.employer.browser.get(page).text
    trade.employer.browser.submit(f"{page}/withdraw", {"form_key": "a" * 20}, page=page)
    assert states(trade) == ["open"]
    assert "Withdraw dispute" in trade.freelancer.browser.get(page).text
    trade.freelancer.browser.submit(f"{page}/withdraw", page=page)
    assert states(trade) == ["withdrawn"]
    assert trade.facts(number).holds == ()
    assert trade.deliver(number).state == "delivered"
    assert "withdrew the dispute" in trade.employer.browser.get(f"/orders/{number}/activity").text


def test_only_one_dispute_of_an_order_is_open_at_a_time(trade: Trade, number: str) -> None:
    open_one(trade.freelancer, number)
    assert form(number) not in trade.employer.browser.get(f"/orders/{number}/overview").text.partition("tabs")[0]
    answer = open_one(trade.employer, number)
    assert answer.status_code == 409
    assert "open already" in answer.text
    assert "It was due **yesterday**." in answer.text
    assert states(trade) == ["open"]


def test_the_same_form_twice_opens_once(trade: Trade, number: str) -> None:
    version = _version(trade.employer, number)
    answers = [
        trade.employer.browser.post(form(number), data={**trade.employer.browser.fields, **WHY, "version": version}) for _ in "ab"
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert states(trade) == ["open"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": ""}, "Choose what it is about."),
        ({"reason": "because"}, "Choose one of the list"),
        ({"description": "  "}, "Describe what happened."),
        ({"description": "z" * 5001}, "5000"),
    ],
)
def test_an_incomplete_form_says_what_is_missing_and_keeps_the_rest(
    trade: Trade, number: str, changed: dict[str, str], said: str
) -> None:
    answer = open_one(trade.employer, number, **changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert {**WHY, **changed}["description"].strip() in answer.text
    assert states(trade) == []


def test_a_form_from_before_the_order_changed_is_refused(trade: Trade, number: str) -> None:
    version = _version(trade.employer, number)
    trade.deliver(number)
    answer = open_one(trade.employer, number, version=version)
    assert answer.status_code == 409
    assert states(trade) == []


def test_a_finished_or_unpaid_order_offers_no_dispute(trade: Trade, number: str) -> None:
    trade.do(orders.cancel, number, trade.freelancer.id)
    assert form(number) not in trade.employer.browser.get(f"/orders/{number}/overview").text
    answer = open_one(trade.employer, number)
    assert answer.status_code == 409
    assert states(trade) == []


@both_databases
def test_a_stranger_finds_nothing_and_changes_nothing(trade: Trade, number: str, fingerprint: Any) -> None:
    open_one(trade.employer, number)
    before = fingerprint()
    trade.stranger.browser.get("/dashboard")
    for path in (f"/orders/{number}/dispute", form(number)):
        assert trade.stranger.browser.get(path).status_code == 404
    for path in (form(number), f"/orders/{number}/dispute/withdraw"):
        assert trade.stranger.browser.submit(path, {**WHY, "form_key": "x" * 20}).status_code == 404
    for path in ("/admin/disputes", "/admin/disputes/1"):
        assert trade.stranger.browser.get(path).status_code in {403, 404}
    assert fingerprint() == before


@both_databases
def test_an_administrator_closes_a_dispute_with_a_reason_that_both_read(trade: Trade, number: str, people: Any) -> None:
    open_one(trade.employer, number)
    admin = people("administrator", name="ada")
    assert "The work is late" in admin.browser.get("/admin/disputes").text
    assert admin.browser.submit("/admin/disputes/1", {"reason": " "}, page="/admin/disputes/1").status_code == 422
    assert states(trade) == ["open"]
    answer = admin.browser.submit("/admin/disputes/1", {"reason": "Both agreed by phone."}, page="/admin/disputes/1")
    assert answer.status_code == 303
    assert states(trade) == ["closed"]
    assert trade.facts(number).holds == ()
    for person in (trade.employer, trade.freelancer):
        assert "Both agreed by phone." in person.browser.get(f"/orders/{number}/dispute").text
    with trade.runtime.read() as session:
        assert session.execute(text("SELECT count(*) FROM audit_entry WHERE action = 'disputes.closed'")).scalar_one() == 1
    assert "No dispute is open" in admin.browser.get("/admin/disputes").text
    assert number in admin.browser.get("/admin/disputes?show=all").text
    assert admin.browser.get("/admin/disputes/99").status_code == 404


def test_closing_twice_says_that_it_is_not_open_any_more(trade: Trade, number: str) -> None:
    open_one(trade.employer, number)
    trade.do(settling.close, 1, trade.stranger.id, "Settled.")
    with pytest.raises(Refused, match="not open any more"):
        trade.do(settling.close, 1, trade.stranger.id, "Settled.")


def test_an_administrator_who_comes_second_reads_that_and_keeps_the_reason(trade: Trade, number: str, people: Any) -> None:
    open_one(trade.employer, number)
    admin = people("administrator", name="ada").browser
    admin.get("/admin/disputes/1")
    late = dict(admin.fields)
    trade.do(settling.close, 1, trade.stranger.id, "Settled.")
    answer = admin.post("/admin/disputes/1", data={**late, "reason": "They agreed by phone."})
    assert answer.status_code == 409
    assert "not open any more" in answer.text and "They agreed by phone." in answer.text and "Settled." in answer.text


@both_databases
def test_switched_off_nothing_of_it_is_left_and_switched_on_it_is_back(trade: Trade, number: str, people: Any) -> None:
    admin = people("administrator", name="ada")
    addresses = (form(number), f"/orders/{number}/dispute", f"/orders/{number}/dispute/withdraw")

    def seen() -> tuple[bool, bool, bool]:
        page = trade.employer.browser.get(f"/orders/{number}/overview").text
        return "Open Dispute" in page, f"/orders/{number}/dispute" in page, "/admin/disputes" in admin.browser.get("/admin").text

    assert seen() == (True, True, True)
    trade.switch("disputes", on=False)
    assert seen() == (False, False, False)
    assert {trade.employer.browser.get(path).status_code for path in addresses[:2]} == {404}
    assert admin.browser.get("/admin/disputes").status_code == 404
    trade.switch("disputes", on=True)
    assert seen() == (True, True, True)


@both_databases
def test_an_open_dispute_keeps_the_module_on_with_the_count(trade: Trade, number: str) -> None:
    open_one(trade.employer, number)
    with pytest.raises((Refused, RefusedMany)) as refusal:
        disable(trade.runtime, "disputes")
    assert "1 dispute is open" in str(refusal.value)
    trade.do(settling.withdraw, number, trade.employer.id)
    trade.switch("disputes", on=False)


@both_databases
def test_forced_off_the_hold_stays_and_once_it_is_lifted_the_module_catches_up(trade: Trade, number: str, people: Any) -> None:
    admin = people("administrator", name="ada")
    open_one(trade.employer, number)
    disable(trade.runtime, "disputes", force=True)
    trade.dispatcher.refresh_now()
    [hold] = trade.facts(number).holds
    with pytest.raises((Refused, RefusedMany)):
        trade.deliver(number)
    trade.do(orders.lift_hold, trade.facts(number).id, hold.id, actor_id=admin.id, reason="The module is gone.")
    assert trade.deliver(number).state == "delivered"
    trade.switch("disputes", on=True)
    assert states(trade) == ["lapsed"]


def test_the_other_side_is_told_by_mail_and_the_badge_shows(trade: Trade, number: str) -> None:
    open_one(trade.employer, number)
    trade.runtime.loop_tasks()  # type: ignore[attr-defined]
    mails = [path.read_text() for path in (trade.runtime.home / "mail").rglob("*") if path.is_file()]
    assert any("frida@people.example" in mail and f"#{number}" in mail.replace("=\n", "") for mail in mails), mails[-1:]
    page = trade.freelancer.browser.get(f"/orders/{number}/overview").text
    assert ">1" in page.partition(f'/orders/{number}/dispute"')[2].partition("</a>")[0]


def test_a_dispute_ends_with_its_order(trade: Trade, number: str) -> None:
    open_one(trade.employer, number)
    order = trade.facts(number)
    trade.do(settling.lapse, order.id)
    assert states(trade) == ["lapsed"]
    assert trade.facts(number).holds == ()


def test_the_database_refuses_a_second_open_dispute(trade: Trade, number: str) -> None:
    open_one(trade.employer, number)
    with pytest.raises(Exception, match=r"(?i)unique"), trade.runtime.write() as session:
        session.execute(
            text(
                "INSERT INTO disputes_dispute (order_id, opened_by_id, reason, description, hold_id, state, opened_at, outcome)"
                " SELECT order_id, opened_by_id, reason, description, hold_id, 'open', opened_at, '' FROM disputes_dispute"
            )
        )
