"""An order's money, step by step: each once, each refused by name when it comes at the wrong time."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigneo.api import Refused
from gigneo.contributions import Refusal
from gigneo.plugins.wallet import escrow

from .conftest import Bank

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@both_databases
def test_the_price_goes_from_wallet_to_escrow_to_clearing_to_wallet(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 11_000)
    order = bank.order(employer, freelancer, 10_000, employer_fee_minor=500)
    bank.pay(order)
    assert bank.balances(employer).available == 500
    assert bank.balances(employer).escrow == 10_500
    assert bank.balances(freelancer).expected == 9_000
    assert bank.audit().ok
    bank.complete(order)
    assert bank.balances(employer).escrow == 0
    assert (bank.balances(freelancer).clearing, bank.balances(freelancer).available) == (9_000, 0)
    assert bank.audit().ok
    bank.later(days=2, hours=23)
    bank.run_tasks()
    assert bank.balances(freelancer).available == 0
    bank.later(hours=2)
    bank.run_tasks()
    assert (bank.balances(freelancer).clearing, bank.balances(freelancer).available) == (0, 9_000)
    report = bank.audit()
    assert report.ok, report.violations
    assert report.totals["EUR"] == {
        "available": 9_500, "clearing": 0, "commission": 1_000, "escrow": 0, "fees": 500, "outside": -11_000
    }  # fmt: skip


@both_databases
def test_a_cancelled_order_gives_everything_back_the_fee_included(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_500)
    order = bank.order(employer, freelancer, 10_000, employer_fee_minor=500)
    bank.pay(order)
    assert bank.cancel(order) == 10_500
    assert bank.balances(employer).available == 10_500
    assert bank.audit().ok


def test_cancelling_what_was_never_paid_moves_nothing(bank: Bank) -> None:
    order = bank.order(bank.person(), bank.person())
    assert bank.cancel(order) == 0
    assert bank.audit().totals == {}


STEPS: dict[str, Callable[[Bank, Any], Any]] = {
    "pay": lambda bank, order: bank.pay(order),
    "complete": lambda bank, order: bank.complete(order),
    "cancel": lambda bank, order: bank.cancel(order),
}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("pay", "pay"), "already_paid"),
        (("complete",), "not_paid"),
        (("pay", "complete", "complete"), "already_released"),
        (("pay", "complete", "cancel"), "already_released"),
        (("pay", "cancel", "cancel"), "already_refunded"),
        (("pay", "cancel", "complete"), "already_refunded"),
        (("pay", "cancel", "pay"), "already_paid"),
        (("pay", "complete", "pay"), "already_paid"),
    ],
)
def test_a_step_at_the_wrong_time_is_refused_by_name(
    bank: Bank, steps: tuple[str, ...], code: str, fingerprint: Callable[[], Any]
) -> None:
    employer = bank.person()
    bank.top_up(employer, 50_000)
    order = bank.order(employer, bank.person())
    for step in steps[:-1]:
        STEPS[step](bank, order)
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        STEPS[steps[-1]](bank, order)
    assert refused.value.code == code
    assert fingerprint() == before
    assert bank.audit().ok


def test_an_order_that_the_wallet_cannot_pay_changes_nothing(bank: Bank, fingerprint: Callable[[], Any]) -> None:
    employer = bank.person()
    bank.top_up(employer, 9_999)
    order, before = bank.order(employer, bank.person()), fingerprint()
    with pytest.raises(Refused) as refused:
        bank.pay(order)
    assert refused.value.code == "not_enough"
    assert fingerprint() == before


def test_a_changed_rate_does_not_touch_an_order_that_is_paid(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_000)
    order = bank.order(employer, freelancer)
    bank.pay(order)
    bank.change_settings(commission_rate=9_900)
    bank.complete(order)
    assert bank.balances(freelancer).clearing == 9_000


def test_an_order_whose_whole_price_is_commission_is_settled_at_once(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 100)
    order = bank.order(employer, freelancer, 100, commission_minor=100)
    bank.pay(order)
    bank.complete(order)
    assert bank.run_tasks() == 0
    assert bank.audit().ok


def test_clearing_waits_while_something_stands_against_it(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_000)
    order = bank.order(employer, freelancer)
    bank.pay(order)
    bank.complete(order)
    held = [Refusal("A dispute is open.", "held")]
    hooks = type(bank.runtime.site.hooks)
    monkeypatch.setattr(hooks, "veto", lambda self, name, **_: list(held) if name == "wallet_hold_on_order" else [])
    bank.later(days=4)
    bank.run_tasks()
    assert bank.balances(freelancer).available == 0
    assert bank.audit().ok
    held.clear()
    bank.run_tasks()
    assert bank.balances(freelancer).available == 0, "it asks again after an hour, not before"
    bank.later(hours=1)
    bank.run_tasks()
    assert bank.balances(freelancer).available == 9_000


def test_clearing_twice_pays_once(bank: Bank, in_session: Callable[[], Any]) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 10_000)
    order = bank.order(employer, freelancer)
    bank.pay(order)
    bank.complete(order)
    for _ in range(2):
        with in_session() as session:
            escrow.clear(session, order.id)
    assert bank.balances(freelancer).available == 9_000


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.integers(1, 10**12),
    commission=st.integers(0, 10_000),
    fee=st.integers(0, 10_000),
    end=st.sampled_from(["complete", "cancel"]),
)
def test_returned_payout_commission_and_fee_are_the_escrow(bank: Bank, price: int, commission: int, fee: int, end: str) -> None:
    from gigneo.plugins.wallet.commission import quote

    if not hasattr(bank, "pair"):
        bank.pair = (bank.person(), bank.person())  # type: ignore[attr-defined]
        bank.change_settings(top_up_max=10**15)
    employer, freelancer = bank.pair  # type: ignore[attr-defined]
    quoted = quote(price, commission, fee)
    total = price + quoted.employer_fee_minor
    bank.top_up(employer, max(total, 100))
    order = bank.order(
        employer, freelancer, price, commission_minor=quoted.commission_minor, employer_fee_minor=quoted.employer_fee_minor
    )
    before, before_totals = bank.balances(employer).available, bank.audit().totals["EUR"]
    bank.pay(order)
    assert bank.balances(employer).available == before - total
    STEPS[end](bank, order)
    after_totals = bank.audit().totals["EUR"]
    gained = {kind: after_totals[kind] - before_totals.get(kind, 0) for kind in after_totals}
    returned = bank.balances(employer).available - (before - total)
    assert returned + gained.get("clearing", 0) + gained.get("commission", 0) + gained.get("fees", 0) == total
    assert returned == (total if end == "cancel" else 0)
    assert bank.audit().ok
