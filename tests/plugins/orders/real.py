"""The real site that is compared with the model: made once, put back to its first day in milliseconds."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from gigneo.api import once, read
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.hookcalls import ParticipantFailed
from gigneo.core.modules.lifecycle import disable, enable
from gigneo.core.refusals import RefusedBase
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders.decisions import choices
from gigneo.plugins.wallet import api as wallet
from gigneo.plugins.wallet.audit import prove
from gigneo.testing.databases import sqlite_database
from gigneo.testing.fixtures import Someone, bundled_migrations, switch_on_defaults
from tests.plugins.orders.conftest import Market
from tests.plugins.orders.trying import USE_CASES

FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS_ON = ("orders", "wallet")
PEOPLE = {
    "employer": ("employer", "administrator"),
    "freelancer": ("freelancer",),
    "stranger": ("employer", "freelancer"),
    "administrator": ("administrator",),
}


@dataclass
class Real:
    """A site with an order, and the people around it."""

    runtime: Runtime
    dispatcher: Dispatcher
    snapshot: sqlite3.Connection
    people: Mapping[str, int]
    market: Market
    order_id: int = 0
    _pristine_modules: frozenset[str] = frozenset(ALWAYS_ON)
    _watching: sqlite3.Connection | None = field(default=None, repr=False)

    @classmethod
    def make(cls, home: Path) -> "Real":
        """Make the site, its people, and a copy of its database to come back to."""
        url = sqlite_database(home, bundled_migrations(), switch_on_defaults)
        environment = {"GIGNEO_HOME": str(home), "GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}
        runtime = Runtime(load_config(environ=environment), MovableClock(FIRST_DAY))
        names = ", ".join(f"'{name}'" for name in ALWAYS_ON)
        with runtime.write() as session:
            session.execute(text("UPDATE site_state SET demo = true"))
            session.execute(text(f"UPDATE module_state SET wanted = false WHERE name NOT IN ({names})"))
            people = {name: _person(session, name, roles) for name, roles in PEOPLE.items()}
        dispatcher = Dispatcher(runtime)
        dispatcher.stop()  # it is told when the modules change; nobody watches
        employer, freelancer = (Someone(people[role], role, None) for role in ("employer", "freelancer"))  # type: ignore[arg-type]
        snapshot = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(home / "gigneo.db")) as live:
            live.backup(snapshot)
        return cls(runtime, dispatcher, snapshot, people, Market(dispatcher, runtime, employer, freelancer))

    def reset(self) -> None:
        """Put everything back to the first day."""
        self.close_watch()
        clock = self.runtime.clock
        assert isinstance(clock, MovableClock)
        clock.move_to(FIRST_DAY)
        site = self.dispatcher.site
        moved = frozenset(site.modules) != self._pristine_modules
        with closing(sqlite3.connect(self.runtime.home / "gigneo.db")) as live:
            self.snapshot.backup(live)
            live.execute("UPDATE site_state SET revision = ?", (site.revision + moved,))
            live.commit()
        self.dispatcher.refresh_now()
        for path in (self.runtime.home / "mail").glob("*"):
            path.unlink()

    def close(self) -> None:
        self.close_watch()
        self.snapshot.close()
        self.runtime.close()

    def close_watch(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def commits(self) -> int:
        """A number that every commit changes."""
        if self._watching is None:
            self._watching = sqlite3.connect(self.runtime.home / "gigneo.db")
        return int(self._watching.execute("PRAGMA data_version").fetchone()[0])

    # ------------------------------------------------------------------------------------------------------------ to do

    def act(self, action: str, person: str, *, key: str = "", body: Any = None, version: int | None = None, **given: Any) -> str:
        """Take an action in a transaction of its own; nothing when it succeeded, else the refusal's code.

        Args:
            action: its name in the process table.
            person: one of ``PEOPLE``; ``party`` is the employer.
            key: of the form, when it has one.
            version: of the page.
            body: what else the form carries.
            given: what is typed otherwise than usual.
        """
        use_case, usual = USE_CASES[action]
        values, actor = {**usual, **given}, self.people["employer" if person == "party" else person]

        def run() -> str:
            use_case(session, self.order_id, actor, version=version, **values)
            return action

        try:
            with self.market.writing() as session:
                if not key:
                    run()
                else:
                    once(session, key, {"order": self.order_id, "action": action, "body": body, **values}, run)
        except RefusedBase as refusal:
            return refusal.refusals[0].code
        except ParticipantFailed as fault:
            return f"failed: {fault.hook}"
        return ""

    def move_to(self, when: datetime) -> int:
        """Move the clock, and run what is due."""
        clock = self.runtime.clock
        assert isinstance(clock, MovableClock)
        clock.move_to(when)
        return TaskLoop(self.runtime).run_due()

    def toggle(self, module: str, on: bool) -> None:
        (enable if on else disable)(self.runtime, module)
        self.dispatcher.refresh_now()

    # ----------------------------------------------------------------------------------------------------------- to read

    def look(self, known: frozenset[str]) -> "Seen":
        """Read everything that is compared, at one moment.

        Args:
            known: the actions of which it is asked whether they are offered.
        """
        with self.dispatcher.site.app.app_context():
            session = read()
            facts = orders.facts(session, self.order_id)
            rates = orders.rates_of(session, self.people["freelancer"])
            return Seen(
                facts,
                self._money(session),
                (rates.finished, rates.completed, rates.cancelled),
                int(session.execute(ACTIVITIES, {"id": self.order_id}).scalar_one()),
                {
                    role: sorted(name for name, one in choices(facts, role, session).all.items() if one.offered and name in known)
                    for role in ("employer", "freelancer", "administrator")
                },
                [tuple(row) for row in session.execute(STUCK)],
            )

    def _money(self, session: Session) -> dict[str, int]:
        purse = wallet.purse_of(session, self.order_id)
        return {
            "employer": wallet.balance(session, self.people["employer"]).available,
            "freelancer": wallet.balance(session, self.people["freelancer"]).available,
            "platform": int(session.execute(PLATFORM).scalar_one()),
            "escrow": purse.escrow_minor if purse else 0,
            "clearing": purse.clearing_minor if purse else 0,
        }

    def audit(self) -> Any:
        """Prove the ledger."""
        with self.dispatcher.site.app.app_context():
            return prove(read())


@dataclass(frozen=True)
class Seen:
    """What is compared with the model.

    Attributes:
        facts: the order.
        money: everybody's wallet, and the order's own money.
        record: the freelancer's counts: finished, completed, cancelled.
        activities: how many facts the order's history tells.
        offered: what the page offers, by role.
        stuck: tasks that failed.
    """

    facts: OrderFacts
    money: dict[str, int]
    record: tuple[int, int, int]
    activities: int
    offered: dict[str, list[str]]
    stuck: list[tuple[Any, ...]]


ACTIVITIES = text("SELECT count(*) FROM orders_activity WHERE order_id = :id")
STUCK = text("SELECT kind, last_error FROM task WHERE state = 'dead' OR attempts > 1")
PLATFORM = text(
    """SELECT coalesce(sum(p.amount_minor * ((c.kind IN ('commission', 'fees')) - (d.kind IN ('commission', 'fees')))), 0)
       FROM wallet_posting p JOIN wallet_account c ON c.id = p.credit_account_id
                             JOIN wallet_account d ON d.id = p.debit_account_id"""
)


def _person(session: Any, name: str, roles: tuple[str, ...]) -> int:
    """Make somebody who will not log in."""
    statement = text(
        """INSERT INTO account_user (email, name, password, active, fs_uniquifier, created_at)
           VALUES (:email, :name, '', true, :name, CURRENT_TIMESTAMP) RETURNING id"""
    )
    user_id = int(session.execute(statement, {"name": name, "email": f"{name}@people.example"}).scalar_one())
    for role in roles:
        session.execute(
            text("INSERT INTO account_user_role (user_id, role_id) SELECT :user, id FROM account_role WHERE name = :role"),
            {"user": user_id, "role": role},
        )
    return user_id
