"""A marketplace with a wallet, as the tests of the ledger see it: people, orders as facts, and the use cases."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from gigneo.api import mark_demo, read, run_due_tasks, write
from gigneo.core.runtime import Runtime
from gigneo.hooks import OrderFacts
from gigneo.plugins.wallet import services
from gigneo.plugins.wallet.audit import Report, prove
from gigneo.plugins.wallet.queries import Balances, balances

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Bank:
    """The wallet's use cases, each in one writing transaction of its own, as views and tasks call them.

    Attributes:
        runtime: the process's ground.
    """

    runtime: Runtime
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be inside the site, as a request is."""
        with self.runtime.site.app.app_context():
            yield

    def person(self) -> int:
        """Make somebody who will not log in."""
        name = f"person{next(self._numbers)}"
        statement = """INSERT INTO account_user (email, name, password, active, fs_uniquifier, created_at)
                       VALUES (:name, :name, '', :active, :name, CURRENT_TIMESTAMP) RETURNING id"""
        return int(self.sql(statement, name=name, active=True)[0][0])

    def top_up(self, user_id: int, amount_minor: int, key: str = "") -> None:
        """Give somebody money."""
        with self.inside(), write() as session:
            services.top_up(session, user_id, amount_minor, key or f"top-up-{next(self._numbers)}")

    def order(self, employer_id: int, freelancer_id: int, price_minor: int = 10_000, **changes: Any) -> OrderFacts:
        """Describe an order with a commission of a tenth."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "id": number, "number": str(8_000_000 + number), "kind": "service", "state": "pending_payment",
            "title": "A logo", "package": "Standard", "employer_id": employer_id, "freelancer_id": freelancer_id,
            "employer_name": "E", "freelancer_name": "F", "price_minor": price_minor, "employer_fee_minor": 0,
            "commission_minor": price_minor // 10, "rate_basis_points": 1_000, "currency": "EUR", "days": 3, "revisions_total": 1,
            "revisions_used": 0, "placed_at": NOON,
        }  # fmt: skip
        return OrderFacts(**{**values, **changes})

    def pay(self, order: OrderFacts) -> None:
        """Move the price into escrow."""
        with self.inside(), write() as session:
            services.pay_order(session, order, order.employer_id)

    def complete(self, order: OrderFacts) -> None:
        """Release the escrow."""
        with self.inside(), write() as session:
            services.complete_order(session, order, order.employer_id)

    def cancel(self, order: OrderFacts) -> int:
        """Give the escrow back."""
        with self.inside(), write() as session:
            return services.cancel_order(session, order, order.freelancer_id)

    def give_back(self, order: OrderFacts, amount_minor: int) -> None:
        """Give a part of what is clearing back, as an administrator's decision does."""
        with self.inside(), write() as session:
            services.refund_order(session, order, amount_minor, None)

    def run_tasks(self) -> int:
        """Run what is due."""
        with self.inside():
            return run_due_tasks()

    def balances(self, user_id: int) -> Balances:
        """Read somebody's money."""
        with self.inside():
            return balances(read(), user_id, "EUR")

    def audit(self) -> Report:
        """Prove the ledger."""
        with self.inside():
            return prove(read())

    def sql(self, statement: str, **values: Any) -> Any:
        """Write past the wallet, as nobody should."""
        with self.runtime.write() as session:
            result = session.execute(text(statement), values)
            return result.all() if result.returns_rows else None

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.runtime.clock.move_by(timedelta(**time))  # type: ignore[attr-defined]

    def change_settings(self, **values: Any) -> None:
        """Change the operator's choices."""
        from gigneo.core.revision import bump_revision
        from gigneo.core.settings import write_settings

        with self.runtime.write(toggling=True) as session:
            write_settings(session, "wallet", values)
            bump_revision(session)
        self.runtime.rebuild()


@pytest.fixture
def bank(runtime: Runtime) -> Bank:
    """A demo marketplace, where money can be paid in."""
    with runtime.write() as session:
        mark_demo(session)
    return Bank(runtime)


@pytest.fixture
def in_session(bank: Bank) -> Callable[[], Any]:
    """Open a writing transaction inside the site."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with bank.inside(), write() as session:
            yield session

    return opened
