"""A small market around one job: who posts it, two freelancers, a stranger who is both, and the use cases of the pages."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session
from werkzeug.test import TestResponse

from gigneo.core.demo import mark_demo
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.runtime import Runtime
from gigneo.core.settings import write_settings
from gigneo.hooks import OrderFacts
from gigneo.plugins.jobs import api as jobs
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet
from gigneo.testing.fixtures import Browser, Someone

JOB = {"title": "Translate our menu", "description": "Into **Swedish**, by a native speaker.", "category": "Translation"}
TERMS = {"price_minor": 21_000, "days": 6, "revisions": 2, "cover": "I am from Malmö."}


@dataclass
class Trade:
    """People, each made when first asked for, and the use cases that the pages call."""

    dispatcher: Dispatcher
    runtime: Runtime
    people: Callable[..., Someone]
    run_tasks: Callable[[], int]
    _keys: Any = field(default_factory=itertools.count)

    @cached_property
    def employer(self) -> Someone:
        return self.people("employer", name="elin")

    @cached_property
    def freelancer(self) -> Someone:
        return self.people("freelancer", name="frida")

    @cached_property
    def rival(self) -> Someone:
        return self.people("freelancer", name="ravi")

    @cached_property
    def stranger(self) -> Someone:
        return self.people("employer", "freelancer", name="noor")

    @cached_property
    def admin(self) -> Someone:
        return self.people("administrator", name="ada")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        from gigneo.api import write

        with self.dispatcher.site.app.app_context(), write() as session:
            yield session

    def do(self, use_case: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a use case in a writing transaction of its own."""
        with self.writing() as session:
            return use_case(session, *arguments, **named)

    def post(self, **changed: Any) -> str:
        return str(self.do(jobs.post_job, self.employer.id, **{**JOB, **changed}))

    def propose(self, number: str, who: Someone | None = None, **changed: Any) -> int:
        return int(self.do(jobs.propose, number, (who or self.freelancer).id, **{**TERMS, **changed}))

    def hire(self, proposal: int, **named: Any) -> jobs.Hired:
        hired: jobs.Hired = self.do(jobs.hire, proposal, self.employer.id, **named)
        return hired

    def top_up(self, amount: int = 100_000, person: Someone | None = None) -> None:
        self.do(wallet.top_up, (person or self.employer).id, amount, f"key-{next(self._keys)}")

    def available(self, person: Someone | None = None) -> int:
        with self.runtime.read() as session, self.dispatcher.site.app.app_context():
            return wallet.balance(session, (person or self.employer).id).available

    def facts(self, number: str) -> OrderFacts:
        with self.runtime.read() as session, self.dispatcher.site.app.app_context():
            return orders.facts(session, number)

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self.runtime.read() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def state(self, number: str) -> tuple[str, list[str]]:
        """Give the state of a job, and those of its proposals, oldest first."""
        [(job_id, state)] = self.rows("SELECT id, state FROM jobs_job WHERE number = :number", number=number)
        proposals = self.rows("SELECT state FROM jobs_proposal WHERE job_id = :job ORDER BY id", job=job_id)
        return state, [one for (one,) in proposals]

    def choose(self, **values: Any) -> None:
        """Change the operator's choices about money."""
        with self.runtime.write() as session:
            write_settings(session, "wallet", values)
            session.execute(text("UPDATE site_state SET revision = revision + 1"))
        self.dispatcher.refresh_now()

    def switch(self, module: str, on: bool) -> None:
        (enable if on else disable)(self.runtime, module)
        self.dispatcher.refresh_now()


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """A demo marketplace, where wallets can be filled by the sandbox."""
    with runtime.write() as session:
        mark_demo(session)
    return Dispatcher(runtime)


@pytest.fixture
def trade(dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone], run_tasks: Callable[[], int]) -> Trade:
    return Trade(dispatcher, runtime, people, run_tasks)


@pytest.fixture
def number(trade: Trade) -> str:
    """An open job."""
    return trade.post()


@pytest.fixture
def nobody(dispatcher: Dispatcher) -> Browser:
    """A browser that nobody is logged in with."""
    return Browser(dispatcher)


def submit(browser: Browser, address: str, data: dict[str, Any] | None = None, **hidden: str) -> TestResponse:
    """Open the page of a form, and send it the way that a person would, with every hidden field of the form.

    Args:
        browser: whose.
        address: of the page, and where the form goes.
        data: what was typed.
        hidden: hidden fields that somebody has changed.
    """
    return browser.post(address, data={**hidden_fields(browser.get(address).text), **(data or {}), **hidden})


def offer_on(browser: Browser, number: str, proposal: int) -> dict[str, str]:
    """Return the offer that the checkout of a proposal shows, as its form carries it."""
    sent = hidden_fields(browser.get(f"/jobs/{number}/proposals/{proposal}/hire").text)
    return {name: value for name, value in sent.items() if name.startswith("seen_")}


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page; the last one's, where the account menu has a form as well."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """Collect the SQL that this thread runs inside the block, without what opens and ends transactions."""
    seen: list[str] = []
    here = get_ident()  # the dispatcher's own thread looks for a new revision beside every page

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if get_ident() == here and not statement.startswith(("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")):
            seen.append(statement)

    ways = runtime.engines  # on PostgreSQL all three share one engine, and so its listeners
    engines = (ways.read, ways.write, ways.auth) if ways.is_sqlite else (ways.write,)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
