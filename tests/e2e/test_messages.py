"""Messages in a real browser: two people talk live on a desk and on a phone, or without a script; drafts outlive log-outs."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from gigneo.api import write
from gigneo.plugins.messages import api as messages
from gigneo.plugins.orders import api as orders
from tests.e2e.conftest import MovedSite, Visitor
from tests.e2e.test_attachments import PDF, _file
from tests.e2e.test_orders import Guest, deliver, press, start

pytestmark = pytest.mark.e2e
SOON = 15_000
"""How long something may take to arrive, in milliseconds; it is looked for every three seconds."""
HIDE = """
Object.defineProperty(document, "visibilityState", { get: () => window.away ? "hidden" : "visible" });
window.leave = (away) => { window.away = away; document.dispatchEvent(new Event("visibilitychange")); };
"""


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("^Your message"))


def say(page: Page, words: str, *files: Any) -> None:
    """Send a message by the form."""
    box(page).fill(words)
    if files:
        page.locator("summary", has_text="Attach files").click()
        page.locator("#files").set_input_files(list(files))
    page.get_by_role("button", name="Send message").click()


def conversation(visitor: Visitor, number: str) -> tuple[Page, Locator]:
    page = visitor.go(f"/orders/{number}/messages")
    return page, page.get_by_role("log")


def test_two_people_talk_live_exchange_a_file_and_see_what_was_read(guest: Guest) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", width=390)
    number = start("service", employer, freelancer)
    freelancer.context.add_init_script(HIDE)
    (desk, at_desk), (phone, at_phone) = conversation(employer, number), conversation(freelancer, number)
    for page in (desk, phone):
        page.evaluate("window.same = true")
    box(phone).scroll_into_view_if_needed()
    box(phone).fill("I was about to say")
    say(desk, "Hello **Frida**\nhow is it going?")
    expect(at_desk).to_contain_text("how is it going?")
    expect(box(desk)).to_be_focused()
    expect(box(desk)).to_have_value("")
    expect(at_phone.locator("strong", has_text="Frida")).to_be_visible(timeout=SOON)
    expect(box(phone)).to_have_value("I was about to say")
    expect(box(phone)).to_be_focused()
    expect(box(phone)).to_be_in_viewport()
    expect(at_desk.get_by_text(re.compile("^Seen "))).to_be_visible(timeout=SOON)

    phone.evaluate("leave(true)")
    say(desk, "Are you there?")
    expect(phone).to_have_title(re.compile(r"^\(1\) "), timeout=2 * SOON)
    expect(at_phone).to_contain_text("Are you there?")
    desk.wait_for_timeout(500)
    assert desk.locator("#talk .mine").last.get_by_text(re.compile("^Seen ")).count() == 0, "nobody looked at it"
    phone.evaluate("scrollTo(0, 0)")
    phone.evaluate("leave(false)")
    expect(phone).not_to_have_title(re.compile(r"^\("))
    box(phone).scroll_into_view_if_needed()
    expect(desk.locator("#talk .mine").last.get_by_text(re.compile("^Seen "))).to_be_visible(timeout=SOON)

    say(phone, "Here it is.", _file("draft.pdf", PDF), _file("virus.exe", b"MZ"))
    expect(phone.locator("#errors")).to_contain_text("virus.exe can't be sent")
    expect(box(phone)).to_have_value("Here it is.")
    phone.get_by_role("button", name="Send message").click()
    link = at_desk.get_by_role("link", name=re.compile("draft.pdf"))
    expect(link).to_be_visible(timeout=SOON)
    with desk.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "draft.pdf"
    assert desk.evaluate("window.same") and phone.evaluate("window.same"), "no page was loaded again"
    expect(at_phone.locator(".theirs")).to_have_count(2)
    expect(at_phone.locator(".mine")).to_have_count(1)
    desk.get_by_role("link", name=re.compile("^Attachments")).click()
    desk.get_by_role("link", name="Message", exact=True).first.click()
    expect(desk.get_by_role("log").get_by_text("Here it is.")).to_be_in_viewport()
    freelancer.problems[:] = [line for line in freelancer.problems if "422" not in line]  # the refused file


def test_whoever_reads_further_up_is_not_moved_but_told(guest: Guest) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", width=390)
    number = start("service", employer, freelancer)
    phone, at_phone = conversation(freelancer, number)
    phone.evaluate("scrollTo(0, 0)")
    desk, _ = conversation(employer, number)
    say(desk, "\n\n".join(["A long story."] * 30))
    jump = phone.get_by_role("button", name="New messages")
    expect(jump).to_be_attached(timeout=SOON)
    expect(at_phone.locator(".talk-new")).to_have_count(1)
    assert phone.evaluate("scrollY") == 0
    expect(jump).to_be_visible()
    jump.click()
    expect(at_phone.locator(".theirs")).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_a_form_of_an_ended_log_in_says_so_in_view_and_one_further_back_is_sent_and_forgets_its_draft(
    guest: Guest, moved_site: MovedSite
) -> None:
    employer = guest("employer", width=390)
    number = start("service", employer, guest("freelancer"))
    phone, _ = conversation(employer, number)
    box(phone).fill("Typed before")
    phone.evaluate("document.querySelector('#write [name=csrf_token]').value = 'of an ended log-in'")
    phone.get_by_role("button", name="Send message").click()
    told = phone.locator("[data-told=stale]")
    expect(told).to_be_in_viewport()
    told.get_by_role("link").click()
    expect(box(phone)).to_have_value("Typed before")
    with moved_site.dispatcher.site.app.app_context(), write() as session:
        author = orders.facts(session, number).employer_id
        first, *_ = [messages.send(session, number, author, f"Line {line}.") for line in range(40)]
    phone.goto(f"{moved_site.url}/orders/{number}/messages?at={first}")
    expect(phone.get_by_role("link", name="Back to the newest messages")).to_be_visible()
    expect(box(phone)).to_have_value("Typed before")
    phone.get_by_role("button", name="Send message").click()
    phone.wait_for_url("**/messages#write")
    expect(phone.get_by_role("log")).to_contain_text("Typed before")
    expect(box(phone)).to_have_value("")
    employer.problems[:] = [line for line in employer.problems if "400" not in line and "Response Status" not in line]


def test_without_a_script_two_people_talk_exchange_files_and_review_each_other(guest: Guest) -> None:
    plain = {"java_script_enabled": False}
    employer, freelancer = guest("employer", **plain), guest("freelancer", width=390, **plain)
    number = start("service", employer, freelancer)
    desk, _ = conversation(employer, number)
    say(desk, "Hello *Frida*", _file("wishes.pdf", PDF))
    phone, at_phone = conversation(freelancer, number)
    expect(at_phone.locator("em", has_text="Frida")).to_be_visible()
    expect(at_phone.get_by_role("link", name=re.compile("wishes.pdf"))).to_be_visible()
    phone.get_by_role("button", name="Mark as read").click()
    say(phone, "I read it.")
    phone.get_by_role("link", name="Look for new messages").click()
    _, at_desk = conversation(employer, number)
    expect(at_desk).to_contain_text("I read it.")
    expect(at_desk.get_by_text(re.compile("^Seen "))).to_be_visible()
    deliver(freelancer, number, "Final Delivery", "The sign.")
    press(employer, number, "Approve Delivery")
    for someone, stars in ((employer, "5 stars"), (freelancer, "4 stars")):
        page = someone.go(f"/orders/{number}/review")
        page.get_by_label(re.compile(f"^{stars}")).check()
        page.get_by_role("textbox").last.fill(f"It was worth {stars}.")
        page.get_by_role("main").get_by_role("button").last.click()
        page.wait_for_url("**/overview")
    for someone in (employer, freelancer):
        told = someone.go(f"/orders/{number}/overview").get_by_role("main")
        expect(told).to_contain_text("It was worth 5 stars.")
        expect(told).to_contain_text("It was worth 4 stars.")


def test_a_draft_outlives_a_log_out_and_is_nobody_elses(guest: Guest, moved_site: MovedSite) -> None:
    employer, freelancer = guest("employer"), guest("freelancer")
    number = start("service", employer, freelancer)
    page, _ = conversation(employer, number)
    box(page).fill("Half a thought")
    page.reload()
    expect(box(page)).to_have_value("Half a thought")
    expect(page.get_by_text("This is what you typed before.")).to_be_visible()
    box(page).fill("Half a thought, and more")
    page.wait_for_timeout(500)
    elsewhere = Visitor(employer.context, moved_site.url)
    log_out(elsewhere)
    expect(page.get_by_text("You are logged out.")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Send message").click()
    expect(box(page)).to_have_value("Half a thought, and more")
    page.get_by_role("link", name="Log in again").click()
    page.get_by_label("E-mail").fill("employer@demo.example")
    page.get_by_label("Password", exact=True).fill("demo-demo-demo")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/messages")
    expect(box(page)).to_have_value("Half a thought, and more")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("log")).to_contain_text("Half a thought, and more")
    page.reload()
    expect(box(page)).to_have_value("")
    box(page).fill("A secret of mine")
    page.wait_for_timeout(500)
    log_out(elsewhere)
    elsewhere.log_in("freelancer@demo.example")
    theirs, _ = conversation(elsewhere, number)
    expect(box(theirs)).to_have_value("")
    assert "A secret of mine" not in theirs.evaluate("JSON.stringify(localStorage)")
    expected = ("401", "409", "Response Status")  # the page was told that its person is gone, and that somebody else is there
    employer.problems[:] = [line for line in employer.problems if not any(each in line for each in expected)]


def log_out(visitor: Visitor) -> None:
    page = visitor.go("/dashboard")
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda url: "/dashboard" not in url)


def test_the_tab_breaks_no_rule_of_accessibility_and_fits_a_phone(guest: Guest) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", width=390, color_scheme="dark")
    number = start("service", employer, freelancer)
    desk, _ = conversation(employer, number)
    say(desk, f"## Hello\n\n> quoted `{'code' * 80}`\n\n2024. was good\n\n" + "x" * 300, _file("wishes.pdf", PDF))
    expect(desk.get_by_role("link", name=re.compile("wishes.pdf"))).to_be_visible()
    phone, _ = conversation(freelancer, number)
    for page in (desk, phone):
        page.locator("summary", has_text="Attach files").click()
        page.evaluate(
            "document.querySelectorAll('.talk-told [hidden], [data-talk-jump]').forEach((told) => { told.hidden = false })"
        )
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        cut = "[...document.querySelectorAll('.bubble')].filter((bubble) => bubble.scrollWidth > bubble.clientWidth).length"
        assert page.evaluate(cut) == 0
