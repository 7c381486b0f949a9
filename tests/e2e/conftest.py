"""The demo marketplace in real servers, and a real Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
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


@dataclass
class MovedSite:
    """The demo marketplace in this process, so that a test can move its clock while a browser looks at it.

    Attributes:
        url: the address.
        runtime: its ground.
        dispatcher: what serves it.
    """

    url: str
    runtime: Runtime
    dispatcher: Dispatcher

    def later(self, **span: float) -> None:
        """Let time pass, and let happen what is due by then."""
        assert isinstance(self.runtime.clock, MovableClock)
        self.runtime.clock.move_by(timedelta(**span))
        TaskLoop(self.runtime).run_due()


@pytest.fixture
def moved_site(demo_home: Path, tmp_path: Path) -> Iterator[MovedSite]:
    """The demo marketplace without disputes, so that the administrator is asked, under a clock that a test moves."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error"}), MovableClock())
    disable(runtime, "disputes")
    dispatcher = Dispatcher(runtime)
    server = make_server("127.0.0.1", 0, dispatcher, threaded=True)  # type: ignore[arg-type]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield MovedSite(f"http://127.0.0.1:{server.server_port}", runtime, dispatcher)
    server.shutdown()
    thread.join(10)
    server.server_close()
    runtime.close()


@pytest.fixture
def guest(chromium: Browser, moved_site: MovedSite) -> Iterator[Callable[..., Visitor]]:
    """Make visitors of the site whose clock is moved: ``guest("employer")``, already logged in."""
    made: list[Visitor] = []

    def make(name: str, width: int = 1280, **options: Any) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(15_000)
        made.append(Visitor(context, moved_site.url))
        return made[-1].log_in(f"{name}@demo.example")

    yield make
    for one in made:
        one.context.close()
    problems = [problem for one in made for problem in one.problems]
    assert not problems, problems


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
