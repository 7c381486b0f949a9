"""Many at once on the same money: as many succeed as the money is for, the rest are refused by name."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gigneo.api import Refused, write
from gigneo.plugins.wallet.ledger import Line, Place, post
from gigneo.plugins.wallet.models import AccountKind

from .conftest import Bank

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def all_at_once(jobs: list[Callable[[], object]]) -> Counter[str]:
    """Run jobs together, and count how they ended."""
    barrier = threading.Barrier(len(jobs), timeout=60)

    def run(job: Callable[[], object]) -> str:
        barrier.wait()
        try:
            job()
        except Refused as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(jobs)) as pool:
        return Counter(pool.map(run, jobs))


@both_databases
def test_a_wallet_pays_exactly_as_many_orders_as_it_can(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 5 * 10_000 + 9_999)
    orders = [bank.order(employer, freelancer) for _ in range(16)]
    ends = all_at_once([lambda order=order: bank.pay(order) for order in orders])
    assert ends == {"done": 5, "not_enough": 11}
    assert bank.balances(employer).available == 9_999
    assert bank.audit().ok


@both_databases
def test_every_step_twice_at_once_happens_once(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 20 * 10_000)
    orders = [bank.order(employer, freelancer) for _ in range(6)]
    for step, refusal in ((bank.pay, "already_paid"), (bank.complete, "already_released")):
        twice = [lambda order=order: step(order) for order in orders for _ in range(2)]  # noqa: B023
        ends = all_at_once(twice)
        assert ends["done"] == len(orders)
        assert set(ends) - {"done"} <= {refusal, "key_reused"}
    assert bank.balances(freelancer).clearing == 6 * 9_000
    assert bank.audit().ok


@both_databases
def test_approving_and_cancelling_at_once_has_one_winner(bank: Bank) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 6 * 10_000)
    orders = [bank.order(employer, freelancer) for _ in range(6)]
    for order in orders:
        bank.pay(order)
    jobs = [lambda order=order, step=step: step(order) for order in orders for step in (bank.complete, bank.cancel)]
    ends = all_at_once(jobs)
    assert ends["done"] == len(orders)
    assert set(ends) <= {"done", "already_released", "already_refunded"}
    assert bank.audit().ok


@both_databases
def test_the_same_form_sent_by_many_is_booked_once(bank: Bank) -> None:
    person = bank.person()
    ends = all_at_once([lambda: bank.top_up(person, 700, "one-form") for _ in range(8)])
    assert ends == {"done": 8}
    assert bank.balances(person).available == 700
    ends = all_at_once([lambda amount=amount: bank.top_up(person, amount, "other-form") for amount in range(100, 108)])
    assert ends == {"done": 1, "key_reused": 7}
    assert bank.audit().ok


@both_databases
def test_opposite_transfers_do_not_lock_each_other_out(bank: Bank) -> None:
    ada, bob = bank.person(), bank.person()
    bank.top_up(ada, 10_000)
    bank.top_up(bob, 10_000)

    def move(source: int, target: int, key: str) -> None:
        line = Line(Place(AccountKind.AVAILABLE, "EUR", user_id=source), Place(AccountKind.AVAILABLE, "EUR", user_id=target), 1)
        with bank.inside(), write() as session:
            post(session, key, "top_up", [line])

    jobs = [lambda number=number: move(ada, bob, f"there-{number}") for number in range(8)]
    jobs += [lambda number=number: move(bob, ada, f"back-{number}") for number in range(8)]
    assert all_at_once(jobs) == {"done": 16}
    assert (bank.balances(ada).available, bank.balances(bob).available) == (10_000, 10_000)
