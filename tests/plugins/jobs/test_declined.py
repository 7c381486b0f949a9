"""Who is not hired is told so when it is certain: not before the order is paid, and once."""

from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import Trade


def declined(trade: Trade) -> list[str]:
    """Run what is due; return who was told that somebody else is hired, by what stands before the @ of their addresses."""
    trade.run_tasks()
    told = "SELECT u.email FROM notifications_notice n JOIN account_user u ON u.id = n.person_id WHERE n.kind = 'jobs.declined'"
    return [email.partition("@")[0] for (email,) in trade.rows(told)]


@both_databases
def test_nobody_is_told_of_a_hire_that_may_be_undone(trade: Trade, number: str) -> None:
    chosen, other = trade.propose(number), trade.propose(number, trade.rival)
    order = trade.hire(chosen).number
    assert declined(trade) == []
    trade.do(orders.drop, order, trade.employer.id)
    assert declined(trade) == []
    trade.top_up()
    trade.hire(other)
    assert declined(trade) == ["frida"]


@both_databases
def test_who_is_not_hired_is_told_when_the_order_is_paid_later(trade: Trade, number: str) -> None:
    chosen, _ = trade.propose(number), trade.propose(number, trade.rival)
    trade.do(jobs.withdraw, trade.propose(number, trade.stranger), trade.stranger.id)
    order = trade.hire(chosen).number
    trade.top_up()
    trade.do(orders.pay, order, trade.employer.id)
    assert declined(trade) == ["ravi"] == declined(trade)
    assert "Somebody else was hired for this job." in trade.rival.browser.get(f"/jobs/{number}").text


def test_who_was_not_hired_while_the_module_was_off_is_told_when_it_is_back(trade: Trade, number: str) -> None:
    chosen, _ = trade.propose(number), trade.propose(number, trade.rival)
    order = trade.hire(chosen).number
    trade.switch("jobs", on=False)
    trade.top_up()
    trade.do(orders.pay, order, trade.employer.id)
    assert declined(trade) == []
    for _ in range(2):
        trade.switch("jobs", on=True)
        assert declined(trade) == ["ravi"]
        trade.switch("jobs", on=False)
