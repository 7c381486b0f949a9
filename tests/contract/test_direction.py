"""Names and titles that run from right to left stand in an element of their own direction, on every page that shows them."""

from html.parser import HTMLParser
from typing import Any

from sqlalchemy import text

from gigneo.core.dispatch import Dispatcher
from gigneo.core.text import bdi, isolated
from gigneo.testing.fixtures import Browser
from tests.contract.test_rights import address, routes, world  # noqa: F401 - the fixture

HEBREW = "דנה"
NAMED = {"account_user": "name", "orders_order": "title", "services_service": "title", "jobs_job": "title"}
PLAIN = {"title", "textarea", "option"}
"""Elements that hold text only; browsers give them a direction of their own, or can't."""
NEVER_CLOSED = {"br", "hr", "img", "input", "link", "meta", "use", "path", "circle", "line", "rect"}


class Bare(HTMLParser):
    """Collects what stands in Hebrew without an element, or isolates, of its own direction."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.shown = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in NEVER_CLOSED:
            self.open.append((tag, tag == "bdi" or tag in PLAIN or dict(attributes).get("dir") == "auto"))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if HEBREW in data:
            self.shown += 1
            if not any(own for _tag, own in self.open) and HEBREW in data.replace(f"\u2068{HEBREW}\u2069", ""):
                self.found.append(" ".join(data.split()))


def test_every_page_gives_names_and_titles_their_own_direction(world: dict[str, Any], demo_site: Dispatcher) -> None:  # noqa: F811
    site = world["site"]
    with world["runtime"].write() as session:
        for table, column in NAMED.items():
            session.execute(text(f"UPDATE {table} SET {column} = '{HEBREW}'"))
    insiders = [Browser(demo_site).log_in(f"{who}@demo.example", "demo-demo-demo") for who in ("employer", "freelancer", "admin")]
    bare, shown = set(), 0
    for rule, method, _access in routes(site):
        for browser in insiders if method == "GET" else ():
            page = browser.get(address(site, rule, world["samples"]))
            assert page.status_code < 500, page.text[:2000]
            if page.mimetype == "text/html":
                parser = Bare()
                parser.feed(page.text)
                shown += parser.shown
                bare |= {f"{rule.rule}: {words}" for words in parser.found}
    assert shown > 300
    assert not bare, "\n".join(sorted(bare))


def test_the_element_escapes_and_is_nothing_for_nothing() -> None:
    assert bdi("<b>") == "<bdi>&lt;b&gt;</bdi>"
    assert bdi("") == bdi(None) == ""


def test_a_sentence_isolates_what_runs_from_right_to_left_only() -> None:
    assert isolated("Ada Łovelace") == "Ada Łovelace"
    assert isolated(f"Ada {HEBREW}") == f"\u2068Ada {HEBREW}\u2069"
