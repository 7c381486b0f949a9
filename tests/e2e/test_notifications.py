"""The bell in a real browser: seeing an order's page reads what is told about it, and everything is chosen by keyboard."""

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

LIST = "/account/notifications"


def number(visitor: Visitor) -> int:
    shown = visitor.page.locator("[data-bell] b")
    return int(shown.inner_text()) if shown.count() else 0


def test_an_orders_page_reads_its_notices_and_the_list_leads_there(visitor: Callable[..., Visitor]) -> None:
    someone = visitor().log_in("employer@demo.example")
    someone.go(LIST)
    before = number(someone)
    newest = someone.page.locator(".notice.unread button").first
    newest.click()
    expect(someone.page.get_by_role("heading", level=1)).to_be_visible()
    assert "/orders/" in someone.page.url or "/jobs/" in someone.page.url
    with someone.page.expect_response(lambda answer: answer.url.endswith("/seen") and answer.status == 204):
        someone.go("/dashboard/orders/services?show=all")
        for link in someone.page.locator(".row-what > a").all():
            address = str(link.get_attribute("href"))
            page = someone.context.request.get(someone.url + address).text()
            if "data-seen" in page:
                someone.go(address)
                break
    someone.go(LIST)
    assert number(someone) < before - 1


def test_without_javascript_the_bell_the_list_and_the_choices_work(visitor: Callable[..., Visitor]) -> None:
    someone = visitor(390, java_script_enabled=False).log_in("employer@demo.example")
    someone.page.get_by_role("link", name="Notifications").click()
    someone.page.get_by_role("button", name="Mark all as read").click()
    expect(someone.page.get_by_text("marked as read")).to_be_visible()
    assert number(someone) == 0
    someone.page.get_by_role("link", name="Preferences").click()
    box = someone.page.get_by_label("An order is late: By e-mail")
    box.focus()
    someone.page.keyboard.press("Space")
    someone.page.keyboard.press("Enter")
    expect(someone.page.get_by_text("Saved.")).to_be_visible()
    expect(someone.page.get_by_label("An order is late: By e-mail")).not_to_be_checked()
    expect(someone.page.get_by_label("An order is late: In the bell")).to_be_checked()


def test_the_pages_have_no_violation_and_fit_a_phone(visitor: Callable[..., Visitor]) -> None:
    for width in (1280, 390):
        someone = visitor(width).log_in("employer@demo.example")
        for path in (LIST, f"{LIST}/preferences"):
            someone.go(path)
            found: Any = Axe().run(someone.page).response["violations"]
            assert not found, (path, width, [one["id"] for one in found])
            assert someone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
