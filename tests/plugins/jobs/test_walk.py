"""A job from posting to payout, the way that people walk it, and a hire that comes to nothing."""

import pytest

from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import Trade, hidden_fields, submit

POSTED = {
    "title": "Translate our menu",
    "category": "Translation",
    "description": "Into **Swedish**.",
    "budget_min": "150",
    "budget_max": "300",
}
PROPOSED = {"price": "210.50", "days": "6", "revisions": "2", "cover": "I am from *Malmö*."}


@both_databases
def test_a_job_is_posted_proposed_for_hired_delivered_and_paid(trade: Trade) -> None:
    trade.top_up(50_000)
    employer, freelancer = trade.employer.browser, trade.freelancer.browser
    posted = submit(employer, "/jobs/new", POSTED)
    assert posted.status_code == 303
    job = posted.headers["Location"]
    assert "Translate our menu" in freelancer.get("/jobs").text
    page = freelancer.get(job).text
    assert "<strong>Swedish</strong>" in page and "€150.00 to €300.00" in page
    assert submit(freelancer, f"{job}/propose", PROPOSED).headers["Location"] == job
    page = employer.get(job).text
    assert "€210.50" in page and "<em>Malmö</em>" in page
    checkout = page.partition("/proposals/")[2].partition('"')[0]
    hired = submit(employer, f"{job}/proposals/{checkout}")
    assert hired.status_code == 303
    number = hired.headers["Location"].split("/")[2]
    order = trade.facts(number)
    assert (order.kind, order.state, order.price_minor, order.days, order.revisions_total) == ("job", "active", 21_050, 6, 2)
    assert (order.title, order.employer_id, order.freelancer_id) == (POSTED["title"], trade.employer.id, trade.freelancer.id)
    assert trade.available() == 50_000 - 21_050
    trade.do(orders.deliver, number, trade.freelancer.id, final=True, description="Here it is.")
    trade.do(orders.approve, number, trade.employer.id)
    assert trade.facts(number).state == "completed"
    for browser in (employer, freelancer):
        assert f'href="{job}"' in browser.get(f"/orders/{number}/overview").text
        assert f"/orders/{number}/overview" in browser.get(job).text
        assert f"/orders/{number}/overview" in browser.get("/dashboard/jobs", follow_redirects=True).text
        assert number in browser.get("/dashboard/orders/jobs").text


@both_databases
def test_with_too_little_the_order_waits_and_the_way_leads_to_the_top_up_and_back(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    trade.top_up(1_000)
    address = f"/jobs/{number}/proposals/{proposal}/hire"
    assert "holds too little" in trade.employer.browser.get(address).text
    answer = submit(trade.employer.browser, address)
    [(order,)] = trade.rows("SELECT number FROM orders_order")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/wallet/top-up?needed=20000&next=")
    assert trade.facts(order).state == "pending_payment"
    assert trade.state(number) == ("hired", ["hired"])
    assert "Your turn: pay the order" in trade.employer.browser.get("/dashboard/jobs").text
    assert "Elin pays" in trade.freelancer.browser.get("/dashboard/jobs/proposals").text
    trade.top_up()
    trade.do(orders.pay, order, trade.employer.id)
    trade.run_tasks()
    assert "Goes on as an order" in trade.employer.browser.get("/dashboard/jobs").text
    assert "Goes on as an order" in trade.freelancer.browser.get("/dashboard/jobs/proposals").text


@both_databases
def test_a_dropped_order_opens_the_job_and_every_proposal_again(trade: Trade, number: str) -> None:
    first, other = trade.propose(number), trade.propose(number, trade.rival, price_minor=30_000)
    order = trade.hire(first)
    assert trade.state(number) == ("hired", ["hired", "declined"])
    trade.do(orders.drop, order.number, trade.employer.id)
    assert trade.run_tasks() >= 1
    assert trade.state(number) == ("open", ["open", "open"])
    page = trade.employer.browser.get(f"/jobs/{number}").text
    assert f"/proposals/{first}/hire" in page and order.number not in page
    trade.top_up()
    again = trade.hire(other)
    assert again.paid and trade.facts(again.number).price_minor == 30_000
    assert trade.state(number) == ("hired", ["declined", "hired"])


@both_databases
def test_an_order_that_was_paid_and_cancelled_leaves_the_job_as_it_is(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    trade.propose(number, trade.rival)
    trade.top_up()
    order = trade.hire(proposal)
    trade.do(orders.cancel, order.number, trade.freelancer.id)
    trade.run_tasks()
    assert trade.state(number) == ("hired", ["hired", "declined"])


def test_the_fact_of_an_unpaid_end_is_not_believed_when_money_was_there(trade: Trade, number: str) -> None:
    """A fact that says that nothing went back is not enough: an order that was ever paid keeps its job."""
    from gigneo.plugins.jobs import following

    proposal = trade.propose(number)
    trade.top_up()
    order = trade.hire(proposal, pay=False)
    trade.do(orders.pay, order.number, trade.employer.id)  # the fact that says so has not arrived yet
    trade.do(following.undo_unpaid, order.order_id)
    assert trade.state(number) == ("hired", ["hired"])


@pytest.mark.parametrize("how", ["employer", "administrator"])
def test_a_closed_job_is_gone_for_strangers_and_says_so_to_those_concerned(trade: Trade, how: str) -> None:
    number = trade.post()
    trade.propose(number)
    if how == "employer":
        answer = submit(trade.employer.browser, f"/jobs/{number}/close")
        said = "This job is closed"
    else:
        answer = submit(trade.admin.browser, f"/admin/jobs/{number}", {"reason": "Not <legal>."})
        said = "An administrator closed this job: Not &lt;legal&gt;."
    assert answer.status_code == 303
    assert trade.state(number) == ("closed", ["declined"])
    for someone in (trade.employer, trade.freelancer):
        assert said in someone.browser.get(f"/jobs/{number}").text
    assert trade.rival.browser.get(f"/jobs/{number}").status_code == 404
    assert "Translate our menu" not in trade.rival.browser.get("/jobs").text + trade.rival.browser.get("/jobs?show=hired").text
    assert "The job was closed" in trade.freelancer.browser.get("/dashboard/jobs/proposals").text


def test_a_freelancer_withdraws_and_proposes_again(trade: Trade, number: str) -> None:
    trade.propose(number)
    page = trade.freelancer.browser.get(f"/jobs/{number}").text
    answer = trade.freelancer.browser.post(f"/jobs/{number}/proposal/withdraw", data=hidden_fields(page))
    assert answer.status_code == 303
    assert trade.state(number) == ("open", ["withdrawn"])
    assert "I am from" not in trade.employer.browser.get(f"/jobs/{number}").text
    assert submit(trade.freelancer.browser, f"/jobs/{number}/propose", PROPOSED).status_code == 303
    assert trade.state(number) == ("open", ["withdrawn", "open"])


def test_the_two_are_told_by_mail(trade: Trade, number: str) -> None:
    trade.top_up()
    trade.hire(trade.propose(number))
    trade.run_tasks()
    mails = [path.read_text().replace("=\n", "") for path in (trade.runtime.home / "mail").rglob("*") if path.is_file()]
    to_employer = [mail for mail in mails if "To: elin@people.example" in mail]
    to_freelancer = [mail for mail in mails if "To: frida@people.example" in mail]
    assert any("A proposal for your job: Translate our menu" in mail and f"/jobs/{number}" in mail for mail in to_employer)
    assert any("Elin hired you: Translate our menu" in mail and "/orders/" in mail for mail in to_freelancer)
    assert not any("I am from" in mail for mail in mails)
