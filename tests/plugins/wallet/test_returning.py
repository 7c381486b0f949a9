"""Giving money back while it is clearing, step by step: what moves, what is refused by name, and what no sequence breaks."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from gigneo.api import Refused, read
from gigneo.hooks import OrderFacts
from gigneo.plugins.wallet.queries import payments, purse, statement, upcoming
from gigneo.plugins.wallet.splitting import split
from gigneo.testing.fixtures import both_databases

from .conftest import Bank

LARGEST = 10**12


@pytest.fixture
def order(bank: Bank) -> OrderFacts:
    """An order of 100.00 with a commission of 10.00 and a fee of 3.00 on top, whose money is clearing."""
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_300)
    made = bank.order(employer, freelancer, employer_fee_minor=300)
    bank.pay(made)
    bank.complete(made)
    return made


def timers(bank: Bank) -> list[str]:
    return [state for (state,) in bank.sql("SELECT state FROM task WHERE kind = 'wallet.clear'")]


def shares(bank: Bank, order: OrderFacts) -> tuple[int, int, int, int]:
    """Return what the employer has back, what the freelancer has or will have, commission and fees."""
    totals = bank.audit().totals["EUR"]
    freelancer = bank.balances(order.freelancer_id)
    back = bank.balances(order.employer_id).available
    return back, freelancer.available + freelancer.clearing, totals["commission"], totals.get("fees", 0)


@both_databases
def test_a_part_goes_back_with_commission_and_fee_and_the_rest_is_paid_out(bank: Bank, order: OrderFacts) -> None:
    bank.give_back(order, 2_500)
    assert shares(bank, order) == (2_575, 6_750, 750, 225)
    assert bank.audit().ok
    with bank.inside():
        assert [one.amount_minor for one in upcoming(read(), order.freelancer_id).payouts] == [6_750]
        seen = purse(read(), order.id)
    assert seen is not None
    assert (seen.clearing_minor, seen.payout_minor, seen.refunded_minor, seen.platform_minor) == (6_750, 6_750, 2_575, 975)
    assert (seen.refundable_minor, seen.paid_out_minor, seen.settled_at) == (7_500, 0, None)
    bank.later(days=4)
    bank.run_tasks()
    assert bank.balances(order.freelancer_id).available == 6_750
    assert shares(bank, order) == (2_575, 6_750, 750, 225)
    assert bank.audit().ok
    with bank.inside():
        paid = purse(read(), order.id)
    assert paid is not None
    assert (paid.paid_out_minor, paid.refundable_minor) == (6_750, 0)


@both_databases
def test_when_everything_goes_back_nothing_is_left_and_the_timer_is_taken_back(bank: Bank, order: OrderFacts) -> None:
    assert timers(bank) == ["waiting"]
    bank.give_back(order, 4_000)
    assert timers(bank) == ["waiting"]
    bank.give_back(order, 6_000)
    assert timers(bank) == []
    assert shares(bank, order) == (10_300, 0, 0, 0)
    assert bank.audit().ok
    with bank.inside():
        seen = purse(read(), order.id)
        assert upcoming(read(), order.freelancer_id).payouts == ()
    assert seen is not None
    assert seen.settled_at is not None
    assert (seen.payout_minor, seen.paid_out_minor, seen.refunded_minor) == (0, 0, 10_300)
    bank.later(days=4)
    bank.run_tasks()
    assert bank.balances(order.freelancer_id).available == 0


def test_a_part_that_leaves_nothing_to_pay_out_settles_the_order(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 1_000)
    order = bank.order(employer, freelancer, 100, commission_minor=60)
    bank.pay(order)
    bank.complete(order)
    bank.give_back(order, 99)
    assert shares(bank, order) == (1_000 - 1, 0, 1, 0)
    assert timers(bank) == []
    assert bank.audit().ok


def test_each_is_one_transfer_that_says_where_the_money_came_from(bank: Bank, order: OrderFacts) -> None:
    bank.give_back(order, 2_500)
    bank.give_back(order, 2_500)
    rows = bank.sql("SELECT key FROM wallet_transfer WHERE kind = 'order_returned' ORDER BY id")
    assert [key for (key,) in rows] == [f"order:{order.id}:order_returned:{total}" for total in (2_500, 5_000)]
    with bank.inside():
        moved = [(str(one.label), str(one.source), str(one.target), one.amount_minor) for one in payments(read(), order.id)]
        lines = [(str(one.label), one.amount_minor) for one in statement(read(), order.employer_id, "EUR").movements]
    label = "Given back to the employer while clearing"
    assert (
        moved[:3]
        == moved[3:6]
        == [
            (label, "Clearing", "Employer's wallet", 2_250),
            (label, "Commission", "Employer's wallet", 250),
            (label, "Fees", "Employer's wallet", 75),
        ]
    )
    assert lines[:3] == [
        ("Refund of the employer's fee", 75),
        ("Refund, from the platform's commission", 250),
        ("Refund, from the freelancer's earnings", 2_250),
    ]


def test_what_is_not_moved_has_no_line(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_000)
    order = bank.order(employer, freelancer, commission_minor=0)
    bank.pay(order)
    bank.complete(order)
    bank.give_back(order, 1)
    with bank.inside():
        assert [one.amount_minor for one in payments(read(), order.id)] == [1, 10_000, 10_000]
    assert bank.audit().ok


STEPS: dict[str, Callable[[Bank, OrderFacts], object]] = {
    "pay": lambda bank, order: bank.pay(order),
    "complete": lambda bank, order: bank.complete(order),
    "cancel": lambda bank, order: bank.cancel(order),
    "a part": lambda bank, order: bank.give_back(order, 4_000),
    "the rest": lambda bank, order: bank.give_back(order, 6_000),
    "clear": lambda bank, _: (bank.later(days=4), bank.run_tasks()),
}
IMPOSSIBLE: list[tuple[tuple[str, ...], Any, str]] = [
    ((), 1, "not_paid"),
    (("pay",), 1, "not_released"),
    (("pay", "cancel"), 1, "already_refunded"),
    (("pay", "complete", "clear"), 1, "nothing_clearing"),
    (("pay", "complete", "a part", "clear"), 1, "nothing_clearing"),
    (("pay", "complete", "a part", "the rest"), 1, "nothing_clearing"),
    (("pay", "complete"), 0, "amount"),
    (("pay", "complete"), -1, "amount"),
    (("pay", "complete"), True, "amount"),
    (("pay", "complete"), 1.0, "amount"),
    (("pay", "complete"), "1", "amount"),
    (("pay", "complete"), 10_001, "too_much"),
    (("pay", "complete"), 2**63, "too_much"),
    (("pay", "complete", "a part"), 6_001, "too_much"),
]


@both_databases
def test_what_cannot_be_given_back_is_refused_by_name_and_changes_nothing(bank: Bank, fingerprint: Callable[[], Any]) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 1_000_000)
    for steps, amount, code in IMPOSSIBLE:
        order = bank.order(employer, freelancer, employer_fee_minor=300)
        for step in steps:
            STEPS[step](bank, order)
        before = fingerprint()
        with pytest.raises(Refused) as refused:
            bank.give_back(order, amount)
        assert refused.value.code == code, (steps, amount)
        assert (refused.value.field == "amount_minor") == (code in {"amount", "too_much"})
        assert fingerprint() == before, (steps, amount)
    assert bank.audit().ok


def test_a_refusal_says_how_much_can_still_be_given_back(bank: Bank, order: OrderFacts) -> None:
    bank.give_back(order, 4_000)
    with pytest.raises(Refused, match=r"At most €60\.00 of the price"):
        bank.give_back(order, 6_001)


def test_what_a_refund_would_come_to_can_be_asked_before(bank: Bank, order: OrderFacts) -> None:
    bank.give_back(order, 1_000)
    with bank.inside():
        seen = purse(read(), order.id)
    assert seen is not None
    would = seen.split_after(1_500)
    bank.give_back(order, 1_500)
    assert shares(bank, order) == (
        would.returned_minor, would.payout_minor, would.commission_minor, would.employer_fee_minor
    )  # fmt: skip
    for impossible in (-1, 9_001):
        with pytest.raises(ValueError, match="can't be given back"):
            seen.split_after(impossible)


FORBIDDEN = (
    "awarded_minor = -1",
    "awarded_minor = 10001",
    "awarded_minor = 2499",
    "awarded_minor = NULL",
    "commission_back_minor = -1",
    "commission_back_minor = 249",
    "commission_back_minor = 1001",
    "awarded_minor = 9500",
    "fee_back_minor = 74",
    "fee_back_minor = 301",
    "awarded_minor = 10000, commission_back_minor = 1000",
    "released_at = NULL",
)


@both_databases
def test_the_database_itself_keeps_what_was_given_back_within_what_was_paid(
    bank: Bank, order: OrderFacts, fingerprint: Callable[[], Any]
) -> None:
    bank.give_back(order, 2_500)
    before = fingerprint()
    for change in FORBIDDEN:
        with pytest.raises(DBAPIError):
            bank.sql(f"UPDATE wallet_order_terms SET {change}")
            pytest.fail(f"the database took: {change}")
        assert fingerprint() == before, change
    bank.give_back(order, 7_500)
    before = fingerprint()
    for change in ("awarded_minor = 9999", "settled_at = NULL, awarded_minor = 0, commission_back_minor = 0, fee_back_minor = 0"):
        with pytest.raises(DBAPIError):
            bank.sql(f"UPDATE wallet_order_terms SET {change}")
        assert fingerprint() == before, change


@both_databases
def test_nothing_is_given_back_of_an_order_that_was_paid_out(bank: Bank, order: OrderFacts) -> None:
    bank.later(days=4)
    bank.run_tasks()
    with pytest.raises(DBAPIError):
        bank.sql("UPDATE wallet_order_terms SET awarded_minor = 1")


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, int, int, list[int], bool]:
    """A price, commission, fee, the refunds one after the other, and whether the rest clears afterwards."""
    price = draw(st.integers(1, LARGEST) | st.integers(1, 50))
    commission, fee = draw(st.integers(0, price)), draw(st.integers(0, price))
    totals = sorted(draw(st.sets(st.integers(1, price), min_size=1, max_size=4)))
    return (
        price,
        commission,
        fee,
        [here - before for before, here in zip([0, *totals], totals, strict=False)],
        draw(st.booleans()),
    )


@both_databases
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_any_sequence_of_refunds_keeps_every_cent_and_is_the_same_as_one(
    bank: Bank, case: tuple[int, int, int, list[int], bool]
) -> None:
    price, commission, fee, refunds, clears = case
    if not hasattr(bank, "pair"):
        bank.pair = (bank.person(), bank.person())  # type: ignore[attr-defined]
        bank.change_settings(top_up_max=10**15)
    employer, freelancer = bank.pair  # type: ignore[attr-defined]
    bank.top_up(employer, max(price + fee, 100))
    order = bank.order(employer, freelancer, price, commission_minor=commission, employer_fee_minor=fee)
    bank.pay(order)
    held, start = bank.balances(employer).available, bank.audit().totals["EUR"]
    earned = bank.balances(freelancer).available
    bank.complete(order)
    given = 0
    for amount in refunds:
        with bank.inside():
            seen = purse(read(), order.id)
        assert seen is not None
        if seen.settled_at is not None:  # what is left is all commission
            assert split(price, commission, fee, given).payout_minor == 0
            with pytest.raises(Refused):
                bank.give_back(order, amount)
            continue
        bank.give_back(order, amount)
        given += amount
        assert bank.audit().ok, bank.audit().violations
    if clears:
        bank.later(days=4)
        bank.run_tasks()
    end, report = split(price, commission, fee, given), bank.audit()
    gained = {kind: report.totals["EUR"][kind] - start.get(kind, 0) for kind in report.totals["EUR"]}
    returned = bank.balances(employer).available - held
    payout = bank.balances(freelancer).available - earned + gained["clearing"]
    assert (returned, payout) == (end.returned_minor, end.payout_minor)
    assert (gained.get("commission", 0), gained.get("fees", 0)) == (end.commission_minor, end.employer_fee_minor)
    assert returned + payout + end.commission_minor + end.employer_fee_minor == price + fee
    assert gained["clearing"] == (0 if clears else end.payout_minor)
    assert report.ok, report.violations
    if not clears:  # leave nothing behind that a later example would pay out
        bank.later(days=4)
        bank.run_tasks()
