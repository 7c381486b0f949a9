"""Who sees what of a job: proposals, prices and words reach its employer and their own freelancer, nobody else."""

from collections.abc import Callable
from typing import Any

import pytest

from gigneo.plugins.jobs import api as jobs
from gigneo.testing.fixtures import Browser, both_databases
from tests.plugins.jobs.conftest import TERMS, Trade, hidden_fields, submit

SECRET = "Only for the employer's eyes."
PRICE = "€377.31"
TYPED = {"price": "1", "days": "1", "revisions": "0", "cover": "x", "title": "x", "description": "x", "reason": "x"}


@pytest.fixture
def proposal(trade: Trade, number: str) -> int:
    """What the freelancer proposed, with a price and words that stand out."""
    return trade.propose(number, price_minor=37_731, cover=SECRET)


def others(trade: Trade, nobody: Browser) -> dict[str, Browser]:
    return {
        "nobody": nobody,
        "rival": trade.rival.browser,
        "stranger": trade.stranger.browser,
        "admin": trade.admin.browser,
    }


@pytest.mark.parametrize("state", ["open", "hired", "closed"])
def test_a_proposal_is_shown_to_the_employer_and_its_freelancer_only(
    trade: Trade, number: str, proposal: int, nobody: Browser, state: str
) -> None:
    trade.propose(number, trade.rival, cover="Mine.")
    if state == "hired":
        trade.hire(proposal)
    elif state == "closed":
        trade.do(jobs.close_job, number, trade.employer.id)
    for browser in (trade.employer.browser, trade.freelancer.browser):
        page = browser.get(f"/jobs/{number}").text.replace("&#39;", "'")
        assert SECRET in page and PRICE in page
    addresses = (
        f"/jobs/{number}",
        "/jobs",
        "/jobs?show=hired",
        f"/jobs/{number}/propose",
        f"/jobs/{number}/proposal/edit",
        f"/jobs/{number}/proposals/{proposal}/hire",
        "/dashboard/jobs",
        "/dashboard/jobs/proposals",
        "/admin/jobs?show=all",
        f"/admin/jobs/{number}",
        "/",
        "/dashboard",
    )
    for who, browser in others(trade, nobody).items():
        for address in addresses:
            page = browser.get(address, follow_redirects=True).text.replace("&#39;", "'")
            assert SECRET not in page and PRICE not in page and "Frida" not in page, (who, address)


@both_databases
def test_nobody_else_changes_withdraws_or_hires_and_nothing_is_written(
    trade: Trade, number: str, proposal: int, nobody: Browser, fingerprint: Callable[[], Any]
) -> None:
    own = trade.do(jobs.post_job, trade.stranger.id, title="Mine", description="Mine")
    crowd = others(trade, nobody)
    before = fingerprint()
    for who, browser in crowd.items():
        for address in (
            f"/jobs/{number}/edit",
            f"/jobs/{number}/close",
            f"/jobs/{number}/proposal/edit",
            f"/jobs/{number}/proposals/{proposal}/hire",
            f"/jobs/{own}/proposals/{proposal}/hire",
        ):
            browser.get("/jobs")
            for answer in (browser.get(address), browser.submit(address, {**TYPED, "version": "1", "form_key": "k" * 20})):
                assert answer.status_code == (303 if who == "nobody" else 404), (who, address)
        withdrawn = browser.submit(f"/jobs/{number}/proposal/withdraw", {"version": "1", "form_key": "k" * 20})
        assert withdrawn.status_code == (303 if who == "nobody" else 404)
    assert trade.freelancer.browser.get(f"/jobs/{number}/proposals/{proposal}/hire").status_code == 404
    assert fingerprint() == before


def test_what_is_not_there_is_not_found(trade: Trade, number: str, proposal: int) -> None:
    for gone in ("0", "9999999", str(2**63), str(2**70), "9" * 300, "%27", "new%00"):
        addresses = [f"/jobs/{gone}", f"/jobs/{gone}/propose", f"/jobs/{gone}/edit", f"/jobs/{gone}/proposals/{proposal}/hire"]
        for address in (*addresses, f"/jobs/{number}/proposals/{gone}/hire"):
            assert trade.employer.browser.get(address).status_code == 404, address
        assert trade.admin.browser.get(f"/admin/jobs/{gone}").status_code == 404


def test_only_employers_post_and_only_freelancers_propose(trade: Trade, number: str, fingerprint: Callable[[], Any]) -> None:
    seller, both = trade.freelancer, trade.stranger
    before = fingerprint()
    for someone, address in ((seller, "/jobs/new"), (trade.employer, f"/jobs/{number}/propose")):
        page = someone.browser.get(address).text
        assert 'type="submit"' not in page.partition("<main")[2]
        answer = someone.browser.submit(address, {**TYPED, "form_key": "k" * 20})
        assert answer.status_code == 403
    assert "not one" in trade.freelancer.browser.get("/jobs/new").text
    assert "your own job" in trade.employer.browser.get(f"/jobs/{number}/propose").text
    buyer = trade.do(jobs.post_job, trade.stranger.id, title="Mine", description="Mine")
    assert "Only freelancers propose" in trade.employer.browser.get(f"/jobs/{buyer}/propose").text
    trade.stranger.browser.get("/jobs")
    own = trade.stranger.browser.submit(f"/jobs/{buyer}/propose", {**TYPED, "form_key": "k" * 20})
    assert own.status_code == 403
    trade.do(jobs.close_job, buyer, both.id)
    after = fingerprint()
    assert {name for name in before if before[name] != after[name]} == {"jobs_job"}


def test_a_right_that_was_lost_meanwhile_is_asked_for_again(trade: Trade, number: str, proposal: int) -> None:
    from sqlalchemy import text

    address = f"/jobs/{number}/proposals/{proposal}/hire"
    seen = hidden_fields(trade.employer.browser.get(address).text)
    with trade.runtime.write() as session:
        session.execute(text("DELETE FROM account_user_role WHERE user_id = :user"), {"user": trade.employer.id})
    answer = trade.employer.browser.post(address, data=seen)
    assert answer.status_code == 403 and "Only employers hire" in answer.text
    assert trade.rows("SELECT count(*) FROM orders_order") == [(0,)]


def test_fields_that_the_form_does_not_have_change_nothing(trade: Trade, number: str) -> None:
    extra = {
        "state": "hired", "freelancer_id": str(trade.rival.id), "job_id": "99", "employer_id": "1", "number": "1111111",
        "price_minor": "1", "made_at": "2020-01-01", "id": "77", "kind": "service", "closed_reason": "x", "pay": "0",
    }  # fmt: skip
    typed = {"price": "210", "days": "6", "revisions": "2", "cover": "Hello."}
    assert submit(trade.freelancer.browser, f"/jobs/{number}/propose", {**typed, **extra}).status_code == 303
    [row] = trade.rows("SELECT id, freelancer_id, price_minor, state, version FROM jobs_proposal")
    assert row == (1, trade.freelancer.id, 21_000, "open", 1)
    trade.top_up()
    answer = submit(trade.employer.browser, f"/jobs/{number}/proposals/1/hire", {**extra, "freelancer_id": "1"})
    assert answer.status_code == 303
    [order] = trade.rows("SELECT kind, price_minor, freelancer_id, state, number = '1111111' FROM orders_order")
    assert order == ("job", 21_000, trade.freelancer.id, "active", False)


def test_the_menus_are_for_whom_they_are_for(trade: Trade) -> None:
    admin = trade.admin
    for someone in (trade.employer, trade.freelancer):
        assert 'href="/dashboard/jobs"' in someone.browser.get("/dashboard").text
        assert someone.browser.get("/admin/jobs").status_code == 403
    assert 'href="/dashboard/jobs"' not in admin.browser.get("/dashboard", follow_redirects=True).text
    assert 'href="/admin/jobs"' in admin.browser.get("/admin").text


def test_what_was_proposed_is_no_offer_before_it_is_hired(trade: Trade, number: str) -> None:
    """The terms that the use cases take are those of the proposal, never those of a form."""
    proposal = trade.propose(number, **TERMS)
    sent = submit(trade.employer.browser, f"/jobs/{number}/proposals/{proposal}/hire", seen_total="1")
    assert sent.status_code == 409
    assert trade.rows("SELECT count(*) FROM orders_order") == [(0,)]
