"""The Attachments tab in a real browser: with a script and without, dropped files, small screens, files that mean harm."""

import http.client
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gigneo.core.config import load_config
from gigneo.core.doctor import examine
from gigneo.core.files.sweeping import orphans
from gigneo.core.runtime import Runtime
from gigneo.testing.http import Person
from gigneo.testing.servers import Server
from tests.e2e.conftest import MovedSite, Visitor
from tests.e2e.test_orders import start

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SCRIPT = b"<script>fetch('/evil?loaded');alert(1)</script>"

HARM = {
    "page.html": b"<!DOCTYPE html>" + SCRIPT,
    "vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/evil?svg');alert(1)\"/>",
    "vector.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert(1)\"/>",
    "page.txt": b"  <html>" + SCRIPT,
    "both.pdf": PDF + SCRIPT,
    "script.txt": b"words first\n" + b"x" * 70_000 + b"<html>" + SCRIPT,
    "sheet.csv": b'=HYPERLINK("http://evil.example"),<img src=x onerror="fetch(\'/evil?csv\')">\n',
    "<img src=x onerror=alert(1)>.pdf": PDF,
}


def test_files_are_sent_with_a_script_shown_refused_by_name_and_taken_back(
    guest: Callable[..., Visitor], moved_site: MovedSite
) -> None:
    employer, freelancer = guest("employer"), guest("freelancer")
    number = start("service", employer, freelancer)
    page = employer.go(f"/orders/{number}/attachments")
    expect(page.get_by_text("No files yet")).to_be_visible()
    page.get_by_label("What is it?").select_option("reference")
    page.get_by_label("Files").set_input_files([_file("wishes.pdf", PDF), _file("virus.exe", b"MZ")])
    page.get_by_role("button", name="Upload").click()
    refused = page.locator("[data-upload-wrong]")
    expect(refused).to_contain_text("virus.exe can't be sent")
    expect(refused).to_be_focused()
    page.get_by_label("Files").set_input_files([_file("wishes.pdf", PDF), _file("more.txt", b"words")])
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="wishes.pdf", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="more.txt", exact=True)).to_be_visible()
    page.get_by_role("link", name="Remove more.txt").click()
    page.get_by_role("button", name="Remove the file").click()
    expect(page.get_by_text("more.txt is removed.")).to_be_visible()
    expect(page.get_by_role("link", name="wishes.pdf", exact=True)).to_be_visible()
    employer.problems[:] = [line for line in employer.problems if "422" not in line]  # the refused upload


def test_files_are_sent_without_a_script_and_dropped_with_one(guest: Callable[..., Visitor]) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", java_script_enabled=False)
    number = start("service", employer, freelancer)
    plain = freelancer.go(f"/orders/{number}/attachments")
    plain.get_by_label("What is it?").select_option("supporting")
    plain.get_by_label("Files").set_input_files([_file("plain.pdf", PDF)])
    plain.get_by_role("button", name="Upload").click()
    plain.get_by_role("link", name="plain.pdf", exact=True).wait_for()
    page = employer.go(f"/orders/{number}/attachments")
    given = page.evaluate_handle(
        "() => { const all = new DataTransfer(); all.items.add(new File(['words'], 'dropped.txt')); return all; }"
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": given})
    expect(page.locator("[data-uploads]")).to_contain_text("dropped.txt")
    page.get_by_label("What is it?").select_option("reference")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="dropped.txt", exact=True)).to_be_visible()


def test_nothing_that_one_side_sends_runs_asks_or_opens_anything_at_the_other(
    guest: Callable[..., Visitor], tmp_path: Path
) -> None:
    employer, freelancer = guest("employer"), guest("freelancer", accept_downloads=True)
    number = start("service", employer, freelancer)
    sent = []
    for name, content in HARM.items():
        page = employer.go(f"/orders/{number}/attachments")
        page.get_by_label("What is it?").select_option("reference")
        page.get_by_label("Files").set_input_files([_file(name, content)])
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            page.get_by_role("button", name="Upload").click()
        if answered.value.status == 201:
            sent.append(name)
            expect(page.locator(".file-row")).to_have_count(len(sent))
    assert sent == ["both.pdf", "script.txt", "sheet.csv", "<img src=x onerror=alert(1)>.pdf"]
    employer.problems[:] = [line for line in employer.problems if "422" not in line]  # the refused uploads
    page = freelancer.page
    seen, dialogs = list[str](), list[str]()
    page.on("request", lambda request: seen.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    freelancer.go(f"/orders/{number}/attachments")
    expect(page.locator("main img[src='x']")).to_have_count(0)
    links = page.locator(".file-row .row-what a")
    expect(links).to_have_count(len(sent))
    for number_of_link in range(len(sent)):
        with page.expect_download() as download:
            links.nth(number_of_link).click()
        assert Path(download.value.path()).read_bytes() in HARM.values()
        address = links.nth(number_of_link).get_attribute("href") or ""
        _framed_and_sourced(page, address)
    page.wait_for_timeout(500)
    assert not dialogs and not [url for url in seen if "evil" in url]
    freelancer.problems.clear()  # the frames and scripts that the headers refused


def _framed_and_sourced(page: Page, address: str) -> None:
    """Try to run a file from the site's own page, as an injected line would; nothing of it may run."""
    page.evaluate(
        """(address) => ["script", "iframe", "img", "object", "link"].forEach((kind) => {
             const element = document.createElement(kind);
             element[kind === "object" ? "data" : kind === "link" ? "href" : "src"] = address;
             if (kind === "link") element.rel = "stylesheet";
             document.body.append(element);
           })""",
        address,
    )


def test_the_tab_has_no_fault_that_axe_finds_and_fits_a_phone(guest: Callable[..., Visitor], moved_site: MovedSite) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        employer = guest("employer", width=width, color_scheme=scheme)
        page = employer.go("/dashboard/orders/services")
        address = page.locator(".row-item:has(.badge:text-is('Delivered')) a[href^='/orders/']").last.get_attribute("href") or ""
        moved_site.later(minutes=1)
        page = employer.go(address.replace("/overview", "/attachments"))
        expect(page.locator(".file-row img.file-mark").first).to_be_visible()
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_process_that_dies_between_bytes_and_row_leaves_no_row_without_bytes(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with Server(home, environment={"GIGNEO_CRASH_AT": "after-blob"}) as server:
        person = Person(server.port).log_in("employer@demo.example", "demo-demo-demo")
        listed = person.get("/dashboard/orders/services").text
        address = listed.partition('<a href="/orders/')[2].partition("/")[0].join(("/orders/", "/attachments"))
        with pytest.raises((http.client.HTTPException, OSError)):
            person.send_file(address, {"kind": "reference"}, "files", "lost.pdf", PDF, page=address)
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error"}))
    try:
        assert not [one for one in examine(runtime) if one.subject == "files" and one.level == "problem"]
        lost = list(orphans(runtime, timedelta(0)))
        assert len(lost) == 1 and b"".join(runtime.storage.stream(lost[0].key)) == PDF
        with runtime.read() as session:
            assert session.execute(text("SELECT count(*) FROM file_stored WHERE name = 'lost.pdf'")).scalar() == 0
    finally:
        runtime.close()


def _file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}
