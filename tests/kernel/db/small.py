"""A small runtime for the tests of data: real engines, real pluggy, a real Flask app context, and no web."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pluggy
from flask import Flask
from sqlmodel import Session, text

from gigneo import hooks
from gigneo.contributions import PeriodicTask, TaskHandler
from gigneo.core.clock import Clock
from gigneo.core.current import SITE_KEY
from gigneo.core.db.base import table_base
from gigneo.core.db.columns import ForeignId, Id, Minor, When
from gigneo.core.db.engines import Engines
from gigneo.core.db.uow import current_revision, writing
from gigneo.core.hookcalls import HookCalls

LEDGER = ("ledger", Path(__file__).parent / "ledger_migrations")


class Account(table_base("ledger"), table=True):
    """Somebody's account."""

    __tablename__ = "ledger_account"

    id: int | None = Id()
    name: str


class Entry(table_base("ledger"), table=True):
    """Money that moved."""

    __tablename__ = "ledger_entry"

    id: int | None = Id()
    account_id: int = ForeignId("ledger_account.id")
    amount_minor: int = Minor()
    at: datetime = When()


@dataclass(frozen=True, slots=True)
class CoinTossed:
    """``coin_tossed``: for the tests."""

    hook: ClassVar[str] = "coin_tossed"

    number: int
    at: datetime
    sides: tuple[int, ...] = ()


class CoinSpecs:
    """The event of the tests."""

    @hooks.hookspec("event")
    def coin_tossed(self, event: CoinTossed, session: Session) -> None:
        """A coin was tossed."""


@dataclass(eq=False)
class Plugin:
    """A plugin that runs the handlers that a test gives it."""

    handlers: tuple[TaskHandler, ...] = ()
    periodic: tuple[PeriodicTask, ...] = ()


@dataclass(eq=False)
class Listener(Plugin):
    """A plugin that hears of coins, too."""

    heard: Callable[[CoinTossed, Session], None] = lambda event, session: None

    @hooks.hookimpl
    def coin_tossed(self, event: CoinTossed, session: Session) -> None:
        """Do what the test says."""
        self.heard(event, session)


class SmallRuntime:
    """What the task loop needs of a Runtime."""

    def __init__(self, engines: Engines, clock: Clock, threads: int = 2, lease_seconds: int = 60) -> None:
        self.engines, self.clock = engines, clock
        tasks = SimpleNamespace(threads=threads, lease_seconds=lease_seconds, poll_seconds=0.05)
        self.config = SimpleNamespace(tasks=tasks)
        self.plugins: dict[str, Plugin] = {}
        self.rebuilt = 0
        self.use()

    def use(self, **plugins: Plugin) -> None:
        """Build a site of these plugins, for the revision that the database has."""
        self.plugins = plugins
        manager = pluggy.PluginManager(hooks.PROJECT)
        manager.add_hookspecs(CoinSpecs)
        for name, plugin in plugins.items():
            manager.register(plugin, name)
        manager.check_pending()
        app = Flask("small")
        with Session(self.engines.read) as session:
            revision = current_revision(session)
        calls = HookCalls(manager, Counter())
        contributions = SimpleNamespace(
            hooks=calls.kinds(),
            task_handlers=tuple(handler for plugin in plugins.values() for handler in plugin.handlers),
            periodic_tasks=tuple(each for plugin in plugins.values() for each in plugin.periodic),
        )
        self.site: Any = SimpleNamespace(
            app=app,
            manager=manager,
            hooks=calls,
            contributions=contributions,
            revision=revision,
            modules=frozenset(plugins),
            runtime=self,
        )
        app.extensions[SITE_KEY] = self.site

    def rebuild(self) -> None:
        """Build the site again, as the dispatcher does when the revision moved."""
        self.rebuilt += 1
        self.use(**self.plugins)

    def write(self, **kwargs: Any) -> Any:
        """Open a writing transaction that depends on no revision."""
        return writing(self.engines, revision=kwargs.pop("revision", None), **kwargs)


def count(engines: Engines, table: str, where: str = "1 = 1") -> int:
    """Return how many rows a table has."""
    with Session(engines.read) as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())
