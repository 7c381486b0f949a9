"""Two people act on one job at once: exactly one wins, the other is told why, and nothing is left half done.

Each race is run by threads with connections of their own, which start at one barrier.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.jobs.posting import close_as_administrator
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import JOB, TERMS, Trade, hidden_fields, offer_on

ROUNDS = 5


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Run actions at the same moment; give ``won`` or the code of the refusal for each, and let errors through."""
    barrier = threading.Barrier(len(actions))
    results = [""] * len(actions)

    def run(index: int, action: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            action()
            results[index] = "won"
        except RefusedBase as refusal:
            results[index] = refusal.refusals[0].code
        except Exception as error:
            results[index] = repr(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def doing(trade: Trade, use_case: Any, *arguments: Any, **named: Any) -> Callable[[], object]:
    return lambda: trade.do(use_case, *arguments, **named)


@both_databases
def test_of_two_hires_for_one_job_exactly_one_wins(trade: Trade) -> None:
    trade.top_up(1_000_000)
    for round_number in range(1, ROUNDS + 1):
        number = trade.post()
        proposals = [trade.propose(number), trade.propose(number, trade.rival, price_minor=33_000)]
        results = at_once(*(doing(trade, jobs.hire, one, trade.employer.id) for one in proposals))
        assert sorted(results) == ["job_hired", "won"], results
        won = results.index("won")
        assert trade.state(number) == ("hired", ["hired" if place == won else "declined" for place in range(2)])
        assert trade.rows("SELECT count(*) FROM orders_order") == [(round_number,)]
        [(price, freelancer)] = trade.rows("SELECT price_minor, freelancer_id FROM orders_order ORDER BY id DESC LIMIT 1")
        assert (price, freelancer) == [(21_000, trade.freelancer.id), (33_000, trade.rival.id)][won]
    [(paid,)] = trade.rows("SELECT sum(price_minor) FROM orders_order")
    assert trade.available() == 1_000_000 - paid


@both_databases
def test_one_proposal_hired_twice_at_once_is_one_order(trade: Trade) -> None:
    for round_number in range(1, ROUNDS + 1):
        proposal = trade.propose(trade.post())
        results = at_once(*[doing(trade, jobs.hire, proposal, trade.employer.id)] * 3)
        assert sorted(results) == ["job_hired", "job_hired", "won"], results
        assert trade.rows("SELECT count(*) FROM orders_order") == [(round_number,)]


@both_databases
def test_a_double_click_on_hire_is_one_order_and_two_equal_answers(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    trade.top_up()
    address = f"/jobs/{number}/proposals/{proposal}/hire"
    seen = hidden_fields(trade.employer.browser.get(address).text)
    answers: list[Any] = []
    clicks = [lambda: answers.append(trade.employer.browser.post(address, data=seen))] * 2
    assert at_once(*clicks) == ["won", "won"]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert trade.rows("SELECT count(*) FROM orders_order") == [(1,)]


@both_databases
def test_a_hire_and_a_withdrawal_at_once_have_one_winner(trade: Trade) -> None:
    for _ in range(ROUNDS):
        number = trade.post()
        proposal = trade.propose(number)
        hired, withdrawn = at_once(
            doing(trade, jobs.hire, proposal, trade.employer.id), doing(trade, jobs.withdraw, proposal, trade.freelancer.id)
        )
        assert (hired, withdrawn) in {("won", "hired"), ("withdrawn", "won")}
        assert trade.state(number) == (("hired", ["hired"]) if hired == "won" else ("open", ["withdrawn"]))
        [(job_orders,)] = trade.rows(
            "SELECT count(*) FROM orders_order JOIN jobs_job ON source_id = jobs_job.id WHERE jobs_job.number = :n", n=number
        )
        assert job_orders == (hired == "won")


@both_databases
def test_what_is_ordered_is_what_was_seen_when_the_proposal_changes_at_the_same_moment(trade: Trade) -> None:
    for _ in range(ROUNDS):
        number = trade.post()
        proposal = trade.propose(number)
        seen = offer_on(trade.employer.browser, number, proposal)
        more = {**TERMS, "price_minor": 99_000, "days": 90, "revisions": 0}
        hired, changed = at_once(
            doing(trade, jobs.hire, proposal, trade.employer.id, version=1, seen=seen),
            doing(trade, jobs.change_proposal, proposal, trade.freelancer.id, **more),
        )
        assert (hired, changed) in {("won", "hired"), ("stale", "won")}
        if hired == "won":
            terms = trade.rows("SELECT price_minor, days, revisions_total FROM orders_order ORDER BY id DESC LIMIT 1")
            assert terms == [(21_000, 6, 2)]
            assert trade.rows("SELECT price_minor FROM jobs_proposal WHERE id = :id", id=proposal) == [(21_000,)]


@both_databases
@pytest.mark.parametrize("closer", ["employer", "administrator"])
def test_a_hire_and_a_closing_at_once_have_one_winner(trade: Trade, closer: str) -> None:
    for _ in range(ROUNDS):
        number = trade.post()
        proposal = trade.propose(number)
        closing = (
            doing(trade, jobs.close_job, number, trade.employer.id)
            if closer == "employer"
            else doing(trade, close_as_administrator, number, trade.admin.id, "Not here.")
        )
        results = at_once(doing(trade, jobs.hire, proposal, trade.employer.id), closing)
        assert results in (["won", "job_hired"], ["job_closed", "won"])
        assert trade.state(number) == (("hired", ["hired"]) if results[0] == "won" else ("closed", ["declined"]))


@both_databases
def test_proposals_at_once_are_one_of_each_freelancer(trade: Trade) -> None:
    for _ in range(ROUNDS):
        number = trade.post()
        mine = [doing(trade, jobs.propose, number, trade.freelancer.id, **TERMS)] * 2
        results = at_once(*mine, doing(trade, jobs.propose, number, trade.rival.id, **TERMS))
        assert sorted(results[:2]) == ["proposed", "won"] and results[2] == "won", results
        assert trade.state(number) == ("open", ["open", "open"])


@both_databases
def test_a_proposal_and_a_hire_of_another_at_once_leave_nobody_waiting(trade: Trade) -> None:
    for _ in range(ROUNDS):
        number = trade.post()
        first = trade.propose(number)
        results = at_once(
            doing(trade, jobs.hire, first, trade.employer.id), doing(trade, jobs.propose, number, trade.rival.id, **TERMS)
        )
        assert results in (["won", "won"], ["won", "job_hired"]), results
        assert trade.state(number) == ("hired", ["hired", "declined"] if results[1] == "won" else ["hired"])


@both_databases
def test_two_changes_of_a_job_from_one_page_have_one_winner(trade: Trade) -> None:
    number = trade.post()
    for version in range(1, ROUNDS + 1):
        changes = [
            doing(trade, jobs.change_job, number, trade.employer.id, **{**JOB, "title": title}, version=version)
            for title in (f"This {version}", f"That {version}")
        ]
        assert sorted(at_once(*changes)) == ["stale", "won"]


@both_databases
def test_dropping_and_paying_at_once_leave_job_and_order_in_step(trade: Trade) -> None:
    trade.top_up(1_000_000)
    for _ in range(ROUNDS):
        number = trade.post()
        order = trade.hire(trade.propose(number), pay=False).number
        results = at_once(doing(trade, orders.drop, order, trade.employer.id), doing(trade, orders.pay, order, trade.employer.id))
        assert sorted(results) == ["won", "wrong_state"], results
        trade.run_tasks()
        expected = ("open", ["open"]) if results[0] == "won" else ("hired", ["hired"])
        assert trade.state(number) == expected
