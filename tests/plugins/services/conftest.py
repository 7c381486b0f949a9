"""A small market around one service: who buys, who sells, a stranger who does both, and an administrator."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import Session

from gigneo.core.demo import mark_demo
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.runtime import Runtime
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services import api as services
from gigneo.plugins.wallet import api as wallet
from gigneo.testing.fixtures import Browser, Someone

PRICES = (9000, 21000, 42000)
NAMES = ("Basic", "Standard", "Premium")


def draft(title: str = "A logo that works", **changed: Any) -> services.ServiceDraft:
    packages = [
        services.PackageDraft(name, f"The {name} one.", ["Vector files", "<b>Rights</b>"], PRICES[i], 3 + i, (0, 2, None)[i])
        for i, name in enumerate(NAMES)
    ]
    values = {"title": title, "summary": "Drawn by hand.", "description": "I **draw**. <script>alert(1)</script>"}
    return services.ServiceDraft(**{**values, "packages": packages, **changed})


@dataclass
class Trade:
    """People, one service, and the use cases that the pages call."""

    dispatcher: Dispatcher
    runtime: Runtime
    employer: Someone
    freelancer: Someone
    stranger: Someone
    slug: str = ""
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

    def publish(self, title: str = "A logo that works", category: str = "Design", **changed: Any) -> str:
        with self.writing() as session:
            shelf = services.add_category(session, category, "brush", 10)
            return services.publish(session, self.freelancer.id, shelf, draft(title, **changed))

    def top_up(self, amount: int = 500_000, person: Someone | None = None) -> None:
        self.do(wallet.top_up, (person or self.employer).id, amount, f"key-{next(self._keys)}")

    def available(self, person: Someone) -> int:
        with self.runtime.read() as session, self.dispatcher.site.app.app_context():
            return wallet.balance(session, person.id).available

    def package(self, place: int = 1, slug: str | None = None) -> int:
        with self.runtime.read() as session, self.dispatcher.site.app.app_context():
            found = services.details(session, slug or self.slug)
            assert found is not None
            return found.offers[place].id

    def buy(self, place: int = 1) -> OrderFacts:
        """Buy a package with money that is there, and tell everybody."""
        self.top_up()
        bought = self.do(services.buy, self.package(place), self.employer.id)
        self.runtime.loop_tasks()  # type: ignore[attr-defined]
        return self.facts(bought.number)

    def deliver(self, number: str) -> OrderFacts:
        return self.do(orders.deliver, number, self.freelancer.id, final=True, description="Here it is.")

    def facts(self, number: str) -> OrderFacts:
        with self.runtime.read() as session, self.dispatcher.site.app.app_context():
            return orders.facts(session, number)

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
    employer, freelancer = people("employer", name="elin"), people("freelancer", name="frida")
    stranger = people("employer", "freelancer", name="noor")
    runtime.loop_tasks = run_tasks  # type: ignore[attr-defined]
    market = Trade(dispatcher, runtime, employer, freelancer, stranger)
    market.slug = market.publish()
    return market


@pytest.fixture
def nobody(dispatcher: Dispatcher) -> Browser:
    """A browser that nobody is logged in with."""
    return Browser(dispatcher)
