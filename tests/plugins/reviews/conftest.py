"""The market of the orders' tests with reviews on: completed orders, and what the two sides say of each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.runtime import Runtime
from gigneo.core.settings import write_settings
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import OrderFacts
from gigneo.plugins.reviews import api as reviews
from gigneo.testing.fixtures import Browser, Someone
from tests.plugins.orders.conftest import Market

SECRET = "Slow at first, splendid in the end."
OTHERS = "Clear words, and paid at once."
WINDOW = timedelta(days=14)


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """Orders, the wallet and reviews, as a demo marketplace, where wallets can be filled by the sandbox."""
    with runtime.write() as session:
        session.execute(text("UPDATE site_state SET demo = true"))
        session.execute(text("UPDATE module_state SET wanted = false WHERE name NOT IN ('orders', 'wallet', 'reviews')"))
    return Dispatcher(runtime)


@dataclass
class Fair(Market):
    """A market whose people review each other."""

    people: Callable[..., Someone] = None  # type: ignore[assignment]

    def completed(self, ago: timedelta = timedelta(0), **terms: Any) -> OrderFacts:
        """Walk an order to its completion, some time ago."""
        with self.at(self.runtime.clock.now() - ago):
            return self.order("completed", **terms)

    def write(self, order: OrderFacts, person: Someone, rating: int = 4, text: str = SECRET) -> int:
        return int(self.do(reviews.write_review, order.id, person.id, rating=rating, text=text))

    def both(self, order: OrderFacts, ratings: tuple[int, int] = (4, 5)) -> tuple[int, int]:
        """Let the employer and then the freelancer write."""
        return self.write(order, self.employer, ratings[0]), self.write(order, self.freelancer, ratings[1], OTHERS)

    def until(self, when: datetime) -> None:
        """Run whatever is due at a time."""
        with self.runtime.clock.standing_at(when):  # type: ignore[attr-defined]
            TaskLoop(self.runtime).run_due()

    def ends(self, order: OrderFacts) -> datetime:
        assert order.finished_at is not None
        return order.finished_at + WINDOW

    def at(self, when: datetime) -> Any:
        return self.runtime.clock.standing_at(when)  # type: ignore[attr-defined]

    def choose(self, **values: object) -> None:
        """Change the operator's choices, as the settings screen does."""
        with self.runtime.write(toggling=True) as session:
            write_settings(session, "reviews", values)
            session.execute(text("UPDATE site_state SET revision = revision + 1"))
        self.dispatcher.refresh_now()

    def switch(self, on: bool) -> None:
        (enable if on else disable)(self.runtime, "reviews")
        self.dispatcher.refresh_now()

    def mails(self, to: Someone, about: str = "") -> list[str]:
        """Send what waits, and return those mails to somebody in which some words stand."""
        TaskLoop(self.runtime).run_due()
        sent = [path.read_text().replace("=\n", "") for path in (self.runtime.home / "mail").rglob("*") if path.is_file()]
        return [mail for mail in sent if f"To: {to.email}" in mail and about in mail]


@pytest.fixture
def fair(dispatcher: Dispatcher, runtime: Runtime, people: Callable[..., Someone]) -> Fair:
    """A market with an employer who can pay, and a freelancer."""
    made = Fair(dispatcher, runtime, people("employer", name="jonas"), people("freelancer", name="mara"))
    made.people = people
    made.top_up()
    return made


@pytest.fixture
def stranger(people: Callable[..., Someone]) -> Someone:
    """Somebody who is both employer and freelancer, on no order here."""
    return people("employer", "freelancer", name="theo")


@pytest.fixture
def admin(people: Callable[..., Someone]) -> Someone:
    """An administrator who is no party."""
    return people("administrator", name="ada")


def send(browser: Browser, address: str, page: str | None = None, **typed: str) -> Any:
    """Fill the form of an address in and send it."""
    return browser.submit(address, typed, page=page or address)
