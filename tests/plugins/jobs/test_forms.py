"""The forms of jobs: once only, exact or refused, told at the field and in the summary, and nothing typed is lost."""

from html import unescape

import pytest

from gigneo.plugins.jobs import api as jobs
from gigneo.testing.fixtures import both_databases
from tests.plugins.jobs.conftest import TERMS, Trade, hidden_fields, submit

POSTED = {"title": "A title", "category": "Some kind", "description": "Some text.", "budget_min": "10", "budget_max": "20"}
PROPOSED = {"price": "210", "days": "6", "revisions": "2", "cover": "Some words."}
NASTY = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(2)</script>",
    "{{ 7*7 }} {% raw %} %(total)s {0.__class__}",
    "' OR 1=1-- ; DROP TABLE jobs_job",
    "\u202egnp.exe \u2066mixed\u2069 \U0001f468\u200d\U0001f469\u200d\U0001f467 Z\u0351\u036b\u0343",
    "=HYPERLINK(1) @SUM +cmd|",
    "[x](javascript:alert(1)) ![y](http://e.example/z.png)",
)


WRONG_JOBS: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"title": "  "}, "title", "Say what should be done."),
    ({"title": "\u200b"}, "title", "must not be empty"),
    ({"title": "x" * 121}, "title", "120"),
    ({"category": "x" * 61}, "category", "60"),
    ({"description": ""}, "description", "Describe what should be done."),
    ({"description": "x" * 10_001}, "description", "10000"),
    *(({"budget_min": typed}, "budget_min", "") for typed in ("-1", "1e3", "0", "1,5", "NaN", "١٢", "0.001", "9" * 30)),
    ({"budget_min": "20", "budget_max": "10"}, "budget_max", "less than the least"),
)
"""What is typed wrong, the field that it is about, and a part of the reason."""
WRONG_PROPOSALS: tuple[tuple[dict[str, str], str, str], ...] = (
    *(({"price": typed}, "price", "") for typed in ("", "0", "-5", "+5", "1e3", "1.005,50", "0x1F", "Infinity", "２", "0.001")),
    ({"price": str(10**15)}, "price", "not possible"),
    *(({"days": typed}, "days", "") for typed in ("", "0", "-1", "1.5", "3651", "1e2", "٣", "9" * 40)),
    ({"revisions": ""}, "revisions", "or choose unlimited"),
    ({"unlimited": "y"}, "revisions", "not both"),
    *(({"revisions": typed}, "revisions", "") for typed in ("-1", "1001", "two", "1.0", "Ⅷ")),
    ({"revisions": "many", "unlimited": "y"}, "revisions", "whole number"),
    ({"cover": " \n "}, "cover", "Tell the employer why you."),
    ({"cover": "x" * 5001}, "cover", "5000"),
)


def test_a_job_that_can_not_be_posted_says_why_and_keeps_what_was_typed(trade: Trade) -> None:
    for changed, field, said in WRONG_JOBS:
        answer = submit(trade.employer.browser, "/jobs/new", {**POSTED, **changed})
        assert answer.status_code in {409, 422}, changed
        judged(answer.text, field, said)
        for typed in {**POSTED, **changed}.values():
            assert typed in unescape(answer.text), changed
    assert trade.rows("SELECT count(*) FROM jobs_job") == [(0,)]


def test_a_proposal_that_can_not_be_made_says_why_and_keeps_what_was_typed(trade: Trade, number: str) -> None:
    for changed, field, said in WRONG_PROPOSALS:
        typed = {**PROPOSED, **changed}
        answer = submit(trade.freelancer.browser, f"/jobs/{number}/propose", typed)
        assert answer.status_code in {409, 422}, changed
        judged(answer.text, field, said)
        for name, text in typed.items():
            assert name == "unlimited" or text in unescape(answer.text), changed
        assert ("checked" in answer.text) == ("unlimited" in typed), changed
    assert trade.rows("SELECT count(*) FROM jobs_proposal") == [(0,)]


def judged(page: str, field: str, said: str) -> None:
    """The reason stands in the summary, as a link to the field, and at the field."""
    summary = page.partition('id="errors"')[2].partition("</div>")[0]
    at_field = page.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert f'href="#{field}"' in summary and said in unescape(summary), summary
    assert at_field and said in unescape(at_field)
    assert 'aria-invalid="true"' in page


def test_unlimited_is_chosen_never_guessed(trade: Trade, number: str) -> None:
    typed = {"price": "1,210.00", "days": "6", "revisions": "", "unlimited": "y", "cover": "Some words."}
    assert submit(trade.freelancer.browser, f"/jobs/{number}/propose", typed).status_code == 303
    assert trade.rows("SELECT price_minor, days, revisions FROM jobs_proposal") == [(121_000, 6, None)]
    page = trade.freelancer.browser.get(f"/jobs/{number}/proposal/edit").text
    assert "checked" in page and 'value="1210.00"' in page
    assert "unlimited" in trade.employer.browser.get(f"/jobs/{number}").text
    assert submit(trade.freelancer.browser, f"/jobs/{number}/proposal/edit", PROPOSED).status_code == 303
    assert trade.rows("SELECT price_minor, revisions, version FROM jobs_proposal") == [(21_000, 2, 2)]


def test_text_is_kept_as_typed_and_cleaned_where_it_is_shown(trade: Trade) -> None:
    for nasty in NASTY:
        line = nasty.translate(dict.fromkeys((0x202E, 0x2066, 0x2069)))
        posted = submit(trade.employer.browser, "/jobs/new", {"title": line, "category": line[:60], "description": nasty})
        assert posted.status_code == 303
        job = posted.headers["Location"]
        assert submit(trade.freelancer.browser, f"{job}/propose", {**PROPOSED, "cover": nasty}).status_code == 303
        [(cover, proposal)] = trade.rows("SELECT cover, id FROM jobs_proposal ORDER BY id DESC LIMIT 1")
        [(description,)] = trade.rows("SELECT description FROM jobs_job ORDER BY id DESC LIMIT 1")
        assert cover == description == nasty
        for page in pages_of(trade, job, proposal):
            assert nasty[:20] in unescape(page) or line[:20] in unescape(page)
            for bad in ("<script>alert", "<img src=x", 'href="javascript', "<img src"):
                assert bad not in page, bad


def pages_of(trade: Trade, job: str, proposal: int) -> list[str]:
    """Return every page that shows what people wrote about a job."""
    seen = [(trade.employer, f"{job}{rest}") for rest in ("", "/edit", "/close", f"/proposals/{proposal}/hire")]
    seen += [(trade.employer, "/jobs"), (trade.employer, "/dashboard/jobs"), (trade.freelancer, job)]
    seen += [(trade.freelancer, f"{job}/proposal/edit"), (trade.freelancer, "/dashboard/jobs/proposals")]
    seen += [(trade.admin, "/admin/jobs"), (trade.admin, f"/admin{job}")]
    return [someone.browser.get(address).text for someone, address in seen]


@both_databases
def test_a_form_sent_twice_does_once_and_its_key_is_good_for_nothing_else(trade: Trade, number: str) -> None:
    for someone, address, typed, table in (
        (trade.employer, "/jobs/new", POSTED, "jobs_job"),
        (trade.freelancer, f"/jobs/{number}/propose", PROPOSED, "jobs_proposal"),
    ):
        [(before,)] = trade.rows(f"SELECT count(*) FROM {table}")
        sent = {**hidden_fields(someone.browser.get(address).text), **typed}
        answers = [someone.browser.post(address, data=sent) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        other = someone.browser.post(address, data={**sent, "title": "Another", "cover": "Another"})
        assert other.status_code == 409 and "already sent" in other.text
        keyless = someone.browser.post(address, data={**sent, "form_key": ""})
        assert keyless.status_code == 409 and "incomplete" in keyless.text
        assert trade.rows(f"SELECT count(*) FROM {table}") == [(before + 1,)]


def test_a_page_from_before_a_change_is_refused_and_keeps_what_was_typed(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    address = f"/jobs/{number}/proposals/{proposal}/hire"
    seen = hidden_fields(trade.employer.browser.get(address).text)
    edit = hidden_fields(trade.freelancer.browser.get(f"/jobs/{number}/proposal/edit").text)
    trade.do(jobs.change_proposal, proposal, trade.freelancer.id, **{**TERMS, "price_minor": 99_000})
    answer = trade.employer.browser.post(address, data=seen)
    assert answer.status_code == 409
    assert "The proposal has changed" in answer.text and "Nobody was hired" in answer.text and "Hire for €990.00" in answer.text
    answer = trade.freelancer.browser.post(f"/jobs/{number}/proposal/edit", data={**edit, **PROPOSED, "cover": "My new words."})
    assert answer.status_code == 409 and "has changed" in answer.text and "My new words." in answer.text
    page = hidden_fields(trade.employer.browser.get(f"/jobs/{number}/edit").text)
    assert submit(trade.employer.browser, f"/jobs/{number}/edit", POSTED).status_code == 303
    answer = trade.employer.browser.post(f"/jobs/{number}/edit", data={**page, **POSTED, "title": "My new title"})
    assert answer.status_code == 409 and "has changed" in answer.text and "My new title" in answer.text
    assert trade.rows("SELECT title FROM jobs_job") == [("A title",)]
    assert trade.rows("SELECT price_minor, cover FROM jobs_proposal") == [(99_000, TERMS["cover"])]


def test_a_version_of_nonsense_hires_nobody(trade: Trade, number: str) -> None:
    proposal = trade.propose(number)
    for version in ("", "0", "-1", "1.0", "١", "9" * 40, "1 OR 1"):
        answer = submit(trade.employer.browser, f"/jobs/{number}/proposals/{proposal}/hire", version=version)
        assert answer.status_code == 409, version
    assert trade.rows("SELECT count(*) FROM orders_order") == [(0,)]


def test_whoever_lost_a_race_reads_why_and_what_there_is_now(trade: Trade, number: str) -> None:
    proposal, other = trade.propose(number), trade.propose(number, trade.rival)
    address = f"/jobs/{number}/proposals/{other}/hire"
    seen = hidden_fields(trade.employer.browser.get(address).text)
    withdrawing = hidden_fields(trade.freelancer.browser.get(f"/jobs/{number}").text)
    late = hidden_fields(trade.stranger.browser.get(f"/jobs/{number}/propose").text)
    order = trade.hire(proposal)
    answer = trade.employer.browser.post(address, data=seen)
    assert answer.status_code == 409 and "hired for this job already" in answer.text and order.number in answer.text
    answer = trade.freelancer.browser.post(f"/jobs/{number}/proposal/withdraw", data=withdrawing)
    assert answer.status_code == 409 and "You are hired for this job" in answer.text
    answer = trade.stranger.browser.post(f"/jobs/{number}/propose", data={**late, **PROPOSED})
    assert answer.status_code == 409 and "hired for this job already" in answer.text and "Some words." in answer.text
    assert trade.state(number) == ("hired", ["hired", "declined"])


def test_posting_and_proposing_are_limited_and_what_was_typed_stays(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    from gigneo.plugins.jobs import job_pages, proposal_pages

    monkeypatch.setattr(job_pages, "POSTS_PER_HOUR", 2)
    monkeypatch.setattr(proposal_pages, "PROPOSALS_PER_HOUR", 1)
    answers = [submit(trade.employer.browser, "/jobs/new", POSTED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Some text." in answers[2].text and int(answers[2].headers["Retry-After"]) > 0
    first, second = (answer.headers["Location"] for answer in answers[:2])
    assert submit(trade.freelancer.browser, f"{first}/propose", PROPOSED).status_code == 303
    answer = submit(trade.freelancer.browser, f"{second}/propose", PROPOSED)
    assert answer.status_code == 429 and "Some words." in answer.text and answer.headers["Retry-After"]
    assert submit(trade.rival.browser, f"{second}/propose", PROPOSED).status_code == 303


def test_an_administrator_gives_a_reason(trade: Trade, number: str) -> None:
    admin = trade.admin.browser
    for reason in ("", " ", "\u200b", "x" * 501):
        answer = submit(admin, f"/admin/jobs/{number}", {"reason": reason})
        assert answer.status_code in {409, 422}
        judged(answer.text, "reason", "")
    assert trade.state(number)[0] == "open"
    assert submit(admin, f"/admin/jobs/{number}", {"reason": "Not here."}).status_code == 303
    assert "Not here." in admin.get(f"/admin/jobs/{number}").text
    late = admin.submit(f"/admin/jobs/{number}", {"reason": "Twice.", "form_key": "k" * 20})
    assert late.status_code == 409 and "This job is closed." in late.text and "Twice." in late.text


@pytest.mark.parametrize(
    ("title", "said"),
    [("\u200b\u200d", "This must not be empty."), ("\u2800", "This must not be empty."), ("Logo \u202egnp.exe", "hidden signs")],
)
def test_a_title_that_nobody_sees_or_that_turns_its_surroundings_is_refused(trade: Trade, title: str, said: str) -> None:
    typed = {"title": title, "description": "Words.", "category": "Design"}
    answer = submit(trade.employer.browser, "/jobs/new", typed)
    assert answer.status_code == 422 and said in answer.text
    answer = submit(trade.employer.browser, "/jobs/new", {**typed, "title": "Logo", "category": "\u2066x"})
    assert answer.status_code == 422 and "hidden signs" in answer.text
    assert trade.rows("SELECT count(*) FROM jobs_job") == [(0,)]
