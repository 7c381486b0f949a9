"""An administrator gives money back while it is clearing: by the use case, by the page, held orders, and at the same time."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.api import read
from gigneo.core.dispatch import Dispatcher
from gigneo.core.refusals import RefusedBase
from gigneo.core.runtime import Runtime
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market

from .conftest import Bank

STARTED = 1_000_000
PAID = 48_000 + 1_440
"""The market's order: a price of 480.00, a commission of 48.00 out of it, a fee of 14.40 on top."""


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """Orders and the wallet alone."""
    with runtime.write() as session:
        session.execute(text("UPDATE module_state SET wanted = false WHERE name NOT IN ('orders', 'wallet')"))
    return Dispatcher(runtime)


@pytest.fixture
def market(bank: Bank, dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone]) -> Market:
    """A market whose employers pay a fee of 3 percent."""
    bank.change_settings(employer_fee_rate=300)
    made = Market(dispatcher, runtime, people("employer", name="jonas"), people("freelancer", name="mara"))
    made.top_up(amount=STARTED)
    return made


@pytest.fixture
def ada(market: Market, people: Callable[..., Someone]) -> Someone:
    """The administrator."""
    return people("administrator", name="ada")


def refund(market: Market, order: OrderFacts, ada: Someone, amount_minor: int, **named: Any) -> OrderFacts:
    named.setdefault("reason", "Half of it was missing.")
    done: OrderFacts = market.do(orders.refund_as_administrator, order.id, ada.id, amount_minor=amount_minor, **named)
    return done


def decide(order: OrderFacts, ada: Someone, amount: str, reason: str = "Half of it was missing.") -> Any:
    page = f"/admin/orders/{order.number}/decide/refund"
    return ada.browser.submit(page, {"amount_minor": amount, "reason": reason}, page=page)


def amounts(bank: Bank, market: Market) -> tuple[int, int, int]:
    """Return what the employer can spend, what is clearing for the freelancer, and what the freelancer can spend."""
    freelancer = bank.balances(market.freelancer.id)
    return bank.balances(market.employer.id).available, freelancer.clearing, freelancer.available


@both_databases
def test_a_part_goes_back_and_the_rest_is_paid_out_when_it_has_cleared(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    after = refund(market, order, ada, 12_000)
    assert (after.state, after.version) == ("completed", order.version + 1)
    assert amounts(bank, market) == (STARTED - PAID + 12_360, 32_400, 0)
    assert bank.audit().ok
    bank.later(days=4)
    bank.run_tasks()
    assert amounts(bank, market) == (STARTED - PAID + 12_360, 0, 32_400)
    report = bank.audit()
    assert report.ok, report.violations
    assert (report.totals["EUR"]["commission"], report.totals["EUR"]["fees"]) == (3_600, 1_080)


@both_databases
def test_everything_goes_back_and_nothing_is_waited_for(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    refund(market, order, ada, 20_000)
    refund(market, order, ada, 28_000)
    assert amounts(bank, market) == (STARTED, 0, 0)
    assert market.rows("SELECT key FROM task WHERE kind = 'wallet.clear'") == []
    bank.later(days=4)
    bank.run_tasks()
    assert amounts(bank, market) == (STARTED, 0, 0)
    assert bank.audit().ok


@both_databases
def test_what_is_refused_leaves_the_whole_database_as_it_was(
    bank: Bank, market: Market, ada: Someone, fingerprint: Callable[[], Any]
) -> None:
    clearing, active, cancelled = (market.order(state) for state in ("completed", "active", "cancelled"))
    refund(market, clearing, ada, 8_000)
    held = market.order("completed")
    market.do(orders.place_hold, held.id, "acme", "Acme looks into it.", [])
    cases: list[tuple[OrderFacts, int, dict[str, Any], str]] = [
        (clearing, 0, {}, "amount"),
        (clearing, -5, {}, "amount"),
        (clearing, 40_001, {}, "too_much"),
        (clearing, 2**70, {}, "too_much"),
        (clearing, 5, {"reason": "  "}, "empty"),
        (clearing, 5, {"version": 0}, "stale"),
        (held, 48_001, {}, "too_much"),
        (active, 5, {}, "wrong_state"),
        (cancelled, 5, {}, "wrong_state"),
    ]
    for order, amount, named, code in cases:
        before = fingerprint()
        with pytest.raises(RefusedBase) as refused:
            refund(market, order, ada, amount, **named)
        assert refused.value.refusals[0].code == code, (order.state, amount, named)
        assert fingerprint() == before, code
    market.do(orders.lift_hold, held.id, market.facts(held).holds[0].id)
    bank.later(days=4)
    bank.run_tasks()
    before = fingerprint()
    for order in (clearing, held):
        with pytest.raises(RefusedBase, match="Nothing is clearing for this order any more") as refused:
            refund(market, order, ada, 1)
        assert refused.value.refusals[0].code == "nothing_clearing"
    assert fingerprint() == before
    assert bank.audit().ok


@both_databases
def test_a_held_order_is_settled_by_the_decision_and_the_rest_is_paid_out(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", [])
    bank.later(days=4)
    bank.run_tasks()
    assert amounts(bank, market) == (STARTED - PAID, 43_200, 0)
    refund(market, order, ada, 24_000)
    assert market.facts(order).holds == ()
    assert amounts(bank, market) == (STARTED - PAID + 24_720, 21_600, 0)
    bank.later(hours=1)
    bank.run_tasks()
    assert amounts(bank, market) == (STARTED - PAID + 24_720, 0, 21_600)
    assert bank.audit().ok


@both_databases
def test_a_held_order_can_go_back_as_a_whole(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", [])
    bank.later(days=4)
    bank.run_tasks()
    refund(market, order, ada, 48_000)
    bank.later(days=1)
    bank.run_tasks()
    assert amounts(bank, market) == (STARTED, 0, 0)
    assert market.rows("SELECT key FROM task WHERE kind = 'wallet.clear'") == []
    assert bank.audit().ok


@both_databases
def test_the_page_takes_an_amount_as_people_write_it(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    answer = decide(order, ada, "120.00")
    assert (answer.status_code, answer.location) == (303, f"/admin/orders/{order.number}")
    assert amounts(bank, market) == (STARTED - PAID + 12_360, 32_400, 0)
    assert decide(order, ada, "60").status_code == 303
    assert amounts(bank, market) == (STARTED - PAID + 18_540, 27_000, 0)
    moved = market.rows("SELECT actor_id FROM wallet_transfer WHERE kind = 'order_returned'")
    assert moved == [(ada.id,)] * 2
    assert market.rows("SELECT actor_id FROM audit_entry WHERE action = 'orders.refunded'") == [(ada.id,)] * 2
    assert bank.audit().ok


@both_databases
def test_the_page_refuses_what_cannot_be_given_back(
    bank: Bank, market: Market, ada: Someone, fingerprint: Callable[[], Any]
) -> None:
    order = market.order("completed")
    assert decide(order, ada, "80").status_code == 303
    before = fingerprint()
    for typed, reason, told in [
        ("400.01", "So be it.", "At most €400.00 of the price can be given back."),
        ("480.00", "So be it.", "At most €400.00 of the price can be given back."),
        ("0", "So be it.", "The amount must be more than zero."),
        ("0.00", "So be it.", "The amount must be more than zero."),
        ("-5", "So be it.", "is not an amount"),
        ("1e2", "So be it.", "is not an amount"),
        ("1.005", "So be it.", "EUR has 2 decimals"),
        ("99999999999999999999", "So be it.", "more than can be counted here"),
        ("", "So be it.", "Say how much goes back."),
        ("5", "", "Say why; both sides read it."),
    ]:
        answer = decide(order, ada, typed, reason)
        assert answer.status_code == 422, typed
        assert told in answer.text, typed
        assert fingerprint() == before, typed
    bank.later(days=4)
    bank.run_tasks()
    before = fingerprint()
    answer = decide(order, ada, "5")
    assert answer.status_code == 409
    assert "Nothing is clearing for this order any more" in answer.text
    assert fingerprint() == before


def test_the_same_form_sent_twice_gives_back_once(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    page = f"/admin/orders/{order.number}/decide/refund"
    ada.browser.get(page)
    data = {**ada.browser.fields, "amount_minor": "120", "reason": "Half of it was missing."}
    assert [ada.browser.post(page, data=data).status_code for _ in range(2)] == [303, 303]
    assert amounts(bank, market) == (STARTED - PAID + 12_360, 32_400, 0)


def test_nobody_but_an_administrator_gives_money_back(bank: Bank, market: Market, fingerprint: Callable[[], Any]) -> None:
    order = market.order("completed")
    people = (market.employer, market.freelancer)
    for person in people:
        person.browser.get(f"/orders/{order.number}/payments")
    before = fingerprint()
    for person in people:
        typed = {"amount_minor": "5", "reason": "I would like that."}
        assert person.browser.submit(f"/admin/orders/{order.number}/decide/refund", typed).status_code == 403
        with pytest.raises(RefusedBase, match="There is no such order"):
            refund(market, order, person, 500)
    assert fingerprint() == before


def test_both_sides_read_what_went_back_and_what_is_left(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    refund(market, order, ada, 12_000)
    tabs = {
        person: words(person.browser.get(f"{start}/orders/{order.number}/payments").text)
        for person, start in ((market.employer, ""), (market.freelancer, ""), (ada, "/admin"))
    }
    for told in tabs.values():
        assert "Given back to the employer €123.60 €120.00 of the order amount, and €3.60 of the fee" in told
        assert "Platform commission €36.00 agreed were €48.00" in told
        assert "Employer's fee €10.80 paid were €14.40 on top" in told
        assert "Freelancer's payout €324.00" in told
        assert told.count("Given back to the employer while clearing") == 3
        for source, amount in (("Clearing", "€108.00"), ("Commission", "€12.00"), ("Fees", "€3.60")):
            assert re.search(rf"{source} (to )?Employer's wallet .{{5,40}} {amount}", told), source
        assert "Clearing €324.00 Paid out €0.00 Refunded €123.60 Kept by the platform €46.80 Paid by the employer €494.40" in told
    assert "comes back to you: €123.60 are in your wallet again" in tabs[market.employer]
    assert "Your payout is €324.00; no commission is taken" in tabs[market.freelancer]
    assert "its commission and fee on that part" in tabs[ada]
    statement = words(market.employer.browser.get("/wallet").text)
    for label in (
        "Refund, from the freelancer's earnings",
        "Refund, from the platform's commission",
        "Refund of the employer's fee",
    ):
        assert label in statement
    assert "€324.00" in words(market.freelancer.browser.get("/wallet").text)
    panel = words(market.freelancer.browser.get(f"/orders/{order.number}/overview").text)
    assert "Clearing €324.00 Given back to the employer €123.60 Commission €36.00" in panel
    bank.later(days=4)
    bank.run_tasks()
    panel = words(market.employer.browser.get(f"/orders/{order.number}/overview").text)
    assert "Paid out €324.00 Given back to the employer €123.60 Commission €36.00" in panel
    assert "+€324.00" in words(market.freelancer.browser.get("/wallet").text)


def test_an_order_that_gave_everything_back_says_so(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    refund(market, order, ada, 48_000)
    panel = words(market.freelancer.browser.get(f"/orders/{order.number}/overview").text)
    assert "Given back to the employer €494.40 Commission €0.00" in panel
    assert "Nothing is left to pay out: an administrator gave it back to the employer." in panel
    ledger = words(ada.browser.get("/admin/ledger").text)
    assert "Given back to the employer while clearing" in ledger


def test_others_may_ask_what_can_go_back_and_what_it_comes_to(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    refund(market, order, ada, 8_000)
    with bank.inside():
        purse = wallet.purse_of(read(), order.id)
    assert purse is not None
    assert purse.refundable_minor == 40_000
    assert purse.split_after(40_000) == wallet.Split(0, 0, 0, PAID)


def all_at_once(jobs: list[Callable[[], object]]) -> Counter[str]:
    barrier = threading.Barrier(len(jobs), timeout=60)

    def run(job: Callable[[], object]) -> str:
        barrier.wait()
        try:
            job()
        except RefusedBase as refusal:
            return refusal.refusals[0].code
        return "done"

    with ThreadPoolExecutor(len(jobs)) as pool:
        return Counter(pool.map(run, jobs))


@both_databases
def test_a_refund_and_the_end_of_clearing_at_once_pay_every_cent_once(bank: Bank, market: Market, ada: Someone) -> None:
    made = [market.order("completed") for _ in range(6)]
    bank.later(days=4)
    jobs: list[Callable[[], object]] = [lambda order=order: refund(market, order, ada, 24_000) for order in made[:3]]  # type: ignore[misc]
    jobs += [lambda order=order: refund(market, order, ada, 48_000) for order in made[3:]]  # type: ignore[misc]
    ends = all_at_once([*jobs, bank.run_tasks, bank.run_tasks])
    assert set(ends) <= {"done", "nothing_clearing"}
    bank.run_tasks()
    assert bank.audit().ok, bank.audit().violations
    returned = {number: int(total) for number, total in market.rows("SELECT order_id, awarded_minor FROM wallet_order_terms")}
    back = sum(awarded + awarded * 1_440 // 48_000 for awarded in returned.values())
    paid = sum(43_200 - awarded * 9 // 10 for awarded in returned.values())
    assert amounts(bank, market) == (STARTED - 6 * PAID + back, 0, paid)
    assert market.rows("SELECT COUNT(*) FROM wallet_order_terms WHERE settled_at IS NULL") == [(0,)]
    assert market.rows("SELECT key FROM task WHERE kind = 'wallet.clear' AND state <> 'done'") == []


@both_databases
def test_the_whole_price_goes_back_once_however_many_decide_so(bank: Bank, market: Market, ada: Someone) -> None:
    order = market.order("completed")
    ends = all_at_once([lambda: refund(market, order, ada, 48_000) for _ in range(6)])
    assert ends == {"done": 1, "nothing_clearing": 5}
    assert amounts(bank, market) == (STARTED, 0, 0)
    other = market.order("completed")
    ends = all_at_once([lambda: refund(market, other, ada, 20_000) for _ in range(6)])
    assert ends == {"done": 2, "too_much": 4}
    assert amounts(bank, market) == (STARTED - PAID + 41_200, 7_200, 0)
    assert bank.audit().ok


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    bare = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", page, flags=re.DOTALL)
    for sign, letter in (("&#39;", "'"), ("&amp;", "&")):
        bare = bare.replace(sign, letter)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))
