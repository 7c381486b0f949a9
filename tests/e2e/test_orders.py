"""Orders in a real browser: both kinds, each way that the work can go, with the clock moved where time decides."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gigneo.plugins.wallet import api as wallet
from gigneo.plugins.wallet.audit import prove
from tests.e2e.conftest import MovedSite, Visitor

Guest = Callable[..., Visitor]


def start(kind: str, employer: Visitor, freelancer: Visitor) -> str:
    """Begin an order of a kind with two revisions, paid, and return its number."""
    page = employer.page
    employer.go("/wallet/top-up")
    page.get_by_label("Amount").fill("900.00")
    page.get_by_role("button", name="Top up").click()
    if kind == "service":
        employer.go("/services/a-logo-that-still-works-at-16-pixels")
        page.get_by_role("link", name="Choose Standard").click()
        page.get_by_role("button", name=re.compile("^Buy for")).click()
    else:
        post_a_job_and_hire(employer, freelancer)
    page.wait_for_url("**/orders/*/overview")
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return found[1]


def post_a_job_and_hire(employer: Visitor, freelancer: Visitor) -> None:
    """Post a job as employer, propose as freelancer, and hire."""
    page = employer.go("/jobs/new")
    page.get_by_label("Title").fill("A sign for the bakery door")
    page.get_by_label("Description").fill("It hangs in the rain, and must be readable from the tram.")
    page.get_by_role("button", name="Post the job").click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    address = re.sub(r"^https?://[^/]+", "", page.url)
    theirs = freelancer.go(f"{address}/propose")
    theirs.get_by_label("Price").fill("260.00")
    theirs.get_by_label("Days").fill("7")
    theirs.get_by_role("textbox", name=re.compile("^Revisions")).fill("2")
    theirs.get_by_label(re.compile("Cover|Why you|Your proposal")).fill("I paint signs.")
    theirs.get_by_role("button", name="Send the proposal").click()
    theirs.wait_for_url(re.compile(r"/jobs/\d+"))
    employer.go(address).get_by_role("link", name=re.compile("^Hire")).first.click()
    page.get_by_role("button", name=re.compile("^Hire for")).click()


def deliver(freelancer: Visitor, number: str, what: str, words: str) -> None:
    """Deliver through the form."""
    page = freelancer.go(f"/orders/{number}/overview")
    page.get_by_role("link", name="Deliver now").click()
    page.get_by_label(what).check()
    page.get_by_label("Description").fill(words)
    page.get_by_role("button", name="Submit Delivery").click()
    page.wait_for_url("**/overview")
    expect(page.get_by_role("main")).to_contain_text(words)


def press(visitor: Visitor, number: str, link: str, button: str | None = None, **fields: str) -> Page:
    """Follow a button of the order page, fill its form, and send it."""
    page = visitor.go(f"/orders/{number}/overview")
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{link}")).first.click()
    for label, text in fields.items():
        field = page.get_by_label(label.replace("_", " "))
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    page.get_by_role("button", name=button or link, exact=True).click()
    page.wait_for_url("**/overview")
    return page


def state(visitor: Visitor, number: str) -> str:
    """Return what stands in the header of the order page, below the title."""
    return visitor.go(f"/orders/{number}/overview").locator(".order-title .badge").first.inner_text()


@pytest.mark.parametrize("kind", ["service", "job"])
def test_a_draft_gets_feedback_and_the_revision_loop_goes_on_until_none_is_left(
    kind: str, guest: Guest, moved_site: MovedSite
) -> None:
    employer, freelancer = guest("employer"), guest("freelancer")
    number = start(kind, employer, freelancer)
    tab = "Services" if kind == "service" else "Jobs"
    expect(employer.page.get_by_role("navigation", name="Where you are")).to_contain_text(tab)
    deliver(freelancer, number, "Draft Work", "A first look at the sign.")
    page = press(employer, number, "Give Feedback", Your_feedback="The letters are lovely. A little larger.")
    expect(page.get_by_role("main")).to_contain_text("The letters are lovely.")
    for left in (1, 0):
        deliver(freelancer, number, "Final Delivery", f"The sign, with {left} to go.")
        page = press(employer, number, "Request Revision", **{"What should change?": f"Once more, {left}."})
        expect(page.get_by_role("main")).to_contain_text(f"{2 - left} used · {left} left")
        assert state(freelancer, number).startswith("In revision")
    deliver(freelancer, number, "Final Delivery", "The last sign.")
    page = employer.go(f"/orders/{number}/overview")
    expect(page.get_by_role("link", name="Request Revision")).to_have_count(0)
    page.get_by_text("What you can't do now, and why").click()
    expect(page.get_by_text("No revision is left (2 of 2 used).")).to_be_visible()
    press(employer, number, "Approve Delivery")
    assert state(freelancer, number) == "Completed"
    told = freelancer.go(f"/orders/{number}/activity").get_by_role("main").inner_text()
    assert told.count("requested a revision") == 2 and "gave feedback on the draft" in told
    audit_is_clean(moved_site)


@pytest.mark.parametrize("kind", ["service", "job"])
def test_a_rejected_cancellation_goes_to_the_administrator_who_cancels_with_a_reason(
    kind: str, guest: Guest, moved_site: MovedSite
) -> None:
    employer, freelancer, administrator = guest("employer"), guest("freelancer"), guest("admin")
    number = start(kind, employer, freelancer)
    before = available(moved_site, "employer")
    reasons = {"Reason": "The work is no longer needed", "Description": "The door was sold."}
    press(employer, number, "Request Cancellation", **reasons)
    press(freelancer, number, "Reject the cancellation", Your_answer="Most of it is painted.")
    press(employer, number, "Ask the Administrator", **{"What should be looked at?": "Please look at the door."})
    page = administrator.go("/admin/orders?show=flagged")
    page.locator(f"a[href='/admin/orders/{number}']").click()
    for told in ("Please look at the door.", "The door was sold.", "Most of it is painted."):
        expect(page.get_by_role("main")).to_contain_text(told)
    page.get_by_role("link", name="Cancel the order").click()
    page.get_by_label("Reason").fill("The door is gone; nobody is to blame.")
    page.get_by_role("button", name="Cancel the order").click()
    page.wait_for_url(f"**/admin/orders/{number}")
    for someone in (employer, freelancer):
        assert state(someone, number) == "Cancelled"
        told = someone.go(f"/orders/{number}/activity").get_by_role("main")
        expect(told).to_contain_text("The door is gone; nobody is to blame.")
    assert available(moved_site, "employer") == before + 26_000
    audit_is_clean(moved_site)


@pytest.mark.parametrize("kind", ["service", "job"])
def test_a_freelancer_cancels_and_is_told_before_what_it_does_to_the_refund_and_to_the_rate(
    kind: str, guest: Guest, moved_site: MovedSite
) -> None:
    employer, freelancer = guest("employer"), guest("freelancer")
    number = start(kind, employer, freelancer)
    before = available(moved_site, "employer")
    page = freelancer.go(f"/orders/{number}/overview")
    page.get_by_role("link", name="Cancel Order").click()
    told = page.get_by_role("main").inner_text()
    assert "€260.00" in told
    rates = re.search(r"Your cancellation rate goes from ([\d.]+)% to ([\d.]+)%", told)
    assert rates and float(rates[1]) < float(rates[2])
    page.get_by_role("button", name="Cancel Order").click()
    page.wait_for_url("**/overview")
    assert state(employer, number) == "Cancelled"
    assert available(moved_site, "employer") == before + 26_000
    profile = employer.page.locator(".order-title a").first
    profile.click()
    expect(employer.page.get_by_role("main")).to_contain_text(f"{rates[2]}%")
    audit_is_clean(moved_site)


@pytest.mark.parametrize("kind", ["service", "job"])
def test_time_completes_an_order_that_nobody_answers(kind: str, guest: Guest, moved_site: MovedSite) -> None:
    employer, freelancer = guest("employer"), guest("freelancer")
    number = start(kind, employer, freelancer)
    deliver(freelancer, number, "Final Delivery", "The sign.")
    expect(employer.go(f"/orders/{number}/overview").get_by_role("main")).to_contain_text(
        "the order is completed and the money released"
    )
    moved_site.later(days=2, hours=1)
    assert state(employer, number).startswith("Delivered")
    expect(employer.go(f"/orders/{number}/activity").get_by_role("main")).to_contain_text("the review time is nearly over")
    moved_site.later(days=1)
    assert state(freelancer, number) == "Completed"
    told = freelancer.go(f"/orders/{number}/activity").get_by_role("main")
    expect(told).to_contain_text("The review time ended without an answer")
    audit_is_clean(moved_site)


def available(site: MovedSite, name: str) -> int:
    """Return what somebody of the demo can spend, in cents."""
    with site.dispatcher.site.app.app_context(), site.runtime.read() as session:
        from gigneo.core.accounts.people import find_person

        someone = find_person(session, f"{name}@demo.example")
        assert someone is not None
        return wallet.balance(session, someone.id).available


def audit_is_clean(site: MovedSite) -> None:
    """Let the ledger be proven."""
    with site.dispatcher.site.app.app_context(), site.runtime.read() as session:
        assert prove(session).ok
