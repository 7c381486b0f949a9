"""Every page of an order, as each of its people reaches it: none breaks a rule of accessibility, by day or by night."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import text

from gigneo.api import write
from gigneo.core.modules.lifecycle import enable
from gigneo.plugins.orders import api as orders
from tests.e2e.conftest import MovedSite
from tests.e2e.test_orders import Guest, deliver, press

pytestmark = pytest.mark.e2e
LOOKS = (("light", 1280), ("dark", 390))
EVERY_STATE = {
    "employer": ("pending_payment", "active", "delivered", "in_revision", "completed", "cancelled"),
    "freelancer": ("active", "delivered", "in_revision", "completed"),
    "admin": ("delivered", "completed"),
}
STATES = (
    EVERY_STATE
    if "GIGNEO_EVERY_STATE" in os.environ
    else {"employer": ("active", "delivered", "completed"), "freelancer": ("active", "delivered"), "admin": ("delivered",)}
)
"""In which states each looks at an order. What other states add to a page is words; all are looked at when asked for."""
BESIDE = {
    "employer": ("/dashboard/orders/services", "/dashboard/orders/jobs?q=nothing"),
    "freelancer": ("/dashboard/orders/services?show=needs_me",),
    "admin": ("/admin/orders", "/admin/orders/process", "/admin/settings/orders"),
}
"""Pages about orders that belong to none."""
MUST = {
    "employer": {
        "overview", "activity", "messages", "attachments", "payments", "dispute", "dispute/open", "approve", "request-revision",
        "request-cancellation", "feedback",
    },
    "freelancer": {
        "overview", "activity", "messages", "attachments", "payments", "dispute", "deliver", "cancel", "reject-cancellation",
        "request-extension",
    },
    "admin": {"", "messages", "decide/complete", "decide/cancel"},
}  # fmt: skip
"""What links lead to at least; the walk finds the rest by itself, so that a new page is looked at without a new test."""


@pytest.fixture
def numbers(moved_site: MovedSite) -> dict[str, str]:
    """An order of the demo's employer and freelancer in each state, with disputes on and things asked for."""
    enable(moved_site.runtime, "disputes")
    moved_site.dispatcher.refresh_now()
    found = "SELECT state, number FROM orders_order WHERE employer_id = :employer AND freelancer_id = :freelancer ORDER BY id"
    with moved_site.runtime.read() as session:
        ids = "SELECT id FROM account_user WHERE email = :email"
        employer, freelancer = (
            session.execute(text(ids), {"email": f"{who}@demo.example"}).scalar_one() for who in ("employer", "freelancer")
        )
        rows = session.execute(text(found), {"employer": employer, "freelancer": freelancer}).all()
    numbers = {row.state: row.number for row in rows}
    assert set(numbers) == set(EVERY_STATE["employer"])
    why = {"reason": "Something else", "description": "The door was sold."}
    with moved_site.dispatcher.site.app.app_context():
        for act in (
            lambda session: orders.request_cancellation(session, numbers["delivered"], employer, **why),
            lambda session: orders.deliver(session, numbers["active"], freelancer, final=False, description="A first *look*."),
        ):
            with write() as session:
                act(session)
    return numbers


def test_the_pages_of_an_order_break_no_rule_of_accessibility_by_day_and_by_night(guest: Guest, numbers: dict[str, str]) -> None:
    broken: list[Any] = []
    for who in ("employer", "freelancer", "admin"):
        visitor, seen = guest(who), set[str]()
        for number in (numbers[state] for state in STATES[who]):
            start = f"/admin/orders/{number}" if who == "admin" else f"/orders/{number}/overview"
            for path in walk(visitor.go(start), number, start, seen):
                broken += look(visitor.go(path), who, path)
        assert seen >= MUST[who], (who, MUST[who] - seen)
        for path in BESIDE[who]:
            broken += look(visitor.go(path), who, path)
        if who == "admin":
            page = visitor.go(f"/admin/orders/{numbers['delivered']}/messages")
            page.get_by_role("button", name="Open for an hour").click()
            broken += look(page, who, "messages, opened")
    employer, freelancer, number = guest("employer"), guest("freelancer"), numbers["in_revision"]
    deliver(freelancer, number, "Final Delivery", "The last one.")
    press(employer, number, "Approve Delivery")
    broken += look(employer.go(f"/orders/{number}/review"), "employer", "review")
    assert not broken, json.dumps(broken, indent=1)


def walk(page: Page, number: str, start: str, seen: set[str]) -> Iterator[str]:
    """Give the start of an order, and those of its pages that a link leads to and that were not seen on another order."""
    yield start
    links = page.locator("main a[href]").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    below = re.compile(rf"^(?:/admin)?/orders/{number}/?([^?#]*)")
    seen.add(kind_of(below.sub(r"\1", start)))
    for href in dict.fromkeys(links):
        found = below.match(href)
        if found and (kind := kind_of(found[1])) not in seen:
            seen.add(kind)
            yield href


def kind_of(rest: str) -> str:
    return re.sub(r"\d+", "0", rest)


def look(page: Page, who: str, path: str) -> list[Any]:
    """Let axe look at a page in each look, and see that it fits."""
    broken = []
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            broken.append((scheme, width, who, path, "scrolls sideways"))
        found: Any = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        broken += [(scheme, width, who, path, each["id"], each["nodes"][0]["html"][:160]) for each in found]
    return broken
