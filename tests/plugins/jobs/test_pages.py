"""The reads of jobs: few queries whatever the row counts, pages that follow each other, and what each waits for."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import text

from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.jobs.queries import PAGE
from gigneo.testing.fixtures import Browser, both_databases
from tests.plugins.jobs.conftest import JOB, TERMS, Trade, statements


def count(trade: Trade, browser: Browser, address: str) -> int:
    """Return how many statements a page asks."""
    browser.get(address)
    with statements(trade.runtime) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


@both_databases
def test_the_pages_ask_the_same_few_queries_for_one_job_and_for_many(trade: Trade, number: str, nobody: Browser) -> None:
    trade.propose(number)
    employer, freelancer = trade.employer.browser, trade.freelancer.browser
    at_most = {
        (nobody, "/jobs"): 2,
        (employer, f"/jobs/{number}"): 5,
        (freelancer, f"/jobs/{number}"): 5,
        (employer, "/dashboard/jobs"): 3,
        (freelancer, "/dashboard/jobs/proposals"): 3,
    }
    few = {page: count(trade, *page) for page in at_most}
    for place in range(6):
        other = trade.post(title=f"Job {place}")
        proposal = trade.propose(other)
        trade.propose(other, trade.rival)
        if place % 2:
            trade.hire(proposal)
    trade.propose(number, trade.rival)
    trade.propose(number, trade.stranger)
    assert {page: count(trade, *page) for page in at_most} == few
    assert {page[1]: asked for page, asked in few.items() if asked > at_most[page]} == {}


def test_an_order_that_came_from_no_job_costs_no_query(trade: Trade, number: str) -> None:
    facts = trade.facts(trade.hire(trade.propose(number)).number)
    [panel] = [panel for panel in trade.dispatcher.site.contributions.order_panels if panel.name == "jobs"]
    with trade.runtime.read() as session, statements(trade.runtime) as seen:
        assert panel.load(facts, None, session) == {"job_number": number}
        assert len(seen) == 1
        assert panel.load(replace(facts, kind="service"), None, session) is None
        assert len(seen) == 1


def walk(browser: Browser, address: str, found: Callable[[str], list[str]]) -> list[str]:
    """Follow the older pages, and give what is on them in order."""
    seen: list[str] = []
    next_page: str | None = address
    while next_page:
        page = browser.get(next_page)
        assert page.status_code == 200
        seen += found(page.text)
        older = page.text.partition('rel="next" href="')[2].partition('"')[0]
        next_page = older.replace("&amp;", "&").partition("#")[0] or None
    return seen


@both_databases
def test_every_job_is_on_exactly_one_page_newest_first(trade: Trade, nobody: Browser) -> None:
    numbers = [trade.post(title=f"Job {place:02}") for place in range(PAGE + 3)]
    gone, hired = numbers[4], numbers[7]
    trade.do(jobs.close_job, gone, trade.employer.id)
    trade.hire(trade.propose(hired))

    def found(page: str) -> list[str]:
        places = {page.find(f'/jobs/{one}"'): one for one in numbers if f'/jobs/{one}"' in page}
        return [places[place] for place in sorted(places)]

    newest = list(reversed(numbers))
    assert walk(nobody, "/jobs", found) == [one for one in newest if one not in {gone, hired}]
    assert walk(nobody, "/jobs?show=hired", found) == [hired]
    assert walk(trade.employer.browser, "/dashboard/jobs", found) == newest
    admin = trade.admin.browser
    assert walk(admin, "/admin/jobs?show=all", found) == newest
    assert walk(admin, "/admin/jobs?show=closed", found) == [gone]


def test_every_proposal_is_on_exactly_one_page_of_its_freelancer(trade: Trade) -> None:
    titles = [f"Job {place:02}" for place in range(PAGE + 3)]
    for title in titles:
        trade.propose(trade.post(title=title))

    def shown(page: str) -> list[str]:
        return [title for title in reversed(titles) if title in page]

    assert walk(trade.freelancer.browser, "/dashboard/jobs/proposals", shown) == list(reversed(titles))


def test_every_proposal_is_on_exactly_one_page_of_the_job_but_for_withdrawn_ones(trade: Trade, number: str) -> None:
    covers = [f"Words {place:02}" for place in range(PAGE + 3)]
    crowd = freelancers(trade, len(covers))
    made = [trade.do(jobs.propose, number, one, **{**TERMS, "cover": cover}) for one, cover in zip(crowd, covers, strict=True)]
    trade.do(jobs.withdraw, made[5], crowd[5])

    def shown(page: str) -> list[str]:
        return [cover for cover in reversed(covers) if cover in page]

    expected = [cover for cover in reversed(covers) if cover != covers[5]]
    assert walk(trade.employer.browser, f"/jobs/{number}", shown) == expected


def freelancers(trade: Trade, size: int) -> list[int]:
    """Make accounts that nobody logs in with: copies of the freelancer's, which cost no hash of a password."""
    source = trade.freelancer.id
    columns = [name for (name,) in trade.rows("SELECT name FROM pragma_table_info('account_user')") if name != "id"]
    values = [f"{name} || :mark" if name in {"email", "fs_uniquifier"} else name for name in columns]
    copy = f"INSERT INTO account_user ({', '.join(columns)}) SELECT {', '.join(values)} FROM account_user WHERE id = :source"
    with trade.runtime.write() as session:
        for place in range(size):
            session.execute(text(copy), {"mark": f"-{place}", "source": source})
        role = (
            "INSERT INTO account_user_role SELECT id, (SELECT id FROM account_role WHERE name = 'freelancer') FROM account_user"
        )
        session.execute(text(f"{role} WHERE email LIKE '%-%'"))
    return [one for (one,) in trade.rows("SELECT id FROM account_user WHERE email LIKE '%-%' ORDER BY id")]


def test_a_page_key_or_filter_of_nonsense_gives_the_first_page(trade: Trade, number: str, nobody: Browser) -> None:
    for after in ("0", "-1", "x", "9" * 30, "1e3", str(2**63), "%27"):
        for address in ("/jobs", "/dashboard/jobs", "/dashboard/jobs/proposals", f"/jobs/{number}"):
            assert trade.stranger.browser.get(f"{address}?after={after}").status_code == 200
        assert number in nobody.get(f"/jobs?show={after}").text


def test_empty_pages_say_what_they_are_for_and_offer_the_first_step(trade: Trade, nobody: Browser) -> None:
    assert "No job is open now" in nobody.get("/jobs").text
    assert "Nobody was hired yet" in nobody.get("/jobs?show=hired").text
    assert 'href="/jobs/new"' in trade.employer.browser.get("/dashboard/jobs").text
    assert "You have proposed nothing yet" in trade.freelancer.browser.get("/dashboard/jobs", follow_redirects=True).text
    number = trade.post()
    assert "No proposals yet" in trade.employer.browser.get(f"/jobs/{number}").text


def test_each_side_reads_what_its_jobs_and_proposals_wait_for(trade: Trade, number: str) -> None:
    def waits() -> tuple[str, str]:
        mine = trade.employer.browser.get("/dashboard/jobs").text.partition('class="row-turn"')[2]
        theirs = trade.freelancer.browser.get("/dashboard/jobs/proposals").text.partition('class="row-turn"')[2]
        return mine.partition("<b>")[2].partition("</b>")[0], theirs.partition("<b>")[2].partition("</b>")[0]

    assert waits() == ("Waits for proposals", "")
    proposal = trade.propose(number)
    assert waits() == ("Your turn: look at 1 proposal", "Elin chooses")
    rival = trade.propose(number, trade.rival)
    assert waits()[0] == "Your turn: look at 2 proposals"
    trade.do(jobs.withdraw, rival, trade.rival.id)
    trade.hire(proposal)
    assert waits() == ("Your turn: pay the order", "Elin pays; don&#39;t start yet")


def test_whoever_proposed_before_a_change_is_told_on_both_sides(trade: Trade, number: str) -> None:
    trade.propose(number)
    assert "before your last change" not in trade.employer.browser.get(f"/jobs/{number}").text
    trade.do(jobs.change_job, number, trade.employer.id, **{**JOB, "description": "Into Finnish."})
    assert "Made before your last change" in trade.employer.browser.get(f"/jobs/{number}").text
    assert "The job was changed after you proposed." in trade.freelancer.browser.get(f"/jobs/{number}").text


def test_the_budget_is_said_in_words(trade: Trade, nobody: Browser) -> None:
    for least, most, words in (
        (None, None, "Open to offers"),
        (5_000, None, "from €50.00"),
        (None, 5_000, "up to €50.00"),
        (5_000, 9_050, "€50.00 to €90.50"),
        (5_000, 5_000, "about €50.00"),
    ):
        number = trade.post(budget_min_minor=least, budget_max_minor=most)
        for address in ("/jobs", f"/jobs/{number}"):
            assert words in nobody.get(address).text
