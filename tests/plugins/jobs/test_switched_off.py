"""Without the module its orders go on, and when it is back it has caught up with what happened to them."""

from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Browser, both_databases
from tests.plugins.jobs.conftest import Trade


@both_databases
def test_job_orders_go_on_without_the_module(trade: Trade, number: str, nobody: Browser) -> None:
    trade.top_up()
    order = trade.hire(trade.propose(number)).number
    trade.switch("jobs", on=False)
    for browser in (nobody, trade.employer.browser):
        assert browser.get("/jobs").status_code == browser.get(f"/jobs/{number}").status_code == 404
    for someone in (trade.employer, trade.freelancer):
        page = someone.browser.get(f"/orders/{order}/overview")
        assert page.status_code == 200 and "Translate our menu" in page.text and f"/jobs/{number}" not in page.text
        listing = someone.browser.get("/dashboard/orders/jobs")
        assert listing.status_code == 200 and order in listing.text
        assert 'href="/dashboard/jobs"' not in listing.text
    trade.do(orders.deliver, order, trade.freelancer.id, final=True, description="Here it is.")
    trade.do(orders.request_revision, order, trade.employer.id, instructions="Warmer.")
    trade.do(orders.deliver, order, trade.freelancer.id, final=True, description="Here it is again.")
    assert trade.do(orders.approve, order, trade.employer.id).state == "completed"
    trade.switch("jobs", on=True)
    assert f"/orders/{order}/overview" in trade.employer.browser.get(f"/jobs/{number}").text


@both_databases
def test_what_happened_while_it_was_off_is_caught_up_with_once(trade: Trade) -> None:
    dropped, paid, waiting = (trade.post(title=title) for title in ("Dropped", "Paid", "Waiting"))
    numbers = {one: trade.hire(trade.propose(one)).number for one in (dropped, paid, waiting)}
    trade.run_tasks()
    trade.switch("jobs", on=False)
    trade.do(orders.drop, numbers[dropped], trade.employer.id)
    trade.top_up()
    trade.do(orders.pay, numbers[paid], trade.employer.id)
    trade.do(orders.cancel, numbers[paid], trade.freelancer.id)
    trade.run_tasks()
    assert trade.state(dropped)[0] == "hired"
    for _ in range(2):
        trade.switch("jobs", on=True)
        assert trade.state(dropped) == ("open", ["open"])
        assert trade.state(paid) == ("hired", ["hired"])
        assert trade.state(waiting) == ("hired", ["hired"])
        trade.switch("jobs", on=False)
    settled = trade.rows("SELECT paid_at IS NOT NULL, undone_at IS NOT NULL FROM jobs_hire ORDER BY id")
    assert [(bool(paid), bool(undone)) for paid, undone in settled] == [(False, True), (True, False), (False, False)]


def test_a_late_second_fact_about_an_old_hire_leaves_the_new_one_alone(trade: Trade, number: str) -> None:
    from gigneo.plugins.jobs import following

    proposal = trade.propose(number)
    first = trade.hire(proposal)
    trade.do(orders.drop, first.number, trade.employer.id)
    trade.run_tasks()
    second = trade.hire(proposal)
    for fact in (following.undo_unpaid, following.note_paid):
        trade.do(fact, first.order_id)
    assert trade.state(number) == ("hired", ["hired"])
    assert second.number in trade.employer.browser.get(f"/jobs/{number}").text
    trade.do(following.undo_unpaid, 999)
