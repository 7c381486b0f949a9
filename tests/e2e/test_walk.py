"""One order in a real browser, from the top-up to the payout, and a module that comes and goes meanwhile."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from gigneo.testing.commands import gigneo
from gigneo.testing.servers import Server
from tests.e2e.conftest import Visitor

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""A real, empty document."""


def test_an_order_from_purchase_to_payout(demo: Server, visitor: Callable[..., Visitor], tmp_path: Path) -> None:
    employer, freelancer = visitor(), visitor()
    number = buy_the_standard_package(employer, freelancer)
    deliver(freelancer, number, tmp_path)
    download_and_approve(employer, number, tmp_path)
    see_the_payout(freelancer, number)
    audit = gigneo(demo.home, "wallet", "audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    assert json.loads(audit.stdout)["ok"]


def test_an_order_from_purchase_to_payout_without_javascript_on_a_phone(
    demo: Server, visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    employer = visitor(390, java_script_enabled=False)
    freelancer = visitor(390, java_script_enabled=False)
    number = buy_the_standard_package(employer, freelancer)
    deliver(freelancer, number, tmp_path)
    download_and_approve(employer, number, tmp_path)
    see_the_payout(freelancer, number)


def test_a_module_switched_off_takes_its_button_along_and_brings_it_back(demo: Server, visitor: Callable[..., Visitor]) -> None:
    employer, freelancer, administrator = visitor(), visitor(), visitor()
    number = buy_the_standard_package(employer, freelancer)
    button = employer.page.get_by_role("link", name="Open Dispute")
    employer.go(f"/orders/{number}/overview")
    expect(button).to_be_visible()
    administrator.log_in("admin@demo.example")
    toggle(administrator, "Disputes", "Disable")
    employer.go(f"/orders/{number}/overview")
    expect(employer.page.get_by_role("heading", level=1)).to_be_visible()
    expect(button).to_have_count(0)
    toggle(administrator, "Disputes", "Enable")
    employer.go(f"/orders/{number}/overview")
    expect(button).to_be_visible()


def buy_the_standard_package(employer: Visitor, freelancer: Visitor) -> str:
    """Log in, top up by the sandbox gateway, buy a service of the freelancer's, and return the order's number."""
    page = employer.log_in("employer@demo.example").page
    employer.go("/wallet/top-up")
    page.get_by_label("Amount").fill("1500.00")
    page.get_by_role("button", name="Top up").click()
    expect(page.get_by_role("status").first).to_contain_text("1,500.00")
    freelancer.log_in("freelancer@demo.example")
    service = freelancer.go("/dashboard/services").locator("main a[href^='/services/']").first.get_attribute("href")
    employer.go(service or "")
    page.get_by_role("link", name="Choose Standard").click()
    page.get_by_role("button", name=re.compile("^Buy for")).click()
    page.wait_for_url("**/orders/*/overview")
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found
    return found[1]


def deliver(freelancer: Visitor, number: str, folder: Path) -> None:
    """Find the order in the dashboard, and deliver a real document as the final work."""
    page = freelancer.go("/dashboard")
    page.get_by_role("link", name="Orders").first.click()
    expect(page.get_by_role("link", name=re.compile("^Services")).first).to_be_visible()
    page.locator(f"a[href*='/orders/{number}']").first.click()
    page.get_by_role("link", name="Deliver now").click()
    expect(page.get_by_label("Draft Work")).not_to_be_checked()
    expect(page.get_by_label("Final Delivery")).not_to_be_checked()
    page.get_by_label("Final Delivery").check()
    page.get_by_label("Description").fill("Everything as agreed. Page 1 says how to use it.")
    document = folder / "final-work.pdf"
    document.write_bytes(PDF)
    page.locator("input[type=file]").set_input_files(document)
    page.get_by_role("button", name="Submit Delivery").click()
    page.wait_for_url("**/overview")
    expect(page.get_by_role("main").get_by_text("final-work.pdf").first).to_be_visible()


def download_and_approve(employer: Visitor, number: str, folder: Path) -> None:
    """Read the very bytes that were delivered, approve, and find the story told."""
    page = employer.go(f"/orders/{number}/overview")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("final-work.pdf")).first.click()
    kept = folder / "downloaded.pdf"
    download.value.save_as(kept)
    assert kept.read_bytes() == PDF
    page.get_by_role("link", name="Approve Delivery").click()
    page.get_by_role("button", name="Approve Delivery").click()
    page.wait_for_url("**/overview")
    expect(page.get_by_role("main").get_by_text("Completed").first).to_be_visible()
    told = employer.go(f"/orders/{number}/activity").get_by_role("main").inner_text().lower()
    for fact in ("placed", "paid", "final delivery", "approved"):
        assert fact in told, f"{fact!r} is missing in the activity:\n{told}"


def see_the_payout(freelancer: Visitor, number: str) -> None:
    """Find price less commission in the wallet, clearing."""
    told = freelancer.go(f"/orders/{number}/payments").get_by_role("main").inner_text()
    amounts = {label: minor(told, label) for label in ("Order amount", "Platform commission")}
    assert amounts["Platform commission"] > 0
    payout = amounts["Order amount"] - amounts["Platform commission"]
    wallet = freelancer.go("/wallet").get_by_role("main").inner_text()
    assert f"€{payout / 100:,.2f}" in wallet, f"{payout} is not in the wallet:\n{wallet}"


def minor(text: str, label: str) -> int:
    """Return the amount that stands after a label, in cents."""
    found = re.search(rf"{label}\D*?€([\d,]+\.\d\d)", text, re.IGNORECASE)
    assert found, f"no amount after {label!r} in:\n{text}"
    return int(found[1].replace(",", "").replace(".", ""))


def toggle(administrator: Visitor, module: str, what: str) -> None:
    """Switch a module on its page, by its confirmation."""
    page: Page = administrator.go("/admin/modules")
    page.get_by_role("link", name=f"{what} {module}").click()
    page.get_by_role("button", name=re.compile(f"^{what}")).click()
    expect(page.get_by_role("status").first).to_contain_text(module)
