"""Takes the pictures of these pages: the demo marketplace in a Chromium, wide and narrow, by day and by night."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gigneo.testing.commands import gigneo
from gigneo.testing.servers import Server

FOLDER: Final = Path(__file__).parent / "pictures"
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome")
PASSWORD: Final = "demo-demo-demo"
WIDTHS: Final = (1280, 390)
SCHEMES: Final = ("light", "dark")
HEIGHT: Final = 900
LARGEST_BYTES: Final = 150_000
COLOURS: Final = (256, 128, 64, 32)

Subject = tuple[str, str, Callable[[Page], str]]
"""Who looks (a local part of the demo's addresses, or nothing for a visitor), the name, and how the page is found."""


def main() -> int:
    """Take the pictures, or those that the command line names, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures, for example: order wallet")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they go")
    parser.add_argument("--width", type=int, action="append", help="only this width")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - {name for _, name, _ in SUBJECTS}
    if unknown:
        parser.error(f"no picture is called {', '.join(sorted(unknown))}; there are {', '.join(name for _, name, _ in SUBJECTS)}")
    browser_path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if browser_path is None:
        print("No Chromium was found. Install one (on Debian: apt-get install chromium) or set CHROMIUM to its path.")
        return 1
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with demo_marketplace() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in product(wanted.width or WIDTHS, SCHEMES):
            take(browser, server.url, width, scheme, wanted.names, wanted.folder)
        browser.close()
    return 0


@contextmanager
def demo_marketplace() -> Iterator[Server]:
    """Load the demo marketplace into a home of its own, and serve it as ``gigneo run`` does."""
    with tempfile.TemporaryDirectory(prefix="gigneo-pictures-") as folder:
        home = Path(folder) / "home"
        loaded = gigneo(home, "demo", "load", timeout=600)
        if loaded.returncode:
            raise SystemExit(f"The demo could not be loaded:\n{loaded.stdout}{loaded.stderr}")
        with Server(home) as server:
            yield server


def take(browser: Browser, url: str, width: int, scheme: str, names: list[str], folder: Path) -> None:
    """Take the pictures of one width and one colour scheme.

    Args:
        browser: a running one.
        url: of the site, without a slash at its end.
        width: of the window, in CSS pixels.
        scheme: ``light`` or ``dark``.
        names: which pictures; none means all.
        folder: where they go.
    """
    subjects = [subject for subject in SUBJECTS if not names or subject[1] in names]
    for viewer in dict.fromkeys(who for who, _, _ in subjects):
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            locale="en",
            timezone_id="UTC",
        )
        page = context.new_page()
        if viewer:
            log_in(page, f"{viewer}@demo.example")
        for _, name, find in (subject for subject in subjects if subject[0] == viewer):
            page.goto(find(page))
            page.wait_for_load_state("networkidle")
            target = folder / f"{name}-{width}-{scheme}.png"
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(height, HEIGHT)})  # the bar at the bottom stays there
            target.write_bytes(small(page.screenshot()))
            page.set_viewport_size({"width": width, "height": HEIGHT})
            told = "" if page.evaluate("document.documentElement.scrollWidth <= innerWidth") else "  wider than the window!"
            print(f"{target.name}: {target.stat().st_size // 1000} kB{told}")
        context.close()


def log_in(page: Page, email: str) -> None:
    """Log in through the form."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda address: "/login" not in address)


def small(picture: bytes) -> bytes:
    """Return a PNG with a palette, with as many colours as fit into :data:`LARGEST_BYTES`."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        buffer = BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= LARGEST_BYTES:
            break
    return buffer.getvalue()


def at(path: str) -> Callable[[Page], str]:
    """Find a page by its address."""
    return lambda _page: path


def first_service(page: Page) -> str:
    """Find the first service of the catalogue."""
    page.goto("/services")
    return linked(page, "main a[href^='/services/']")


def order_waiting(badge: str) -> Callable[[Page], str]:
    """Find the viewer's oldest order whose badge in the list says this: it has the most to show."""

    def find(page: Page) -> str:
        page.goto("/dashboard/orders/services")
        return linked(page, f".row-item:has(.badge:text-is('{badge}')) a[href^='/orders/']", -1)

    return find


def delivery_form(page: Page) -> str:
    """Find the form that delivers an order in progress."""
    return order_waiting("In progress")(page).replace("/overview", "/deliver")


def linked(page: Page, selector: str, which: int = 0) -> str:
    """Return where such a link leads: the first one, or the last one for -1."""
    href = page.locator(selector).nth(which).get_attribute("href")
    assert href is not None
    return href


SUBJECTS: Final[tuple[Subject, ...]] = (
    ("", "home", at("/")),
    ("", "service", first_service),
    ("employer", "order", order_waiting("Delivered")),
    ("employer", "orders", at("/dashboard/orders/services")),
    ("employer", "wallet", at("/wallet")),
    ("employer", "notifications", at("/account/notifications")),
    ("employer", "preferences", at("/account/notifications/preferences")),
    ("freelancer", "deliver", delivery_form),
    ("admin", "modules", at("/admin/modules")),
)


if __name__ == "__main__":
    sys.exit(main())
