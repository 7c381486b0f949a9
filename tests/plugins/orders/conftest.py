"""A small market: an employer with money, a freelancer, a stranger, and orders brought to any state by the use cases."""

import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.hooks import OrderFacts, OrderTerms
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet
from gigneo.testing.fixtures import Browser, Someone

STATES = ("pending_payment", "active", "delivered", "in_revision", "completed", "cancelled")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """Orders and the wallet alone, as a demo marketplace, where wallets can be filled by the sandbox."""
    with runtime.write() as session:
        session.execute(text("UPDATE site_state SET demo = true"))
        session.execute(text("UPDATE module_state SET wanted = false WHERE name NOT IN ('orders', 'wallet')"))
    return Dispatcher(runtime)


@dataclass
class Market:
    """People and what they can do to orders, through the use cases that the pages call."""

    dispatcher: Dispatcher
    runtime: Runtime
    employer: Someone
    freelancer: Someone
    _keys: Any = field(default_factory=itertools.count)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        from gigneo.api import write

        with self.dispatcher.site.app.app_context(), write() as session:
            yield session

    def do(self, use_case: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a use case in a writing transaction of its own."""
        with self.writing() as session:
            return use_case(session, *arguments, **named)

    def top_up(self, person: Someone | None = None, amount: int = 1_000_000) -> None:
        self.do(wallet.top_up, (person or self.employer).id, amount, f"key-{next(self._keys)}")

    def terms(self, **changed: Any) -> OrderTerms:
        return OrderTerms(
            **{
                "kind": "service",
                "source_id": 1,
                "title": "Brand identity for a neighbourhood bakery",
                "package": "Standard package",
                "features": ("Logo in three variants", "Colour and type guide"),
                "employer_id": self.employer.id,
                "freelancer_id": self.freelancer.id,
                "price_minor": 48000,
                "currency": "EUR",
                "days": 11,
                "revisions": 3,
                **changed,
            }
        )

    def order(self, state: str = "active", **terms: Any) -> OrderFacts:
        """Place an order and bring it to a state."""
        agreed = self.terms(**terms)
        order = self.do(orders.place, agreed, agreed.employer_id)
        steps: dict[str, tuple[str, ...]] = {
            "pending_payment": (),
            "active": ("pay",),
            "delivered": ("pay", "deliver"),
            "in_revision": ("pay", "deliver", "revise"),
            "completed": ("pay", "deliver", "approve"),
            "cancelled": ("pay", "cancel"),
        }
        for step in steps[state]:
            self.step(order, step)
        return self.facts(order)

    def step(self, order: OrderFacts, step: str) -> None:
        """Take one step with an order, as whoever may."""
        employer, freelancer = order.employer_id, order.freelancer_id
        if step == "pay":
            self.do(orders.pay, order.id, employer)
        elif step == "deliver":
            self.do(orders.deliver, order.id, freelancer, final=True, description="Here it is.")
        elif step == "draft":
            self.do(orders.deliver, order.id, freelancer, final=False, description="A first look.")
        elif step == "revise":
            self.do(orders.request_revision, order.id, employer, instructions="Heavier, please.")
        elif step == "approve":
            self.do(orders.approve, order.id, employer)
        elif step == "cancel":
            self.do(orders.cancel, order.id, freelancer)
        else:
            raise ValueError(step)

    def facts(self, order: OrderFacts | int) -> OrderFacts:
        """Read an order as it is now."""
        with self.runtime.read() as session:
            return orders.facts(session, order if isinstance(order, int) else order.id)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database."""
        with self.runtime.read() as session:
            return list(session.execute(text(statement), values))


@pytest.fixture
def market(dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone]) -> Market:
    """A market with an employer who can pay, and a freelancer."""
    made = Market(dispatcher, runtime, people("employer", name="jonas"), people("freelancer", name="mara"))
    made.top_up()
    return made


@pytest.fixture
def stranger(people: Callable[..., Someone]) -> Someone:
    """Somebody who is both employer and freelancer, on no order here."""
    return people("employer", "freelancer", name="theo")


def pdf(name: str = "identity.pdf") -> tuple[io.BytesIO, str]:
    """A file for a form."""
    return io.BytesIO(PDF), name


def upload(name: str = "identity.pdf", content: bytes = PDF) -> FileStorage:
    """A file as a form brings it."""
    return FileStorage(io.BytesIO(content), filename=name)


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """Collect the SQL that this thread runs inside the block, on the reading and the writing engine."""
    seen: list[str] = []
    here = get_ident()  # the dispatcher's own thread looks for a new revision beside every page

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if get_ident() == here:
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


def page_of(browser: Browser, order: OrderFacts, tab: str = "overview") -> str:
    """Return a tab of the order page as HTML."""
    answer = browser.get(f"/orders/{order.number}/{tab}")
    assert answer.status_code == 200, answer.status
    return answer.text
