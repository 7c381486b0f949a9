"""The demo marketplace: the same for the same seed, whole, provable, and only ever on an empty or a demo site."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from gigneo.core.accounts.admin import create_user
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.runtime import Runtime
from gigneo.plugins.demo import cli, papers
from gigneo.plugins.demo.acting import ACTIONS, Scene
from gigneo.plugins.demo.loading import load
from gigneo.plugins.demo.people import LOG_INS, PASSWORD, everybody
from gigneo.testing.commands import gigneo
from gigneo.testing.databases import postgres_database
from gigneo.testing.fixtures import Browser, bundled_migrations, switch_on_defaults

STATES = {"pending_payment", "active", "delivered", "in_revision", "completed", "cancelled"}
TODAY = datetime.fromisoformat("2026-03-10T09:30:00+00:00")
SAME = (
    "SELECT number, state, title, package, price_minor, employer_id, freelancer_id, placed_at, started_at, due_at, delivered_at,"
    " finished_at, revisions_used, on_time FROM orders_order ORDER BY number",
    "SELECT o.number, m.author_id, m.kind, m.body, m.created_at FROM messages_message m JOIN orders_order o ON o.id = m.order_id"
    " ORDER BY m.created_at, o.number, m.kind, m.body",
    "SELECT name, size_bytes, sha256, owner_kind, uploaded_by, created_at FROM file_stored",
    "SELECT email, name FROM account_user ORDER BY email",
    "SELECT slug, title, freelancer_id, sold FROM services_service ORDER BY slug",
    "SELECT kind, order_id, created_at FROM wallet_transfer ORDER BY created_at, kind, order_id",
    "SELECT kind, user_id, order_id, balance_minor FROM wallet_account ORDER BY kind, user_id, order_id",
    "SELECT order_id, author_role, rating, text, written_at, published_at FROM reviews_review ORDER BY order_id, author_role",
)


def rows(runtime: Runtime, query: str, **values: Any) -> list[Any]:
    with runtime.read() as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def loaded(runtime: Runtime, seed: int) -> list[list[Any]]:
    """Load into an empty site at a standing hour, and return everything that is to be the same."""
    clock = runtime.clock
    assert isinstance(clock, MovableClock)
    with clock.standing_at(TODAY):
        enable(runtime, "demo")
        with runtime.rebuild().app.app_context():
            load(seed)
    return [sorted(tuple(map(plain, row)) for row in rows(runtime, query)) for query in SAME]


def plain(value: Any) -> str:
    """Return a value as both databases would give it."""
    if isinstance(value, bool):
        return str(int(value))
    return str(value).removesuffix("+00:00").removesuffix(".000000")


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Runtime]:
    """Another empty site, on the other database."""
    home = tmp_path / "second"
    home.mkdir()
    with postgres_database(bundled_migrations(), switch_on_defaults) as url:
        environment = {"GIGNEO_HOME": str(home), "GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}
        runtime = Runtime(load_config(environ=environment), MovableClock())
        yield runtime
        runtime.close()


def test_the_same_seed_gives_the_same_marketplace(runtime: Runtime, on_postgres: Runtime) -> None:
    here, there = loaded(runtime, 7), loaded(on_postgres, 7)
    for query, mine, other in zip(SAME, here, there, strict=True):
        assert mine == other, query


def test_the_stories_are_told_without_the_reviews_module_too(runtime: Runtime) -> None:
    enable(runtime, "demo")
    disable(runtime, "reviews")
    scene = Scene(Random(1), "1234567", None, 1, 2, {"employer": "Elin", "freelancer": "Frida", "work": "logo"}, "A logo", True)
    with runtime.rebuild().app.app_context(), runtime.write() as session:
        for what in ("rate", "rate_back"):
            ACTIONS[what](scene, session)
    assert rows(runtime, "SELECT count(*) FROM reviews_review") == [(0,)]


def test_another_seed_gives_other_people() -> None:
    assert everybody(Random(7)) == everybody(Random(7)) != everybody(Random(8))
    assert everybody(Random(7))[: len(LOG_INS)] == list(LOG_INS)


def test_it_holds_what_is_promised(demo_site: Dispatcher) -> None:
    runtime = demo_site._runtime
    counts = [
        rows(runtime, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("services_category", "services_service", "account_user", "orders_order")
    ]
    assert counts == [5, 12, 10, 25]
    assert {state for (state,) in rows(runtime, "SELECT DISTINCT state FROM orders_order")} == STATES
    assert rows(runtime, "SELECT count(*) FROM services_package") == [(36,)]
    assert rows(runtime, "SELECT count(*) FROM disputes_dispute") == [(0,)]
    reviews = rows(runtime, "SELECT published_at IS NOT NULL, hidden_at IS NOT NULL FROM reviews_review")
    assert len(reviews) > 10 and {bool(public) for public, _ in reviews} == {True, False} and not any(h for _, h in reviews)
    assert rows(runtime, "SELECT demo FROM site_state")[0][0]
    assert rows(runtime, "SELECT count(*) FROM task WHERE state = 'dead'") == [(0,)]
    kinds = dict(rows(runtime, "SELECT kind, count(*) FROM wallet_transfer GROUP BY kind"))
    assert kinds["order_released"] > kinds["order_cleared"] > 0


def test_employer_and_freelancer_share_an_order_in_each_state_and_the_stranger_none_with_them(demo_site: Dispatcher) -> None:
    runtime = demo_site._runtime
    query = (
        "SELECT o.state, e.email, f.email FROM orders_order o JOIN account_user e ON e.id = o.employer_id"
        " JOIN account_user f ON f.id = o.freelancer_id"
    )
    orders = [(state, employer.split("@")[0], freelancer.split("@")[0]) for state, employer, freelancer in rows(runtime, query)]
    assert {state for state, employer, freelancer in orders if (employer, freelancer) == ("employer", "freelancer")} == STATES
    strange = [pair for _, *pair in orders if "stranger" in pair]
    assert {pair.index("stranger") for pair in strange} == {0, 1}
    assert not [pair for pair in strange if {"employer", "freelancer"} & set(pair)]


def test_nothing_lies_in_the_future_and_dates_are_relative_to_today(demo_site: Dispatcher) -> None:
    runtime = demo_site._runtime
    columns = {
        "orders_order": "placed_at",
        "messages_message": "created_at",
        "wallet_transfer": "created_at",
        "file_stored": "created_at",
    }
    latest = max(str(rows(runtime, f"SELECT max({column}) FROM {table}")[0][0]) for table, column in columns.items())
    now = runtime.clock.now()
    assert latest <= str(now)
    [(newest,)] = rows(runtime, "SELECT max(placed_at) FROM orders_order")
    assert (now - datetime.fromisoformat(f"{newest}+00:00")).days < 1


def test_every_file_is_what_its_name_says_and_can_be_downloaded(demo_site: Dispatcher) -> None:
    browser = Browser(demo_site).log_in("employer@demo.example", PASSWORD)
    query = (
        "SELECT s.id, s.name, s.size_bytes FROM file_stored s JOIN orders_delivery d ON d.id = s.origin_id"
        " JOIN orders_order o ON o.id = d.order_id JOIN account_user e ON e.id = o.employer_id"
        " WHERE s.origin_kind = 'orders.delivery' AND e.email = 'employer@demo.example'"
    )
    begins = {"pdf": b"%PDF-1.4", "png": b"\x89PNG", "txt": b"What is what"}
    found = rows(demo_site._runtime, query)
    assert {name.rpartition(".")[2] for _, name, _ in found} == set(begins)
    for file_id, name, size in found:
        body = browser.get(f"/files/{file_id}").data
        assert len(body) == size
        assert body.startswith(begins[name.rpartition(".")[2]])


def test_a_pdf_points_at_its_objects() -> None:
    body = papers.pdf("a.pdf", ["Ä title (1)", "a line"]).stream.read()
    start = int(body.rpartition(b"startxref\n")[2].split()[0])
    assert body[start:].startswith(b"xref")
    offsets = [int(line[:10]) for line in body[start:].splitlines() if line.endswith(b" n ")]
    assert len(offsets) == 5
    assert all(body[offset:].startswith(b"%d 0 obj" % number) for number, offset in enumerate(offsets, 1))


def test_every_told_person_logs_in_and_every_page_says_that_it_is_a_demo(demo_site: Dispatcher) -> None:
    page = Browser(demo_site).get("/login").text
    assert PASSWORD in page
    for person in LOG_INS:
        assert person.email in page
        browser = Browser(demo_site).log_in(person.email, PASSWORD)
        assert "This is a demo marketplace." in browser.get("/account").text


def test_a_site_that_is_no_demo_says_nothing_of_it(runtime: Runtime) -> None:
    enable(runtime, "demo")
    browser = Browser(Dispatcher(runtime))
    for address in ("/", "/login"):
        page = browser.get(address).text
        assert "demo marketplace" not in page
        assert PASSWORD not in page


def test_a_site_with_people_is_never_made_a_demo(runtime: Runtime, fingerprint: Any) -> None:
    enable(runtime, "demo")
    create_user(runtime, "real@people.example", "Real", "a-long-enough-pass-phrase", ("employer",))
    before = fingerprint()
    with runtime.rebuild().app.app_context():
        refused = CliRunner().invoke(cli.load, [])
        quiet = CliRunner().invoke(cli.load, ["--if-empty"])
        untouched = CliRunner().invoke(cli.reset, ["--yes"])
    assert (refused.exit_code, quiet.exit_code, untouched.exit_code) == (1, 0, 1)
    assert "People are registered" in refused.output
    assert "nothing was deleted" in untouched.output
    assert fingerprint() == before


def test_the_ledger_is_proven_and_loading_again_only_tells_the_log_ins(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    audit = gigneo(home, "wallet", "audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    again = gigneo(home, "demo", "load")
    assert again.returncode == 0
    assert "loaded already" in again.stdout
    assert all(person.email in again.stdout for person in LOG_INS)


def test_a_reset_asks_first_then_leaves_the_marketplace_as_new(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error"}))
    try:
        with runtime.rebuild().app.app_context():
            revision = rows(runtime, "SELECT revision FROM site_state")[0][0]
            kept = CliRunner().invoke(cli.reset, [], input="yes\n")
            assert kept.exit_code == 1
            with runtime.write() as session:
                session.execute(text("UPDATE services_service SET title = 'Changed'"))
            done = CliRunner().invoke(cli.reset, [], input=f"{cli.CONFIRMATION}\n")
        assert done.exit_code == 0, done.output
        assert rows(runtime, "SELECT count(*) FROM services_service WHERE title = 'Changed'") == [(0,)]
        assert rows(runtime, "SELECT count(*) FROM orders_order") == [(25,)]
        assert rows(runtime, "SELECT revision FROM site_state")[0][0] > revision
        blobs = [path for path in (home / "files").rglob("*") if path.is_file()]
        assert len(blobs) == rows(runtime, "SELECT count(*) + count(preview_key) FROM file_stored")[0][0]
    finally:
        runtime.close()


def test_an_interrupted_loading_is_named_with_the_way_out(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error"}))
    try:
        with runtime.write() as session:
            session.execute(text("UPDATE demo_load SET ended_at = NULL"))
        with runtime.rebuild().app.app_context():
            said = CliRunner().invoke(cli.load, [])
    finally:
        runtime.close()
    assert said.exit_code == 1
    assert re.search(r"gigneo demo reset", said.output)
