"""A job that is changed or closed under a proposal: nobody is hired for what they did not propose, and no word is lost."""

from email import message_from_bytes
from email.policy import default

import pytest

from gigneo.core.refusals import Refused, RefusedMany
from gigneo.hooks import OrderTerms
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import JOB, TERMS, Trade
from tests.plugins.jobs.test_forms import PROPOSED, hidden_fields

OTHER = {**JOB, "description": "Into Finnish."}


@both_databases
def test_nobody_is_hired_by_a_proposal_from_before_a_change_until_it_is_confirmed(trade: Trade, number: str) -> None:
    trade.top_up()
    proposal = trade.propose(number)
    address = f"/jobs/{number}/proposals/{proposal}/hire"
    open_page = hidden_fields(trade.employer.browser.get(address).text)
    trade.do(jobs.change_job, number, trade.employer.id, **OTHER)
    for data in (open_page, hidden_fields(trade.employer.browser.get(address).text)):
        refused = trade.employer.browser.post(address, data=data)
        assert refused.status_code == 409 and "has to confirm it first" in refused.text
    assert trade.rows("SELECT count(*) FROM orders_order") == [(0,)]
    page = trade.employer.browser.get(f"/jobs/{number}").text
    assert address not in page and "after they confirmed it" in page
    assert "Your turn: the job was changed" in trade.freelancer.browser.get("/dashboard/jobs/proposals").text
    edit = f"/jobs/{number}/proposal/edit"
    form = trade.freelancer.browser.get(edit).text
    assert "Confirm the proposal" in form
    fields = {**hidden_fields(form), **PROPOSED}
    assert trade.freelancer.browser.post(edit, data=fields).status_code == 303
    assert trade.do(jobs.hire, proposal, trade.employer.id).paid


def test_a_job_that_is_saved_as_it_was_is_not_changed(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    trade.do(jobs.change_job, number, trade.employer.id, **JOB)
    assert trade.do(jobs.hire, proposal, trade.employer.id).number


@pytest.mark.parametrize("kind", ["propose", "proposal/edit"])
def test_a_form_from_before_a_change_of_the_job_is_refused_and_keeps_its_words(trade: Trade, number: str, kind: str) -> None:
    if kind != "propose":
        trade.propose(number)
    address = f"/jobs/{number}/{kind}"
    before = hidden_fields(trade.freelancer.browser.get(address).text)
    trade.do(jobs.change_job, number, trade.employer.id, **OTHER)
    answer = trade.freelancer.browser.post(address, data={**before, **PROPOSED})
    assert answer.status_code == 409 and "has changed" in answer.text and PROPOSED["cover"] in answer.text
    assert trade.freelancer.browser.post(address, data={**hidden_fields(answer.text), **PROPOSED}).status_code == 303


@both_databases
def test_a_proposal_for_a_job_that_was_closed_meanwhile_is_refused_and_keeps_its_words(trade: Trade, number: str) -> None:
    address = f"/jobs/{number}/propose"
    before = hidden_fields(trade.freelancer.browser.get(address).text)
    trade.do(jobs.close_job, number, trade.employer.id)
    answer = trade.freelancer.browser.post(address, data={**before, **PROPOSED})
    assert answer.status_code == 409 and "This job is closed." in answer.text and PROPOSED["cover"] in answer.text
    assert JOB["title"] not in answer.text, "who has nothing to do with it does not read it any more"
    assert trade.freelancer.browser.get(address).status_code == 404
    assert trade.rows("SELECT count(*) FROM jobs_proposal") == [(0,)]


def test_withdrawing_twice_by_one_form_is_withdrawing_once(trade: Trade, number: str) -> None:
    trade.propose(number)
    fields = hidden_fields(trade.freelancer.browser.get(f"/jobs/{number}").text)
    for _ in range(2):
        answer = trade.freelancer.browser.post(f"/jobs/{number}/proposal/withdraw", data=fields)
        assert answer.status_code == 303
    assert trade.do(jobs.propose, number, trade.freelancer.id, **TERMS)


@both_databases
def test_who_has_not_confirmed_since_one_change_is_not_told_of_the_next(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    for description in ("Into Finnish.", "Into Danish."):
        trade.do(jobs.change_job, number, trade.employer.id, **{**JOB, "description": description})
    told = "SELECT count(*) FROM notifications_notice WHERE kind = 'jobs.changed'"
    trade.run_tasks()
    assert trade.rows(told) == [(1,)]
    trade.do(jobs.change_proposal, proposal, trade.freelancer.id, **TERMS)
    trade.do(jobs.change_job, number, trade.employer.id, **OTHER)
    trade.run_tasks()
    assert trade.rows(told) == [(2,)]


def test_terms_of_a_proposal_from_before_a_change_are_refused_whoever_places_them(trade: Trade, number: str) -> None:
    trade.propose(number)
    trade.do(jobs.change_job, number, trade.employer.id, **OTHER)
    [(source_id,)] = trade.rows("SELECT id FROM jobs_job")
    terms = OrderTerms(
        "job", source_id, JOB["title"], "", (), trade.employer.id, trade.freelancer.id, TERMS["price_minor"], "EUR",
        TERMS["days"], TERMS["revisions"], JOB["category"],
    )  # fmt: skip
    with pytest.raises((Refused, RefusedMany)) as refused:
        trade.do(orders.place, terms, trade.employer.id)
    assert refused.value.code == "job_changed"


@pytest.mark.parametrize(("rich", "said"), [(True, "its time counts from now"), (False, "Don't start before the order is paid")])
def test_who_is_hired_reads_in_the_mail_whether_the_order_is_paid(trade: Trade, number: str, rich: bool, said: str) -> None:
    if rich:
        trade.top_up()
    trade.hire(trade.propose(number))
    trade.run_tasks()
    folder = trade.runtime.config.mail_folder
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*.eml")]
    [mail] = [mail for mail in mails if "hired you" in mail["Subject"]]
    body = mail.get_body(("plain",))
    assert body is not None and said in body.get_content()
