"""The rules of jobs, by the use cases: exact terms, one hire, whose turn, and what the database refuses by itself."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gigneo.core.refusals import Refused, RefusedMany
from gigneo.hooks import OrderTerms
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.jobs.posting import close_as_administrator
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import JOB, TERMS, Trade, hidden_fields, offer_on, submit


def code_of(action: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises((Refused, RefusedMany)) as refusal:
        action(*arguments, **named)
    return refusal.value.code


def test_the_order_has_exactly_the_terms_of_the_proposal(trade: Trade) -> None:
    trade.top_up(1_000_000)
    for price, days, revisions in ((1, 1, 0), (123_457, 3650, None), (33_333, 30, 1000)):
        number = trade.post(title="  Two\nlines  ", category="Odd  jobs")
        proposal = trade.propose(number, price_minor=price, days=days, revisions=revisions)
        order = trade.facts(trade.hire(proposal).number)
        assert (order.price_minor, order.days, order.revisions_total) == (price, days, revisions)
        assert (order.kind, order.title, order.package, order.features) == ("job", "Two lines", "", ())
        assert order.started_at is not None and order.due_at is not None
        assert (order.due_at - order.started_at).days == days
        [(category, source)] = trade.rows("SELECT category, source_id FROM orders_order ORDER BY id DESC LIMIT 1")
        assert category == "Odd jobs"
        assert [(source,)] == trade.rows("SELECT id FROM jobs_job WHERE number = :number", number=number)


def test_terms_that_nobody_proposed_are_refused_whoever_places_them(trade: Trade, number: str) -> None:
    trade.propose(number)
    terms = agreed(trade)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"price_minor": 20_999}, "terms_mismatch"),
        ({"price_minor": 1}, "terms_mismatch"),
        ({"days": 7}, "terms_mismatch"),
        ({"revisions": None}, "terms_mismatch"),
        ({"title": "Something else"}, "terms_mismatch"),
        ({"category": "cheap"}, "terms_mismatch"),
        ({"features": ("A free logo",)}, "terms_mismatch"),
        ({"source_id": 999}, "not_open"),
        ({"freelancer_id": trade.rival.id}, "not_proposed"),
        ({"employer_id": trade.stranger.id}, "not_open"),
    )
    for changed, code in wrong:
        offered = replace(terms, **changed)
        assert code_of(trade.do, orders.place, offered, offered.employer_id) == code, changed
    assert trade.rows("SELECT count(*) FROM orders_order") == [(0,)]


def agreed(trade: Trade) -> OrderTerms:
    [(job_id,)] = trade.rows("SELECT id FROM jobs_job")
    return OrderTerms(
        kind="job",
        source_id=job_id,
        title=JOB["title"],
        package="",
        features=(),
        employer_id=trade.employer.id,
        freelancer_id=trade.freelancer.id,
        price_minor=21_000,
        currency="EUR",
        days=6,
        revisions=2,
        category=JOB["category"],
    )


@pytest.mark.parametrize("after", ["withdraw", "close", "hire"])
def test_a_proposal_that_is_not_open_any_more_can_not_be_ordered(trade: Trade, number: str, after: str) -> None:
    proposal = trade.propose(number)
    if after == "withdraw":
        trade.do(jobs.withdraw, proposal, trade.freelancer.id)
    elif after == "close":
        trade.do(jobs.close_job, number, trade.employer.id)
    else:
        trade.hire(proposal)
    before = trade.rows("SELECT count(*) FROM orders_order")
    assert code_of(trade.hire, proposal) == {"withdraw": "withdrawn", "close": "job_closed", "hire": "job_hired"}[after]
    terms = agreed(trade)
    assert code_of(trade.do, orders.place, terms, terms.employer_id) in {"not_open", "not_proposed"}
    assert trade.rows("SELECT count(*) FROM orders_order") == before


@both_databases
def test_terms_that_changed_since_they_were_seen_are_refused_and_nothing_is_written(
    trade: Trade, number: str, fingerprint: Any
) -> None:
    proposal = trade.propose(number)
    was = offer_on(trade.employer.browser, number, proposal)
    trade.do(jobs.change_proposal, proposal, trade.freelancer.id, **{**TERMS, "price_minor": 99_000})
    now = offer_on(trade.employer.browser, number, proposal)
    before = fingerprint()
    assert code_of(trade.hire, proposal, version=1) == "stale"
    assert code_of(trade.hire, proposal, version=2, seen=was) == "price_changed"
    assert fingerprint() == before
    assert trade.facts(trade.hire(proposal, version=2, seen=now).number).price_minor == 99_000


def test_a_fee_that_came_up_after_the_page_was_shown_is_not_charged_unasked(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    trade.top_up(100_000)
    address = f"/jobs/{number}/proposals/{proposal}/hire"
    seen = hidden_fields(trade.employer.browser.get(address).text)
    trade.choose(employer_fee_rate=500)
    answer = trade.employer.browser.post(address, data=seen)
    assert (
        answer.status_code == 409
        and "You would have paid €210.00, and pay €220.50 now." in answer.text
        and "€220.50" in answer.text
    )
    assert trade.state(number) == ("open", ["open"]) and trade.available() == 100_000
    assert submit(trade.employer.browser, address).status_code == 303
    assert trade.available() == 100_000 - 21_000 - 1_050


def test_the_same_person_is_never_on_both_sides(trade: Trade) -> None:
    number = str(trade.do(jobs.post_job, trade.stranger.id, **JOB))
    assert code_of(trade.propose, number, trade.stranger) == "own_job"


def test_a_freelancer_has_one_proposal_for_a_job(trade: Trade, number: str) -> None:
    trade.propose(number)
    assert code_of(trade.propose, number) == "proposed"
    assert code_of(trade.propose, number, price_minor=1) == "proposed"
    trade.propose(number, trade.rival)
    trade.propose(trade.post())


def test_only_its_employer_changes_closes_and_hires_for_a_job(trade: Trade, number: str, fingerprint: Any) -> None:
    proposal = trade.propose(number)
    outsiders, rivals = (trade.stranger, trade.freelancer), (trade.rival, trade.employer)
    before = fingerprint()
    for somebody in outsiders:
        assert code_of(trade.do, jobs.change_job, number, somebody.id, **JOB) == "not_found"
        assert code_of(trade.do, jobs.close_job, number, somebody.id) == "not_found"
        assert code_of(trade.do, jobs.hire, proposal, somebody.id) == "not_found"
    for somebody in rivals:
        assert code_of(trade.do, jobs.withdraw, proposal, somebody.id) == "not_found"
        assert code_of(trade.do, jobs.change_proposal, proposal, somebody.id, **TERMS) == "not_found"
    for nothing in (0, 999, 2**63 - 1):
        assert code_of(trade.hire, nothing) == "not_found"
    assert fingerprint() == before


@pytest.mark.parametrize("end", ["hired", "closed"])
def test_a_job_that_is_not_open_takes_no_proposal_and_no_change(trade: Trade, number: str, end: str) -> None:
    proposal = trade.propose(number)
    if end == "hired":
        trade.hire(proposal)
    else:
        trade.do(jobs.close_job, number, trade.employer.id)
    code = f"job_{end}"
    assert code_of(trade.propose, number, trade.rival) == code
    assert code_of(trade.do, jobs.change_job, number, trade.employer.id, **JOB) == code
    assert code_of(trade.do, jobs.close_job, number, trade.employer.id) == code
    assert code_of(trade.do, close_as_administrator, number, trade.admin.id, "Why not.") == code
    for action, named in ((jobs.withdraw, {}), (jobs.change_proposal, TERMS)):
        assert code_of(trade.do, action, proposal, trade.freelancer.id, **named) == ("hired" if end == "hired" else code)


def test_an_impossible_job_is_refused_by_field(trade: Trade) -> None:
    impossible: tuple[tuple[dict[str, Any], str], ...] = (
        ({"title": " \n "}, "title"),
        ({"title": "\u200b\u2066"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"description": "\t"}, "description"),
        ({"description": "x" * 10_001}, "description"),
        ({"category": "x" * 61}, "category"),
        ({"budget_min_minor": 0}, "budget_min"),
        ({"budget_max_minor": -1}, "budget_max"),
        ({"budget_max_minor": 2**63}, "budget_max"),
        ({"budget_min_minor": 200, "budget_max_minor": 199}, "budget_max"),
    )
    for changed, field in impossible:
        with pytest.raises(Refused) as refusal:
            trade.post(**changed)
        assert refusal.value.field == field, changed
    assert trade.rows("SELECT count(*) FROM jobs_job") == [(0,)]


def test_an_impossible_proposal_is_refused_by_field_also_when_one_is_changed(trade: Trade, number: str) -> None:
    impossible: tuple[tuple[dict[str, Any], str], ...] = (
        ({"price_minor": 0}, "price"),
        ({"price_minor": -5}, "price"),
        ({"price_minor": 2**63}, "price"),
        ({"days": 0}, "days"),
        ({"days": 3651}, "days"),
        ({"revisions": -1}, "revisions"),
        ({"revisions": 1001}, "revisions"),
        ({"cover": "\u00a0"}, "cover"),
        ({"cover": "x" * 5001}, "cover"),
    )
    proposal = trade.propose(number, trade.rival)
    for changed, field in impossible:
        for action, about, who in ((jobs.propose, number, trade.freelancer), (jobs.change_proposal, proposal, trade.rival)):
            with pytest.raises(Refused) as refusal:
                trade.do(action, about, who.id, **{**TERMS, **changed})
            assert refusal.value.field == field, changed
    assert trade.rows("SELECT price_minor, days, revisions, cover FROM jobs_proposal") == [(21_000, 6, 2, TERMS["cover"])]


IMPOSSIBLE_ROWS = (
    ("UPDATE jobs_job SET state = 'gone'", "ck_jobs_job_state"),
    ("UPDATE jobs_job SET state = 'closed'", "ck_jobs_job_closed"),
    ("UPDATE jobs_job SET budget_min_minor = 5, budget_max_minor = 4", "ck_jobs_job_budget"),
    ("UPDATE jobs_job SET budget_min_minor = 0", "ck_jobs_job_budget_min"),
    ("UPDATE jobs_job SET budget_max_minor = 0", "ck_jobs_job_budget_max"),
    ("UPDATE jobs_proposal SET price_minor = 0", "ck_jobs_proposal_price"),
    ("UPDATE jobs_proposal SET days = 0", "ck_jobs_proposal_days"),
    ("UPDATE jobs_proposal SET days = 3651", "ck_jobs_proposal_days"),
    ("UPDATE jobs_proposal SET revisions = -1", "ck_jobs_proposal_revisions"),
    ("UPDATE jobs_proposal SET revisions = 1001", "ck_jobs_proposal_revisions"),
    ("UPDATE jobs_proposal SET state = 'won'", "ck_jobs_proposal_state"),
    (
        "INSERT INTO jobs_proposal (job_id, freelancer_id, price_minor, days, cover, state, made_at, changed_at, version)"
        " SELECT job_id, freelancer_id, 1, 1, '', 'open', made_at, changed_at, 1 FROM jobs_proposal",
        "UNIQUE constraint failed: jobs_proposal.job_id, jobs_proposal.freelancer_id|uq_jobs_proposal_kept",
    ),
    (
        "INSERT INTO jobs_hire (job_id, proposal_id, order_id, order_number, hired_at)"
        " SELECT job_id, proposal_id, (SELECT max(id) FROM orders_order), '1', hired_at FROM jobs_hire",
        "UNIQUE constraint failed: jobs_hire.job_id|uq_jobs_hire_standing",
    ),
    ("UPDATE jobs_hire SET paid_at = hired_at, undone_at = hired_at", "ck_jobs_hire_ended_once"),
)
"""What the code never writes, and the constraint that stops it."""


@both_databases
def test_the_database_refuses_what_the_code_promises_not_to_write(trade: Trade, number: str) -> None:
    trade.hire(trade.propose(number))
    trade.do(orders.place, agreed_for(trade, trade.post()), trade.employer.id)
    for statement, by in IMPOSSIBLE_ROWS:
        with pytest.raises(IntegrityError, match=by), trade.runtime.write() as session:
            session.execute(text(statement))


def agreed_for(trade: Trade, number: str) -> OrderTerms:
    """Make a second order, so that a row of it may be pointed at."""
    trade.propose(number)
    [(job_id,)] = trade.rows("SELECT id FROM jobs_job WHERE number = :number", number=number)
    return OrderTerms(
        "job", job_id, JOB["title"], "", (), trade.employer.id, trade.freelancer.id, 21_000, "EUR", 6, 2, JOB["category"]
    )


def test_numbers_are_drawn_and_can_be_given(trade: Trade) -> None:
    drawn = [trade.post() for _ in range(5)]
    assert all(len(one) == 7 and one.isdigit() for one in drawn) and drawn != sorted(drawn)[:1] * 5
    assert len(set(drawn)) == 5
    assert trade.post(number="8350241") == "8350241"
    assert trade.hire(trade.propose("8350241"), number="5550001").number == "5550001"


@both_databases
def test_closing_as_administrator_leaves_an_audit_row(trade: Trade, number: str) -> None:
    assert code_of(trade.do, close_as_administrator, number, trade.admin.id, "\u200b") == "empty"
    trade.do(close_as_administrator, number, trade.admin.id, "Not allowed here.")
    [(actor, subject, detail)] = trade.rows("SELECT actor_id, subject, detail FROM audit_entry WHERE action = 'jobs.closed'")
    assert (actor, subject) == (trade.admin.id, f"job:{number}") and "Not allowed here." in detail


SUSPENDED = "UPDATE account_user SET active = :no WHERE id = :id"
DEMOTED = "DELETE FROM account_user_role WHERE user_id = :id AND :no = :no"


@both_databases
@pytest.mark.parametrize("how", [SUSPENDED, DEMOTED], ids=["suspended", "without the role"])
def test_somebody_who_is_suspended_or_lost_the_role_is_not_hired_and_not_proposed_to(trade: Trade, number: str, how: str) -> None:
    gone, here = trade.propose(number), trade.propose(number, trade.rival)
    page = f"/jobs/{number}/proposals/{gone}/hire"
    sent = hidden_fields(trade.employer.browser.get(page).text)
    with trade.runtime.write() as session:
        session.execute(text(how), {"id": trade.freelancer.id, "no": False})
    assert code_of(trade.hire, gone) == "freelancer_absent"
    answer = trade.employer.browser.post(page, data=sent)
    assert answer.status_code == 409 and "takes no orders at present" in answer.text and "Hire for" not in answer.text
    job = trade.employer.browser.get(f"/jobs/{number}").text
    assert f"/proposals/{here}/hire" in job and f"/proposals/{gone}/hire" not in job
    assert "1 proposal" in trade.employer.browser.get("/dashboard/jobs").text
    with trade.runtime.write() as session:
        session.execute(text(how), {"id": trade.employer.id, "no": False})
    assert number not in trade.rival.browser.get("/jobs").text
    assert code_of(trade.propose, number, trade.stranger) == "employer_absent"
