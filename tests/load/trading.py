"""A marketplace for races and crashes: one database, people who are logged in, orders brought to any situation at once.

Orders are made by the use cases, in the test's own process; what is proven then happens over HTTP, in real servers.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlmodel import Session

from gigneo.core.accounts.admin import create_user
from gigneo.core.app import SESSION_COOKIE
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.core.settings import write_settings
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services import api as services
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import PASSWORD, Browser, Someone, bundled_migrations, switch_on_defaults
from gigneo.testing.http import Person
from tests.load.actions import SITUATIONS
from tests.plugins.orders.conftest import Market

ROLES = ("employer", "freelancer", "administrator")
MODULES = ("orders", "wallet", "services")
DEPOSIT = 1_000_000_000
PRICE = 4800
AGO = {
    "late": timedelta(days=13),
    "overdue": timedelta(days=4),
    "nearly_over": timedelta(days=2, hours=1),
    "forgotten": timedelta(hours=25),
    "unanswered": timedelta(days=3),
}
"""When orders in these situations began."""

DUE = "UPDATE task SET due_at = '2020-01-01 00:00:00' WHERE key = :key"
PACKAGES = {"late": "Quick", "last_revision": "Once"}


@dataclass
class Trade:
    """A marketplace, and how its people come to it over HTTP.

    Attributes:
        market: the use cases.
        home: the site's home.
        environment: what its servers are started with.
        cookies: role → the log-in's cookies.
        checkout: the address at which a package is bought.
        packages: what is offered, by name.
    """

    market: Market
    home: Path
    environment: dict[str, str]
    cookies: dict[str, dict[str, str]]
    checkout: str
    packages: Mapping[str, int]

    @property
    def url(self) -> str:
        """The database."""
        return self.market.runtime.config.database.url

    def person(self, role: str, port: int) -> Person:
        """Return somebody who is logged in, at a server of the site."""
        person = Person(port)
        person.cookies = dict(self.cookies[role])
        return person

    def orders(self, situation: str, count: int = 1) -> list[OrderFacts]:
        """Make orders in a situation, all in one transaction."""
        then = self.market.runtime.clock.now() - AGO.get(situation, timedelta(0))
        with self.market.runtime.clock.standing_at(then), self.market.writing() as session:  # type: ignore[attr-defined]
            made = [self._order(session, situation) for _ in range(count)]
        return [self.market.facts(order_id) for order_id in made]

    def order(self, situation: str) -> OrderFacts:
        """Make one order in a situation."""
        return self.orders(situation)[0]

    def change(self, statement: str, **values: Any) -> None:
        """Change rows past the use cases."""
        with self.market.runtime.write() as session:
            session.execute(text(statement), values)

    def change_at_the_gate(self, statement: str, **values: Any) -> None:
        """Change rows while the test itself holds what writers wait for."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
            connection.execute(text(statement), values)
            connection.commit()

    def forget_tasks(self) -> None:
        """Drop what waits to be told by mail and the like, so that a worker has nothing to do but timers."""
        self.change("DELETE FROM task WHERE kind <> 'orders.timer' AND key NOT LIKE 'periodic:%'")

    def let_be_due(self, order: OrderFacts, timer: str) -> None:
        """Let a timer of an order be due by the clock of the machine."""
        self.change(DUE, key=f"orders.timer:{timer}:{order.id}")

    def run_tasks(self, later: timedelta = timedelta(0)) -> None:
        """Run what is due, here; what a worker left behind is due when its lease is over."""
        clock = self.market.runtime.clock
        with clock.standing_at(clock.now() + later):  # type: ignore[attr-defined]
            TaskLoop(self.market.runtime).run_due()

    def choose(self, **values: object) -> None:
        """Change the operator's choices about orders; running servers follow."""
        with self.market.runtime.write(toggling=True) as session:
            write_settings(session, "orders", {"cancel_when_late": True, **values})
            session.execute(text("UPDATE site_state SET revision = revision + 1"))
        self.market.dispatcher.refresh_now()

    def _order(self, session: Session, situation: str) -> int:
        package = self.packages[PACKAGES.get(situation, "Whole")]
        bought = services.buy(session, package, self.market.employer.id, pay=False)
        order = orders.facts(session, bought.order_id)
        for step in SITUATIONS[situation]:
            take(session, order, step)
        if situation in AGO:  # what should have happened by now waits until the test wants it
            waits = "UPDATE task SET due_at = '2100-01-01 00:00:00' WHERE key LIKE :timers"
            session.execute(text(waits), {"timers": f"orders.timer:%:{order.id}"})
        return int(order.id)


def take(session: Session, order: OrderFacts, step: str) -> None:
    """Take one step with an order, as whoever may."""
    employer, freelancer = order.employer_id, order.freelancer_id
    if step == "pay":
        orders.pay(session, order.id, employer)
    elif step in {"deliver", "draft"}:
        orders.deliver(session, order.id, freelancer, final=step == "deliver", description="Here it is.")
    elif step == "approve":
        orders.approve(session, order.id, employer)
    elif step == "ask_for_days":
        orders.request_extension(session, order.id, freelancer, days=3, reason="Rain.")
    elif step == "ask_to_cancel":
        orders.request_cancellation(session, order.id, employer, reason="Something else", description="We merged.")
    elif step == "reject_cancellation":
        orders.reject_cancellation(session, order.id, freelancer)
    elif step == "ask_administrator":
        orders.ask_administrator(session, order.id, employer, text="Please have a look.")
    else:
        raise ValueError(step)


@contextmanager
def trading(folder: Path, database: str, more: Mapping[str, str] | None = None) -> Iterator[Trade]:
    """Set a marketplace up: orders, the wallet and services, an employer with money, a freelancer, an administrator.

    Args:
        folder: where its home goes.
        database: ``sqlite`` or ``postgresql``.
        more: variables for its servers.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    owners = bundled_migrations()
    with ExitStack() as stack:
        if database == "sqlite":
            url = sqlite_database(home, owners, switch_on_defaults)
        else:
            url = stack.enter_context(postgres_database(owners, switch_on_defaults))
        fixed = {"GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error", "GIGNEO_TASKS__EMBEDDED": "false"}
        environment = {**fixed, **(more or {})}
        ours = {name: value for name, value in environment.items() if name.startswith("GIGNEO_")}
        runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), **ours}), MovableClock())
        stack.callback(runtime.close)
        with runtime.write() as session:
            session.execute(text("UPDATE site_state SET demo = true"))
            wanted = ", ".join(f"'{name}'" for name in MODULES)
            session.execute(text(f"UPDATE module_state SET wanted = false WHERE name NOT IN ({wanted})"))
            write_settings(session, "orders", {"cancel_when_late": True})
            write_settings(session, "wallet", {"top_up_max": DEPOSIT})
        dispatcher = Dispatcher(runtime)
        people = {role: _someone(runtime, dispatcher, role) for role in ROLES}
        market = Market(dispatcher, runtime, people["employer"], people["freelancer"])
        market.top_up(amount=DEPOSIT)
        cookies = {role: _cookies(someone.browser) for role, someone in people.items()}
        trade = Trade(market, home, environment, cookies, *_publish(market))
        trade.run_tasks()  # arms what comes back every day
        yield trade


def new_key() -> str:
    """Return the key of a new form."""
    return secrets.token_urlsafe(18)


def _someone(runtime: Runtime, dispatcher: Dispatcher, role: str) -> Someone:
    email = f"{role}@people.example"
    user_id = create_user(runtime, email, role.title(), PASSWORD, [role])
    return Someone(int(user_id), email, Browser(dispatcher).log_in(email))


def _cookies(browser: Browser) -> dict[str, str]:
    cookie = browser.get_cookie(SESSION_COOKIE)
    assert cookie is not None
    return {SESSION_COOKIE: cookie.value}


def _publish(market: Market) -> tuple[str, dict[str, int]]:
    """Offer a service; return where its first package is bought, and all of them by name."""
    offers = (("Whole", 11, 3), ("Quick", 2, 3), ("Once", 11, 1))
    packages = [services.PackageDraft(name, "It.", ["Vector files"], PRICE, days, revisions) for name, days, revisions in offers]
    draft = services.ServiceDraft(title="A logo", summary="Drawn by hand.", description="I draw.", packages=packages)
    with market.writing() as session:
        shelf = services.add_category(session, "Design", "brush", 10)
        slug = services.publish(session, market.freelancer.id, shelf, draft)
    with market.runtime.read() as session, market.dispatcher.site.app.app_context():
        found = services.details(session, slug)
        assert found is not None
        return f"/services/{slug}/checkout/{found.offers[0].id}", {offer.name: offer.id for offer in found.offers}
