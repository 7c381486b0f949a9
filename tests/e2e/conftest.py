"""The demo marketplace in real servers, and a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gigneo.testing.servers import Server

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
HOW_TO = "No Chromium was found. Install one (on Debian: apt-get install chromium) or set CHROMIUM to its path."


@pytest.fixture
def demo(demo_home: Path, tmp_path: Path) -> Iterator[Server]:
    """The demo marketplace, served as ``gigneo run`` serves it, on a copy of its own."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with Server(home) as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, the one of the machine. It ends with its file of tests, for its event loop must not stay."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.fail(HOW_TO)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser window of their own.

    Args:
        context: cookies of their own.
        url: the site.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.url + path)
        return self.page

    def log_in(self, email: str, password: str = "demo-demo-demo") -> "Visitor":
        """Log in through the form."""
        self.go("/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self


@pytest.fixture
def visitor(chromium: Browser, demo: Server) -> Iterator[object]:
    """Make visitors: ``visitor()`` or ``visitor(width=390)``; at the end none may have seen an error in the console."""
    made: list[Visitor] = []

    def make(width: int = 1280, **options: object) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(15_000)
        made.append(Visitor(context, demo.url))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    problems = [problem for one in made for problem in one.problems]
    assert not problems, problems
