"""Reviews in a real browser: written with the keyboard alone, blind, published, and without a barrier in the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import MovedSite
from tests.e2e.test_orders import Guest, deliver, press, start

pytestmark = pytest.mark.e2e


def test_both_sides_review_each_other_by_keyboard_and_read_it_when_both_are_in(guest: Guest, moved_site: MovedSite) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", width=390)
    number = start("service", employer, freelancer)
    deliver(freelancer, number, "Final Delivery", "The sign.")
    press(employer, number, "Approve Delivery", "Approve Delivery")
    page = employer.page
    employer.go(f"/orders/{number}/overview").get_by_role("main").get_by_role("link", name="Write a review").first.click()
    stars = page.get_by_role("group", name="How many stars?").get_by_role("radio")
    assert [radio.is_checked() for radio in stars.all()] == [False] * 5
    stars.first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(re.compile("^4 stars"))).to_be_checked()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Tab")
    page.keyboard.type("Splendid.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")
    theirs = freelancer.go(f"/orders/{number}/overview").get_by_role("main")
    expect(theirs).to_contain_text("has written a review. You can read it when yours is in")
    expect(theirs).not_to_contain_text("Splendid.")
    assert Axe().run(freelancer.page).response["violations"] == []
    moved_site.later(days=14)
    assert moved_site.runtime is not None
    mine = guest("freelancer").go(f"/orders/{number}/overview")
    expect(mine.get_by_role("main")).to_contain_text("Splendid.")
    expect(mine.get_by_role("img", name="4 stars of 5")).to_be_visible()
    mine.get_by_role("main").get_by_role("link", name="The public profile of Frida").click()
    expect(mine.get_by_role("main")).to_contain_text(re.compile(r"\d\.\d of 5"))
    assert Axe().run(mine).response["violations"] == []
