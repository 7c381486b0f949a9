"""The audit finds every planted fault, and names it. A checker that can't fail proves nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gigneo.plugins.wallet.audit_checks import CHECKS
from gigneo.plugins.wallet.cli import audit

from .conftest import Bank
from .planting import planted, planted_in_postgresql, posting
from .test_audit_returns import RETURN_FAULTS

PAID = "SELECT id FROM wallet_transfer WHERE kind = 'order_paid' ORDER BY id LIMIT 1"
OPEN_ESCROW = "SELECT id FROM wallet_account WHERE kind = 'escrow' AND balance_minor > 0 ORDER BY id LIMIT 1"
CLEARING = "SELECT id FROM wallet_account WHERE kind = 'clearing' AND balance_minor > 0 ORDER BY id LIMIT 1"
EMPTY_CLEARING = "SELECT id FROM wallet_account WHERE kind = 'clearing' AND balance_minor = 0 ORDER BY id LIMIT 1"
SPENT_ESCROW = "SELECT id FROM wallet_account WHERE kind = 'escrow' AND balance_minor = 0 ORDER BY id LIMIT 1"
SOMEBODY = "SELECT id FROM wallet_account WHERE kind = 'available' AND balance_minor > 0 ORDER BY id LIMIT 1"


FAULTS: dict[str, tuple[str, list[str]]] = {
    "a balance is off by one": ("balance_differs", [f"UPDATE wallet_account SET balance_minor = balance_minor + 1 WHERE id = ({SOMEBODY})"]),
    "a posting's amount was changed": ("balance_differs", [f"UPDATE wallet_posting SET amount_minor = amount_minor + 1 WHERE transfer_id = ({PAID})"]),
    "a posting was deleted": ("empty_transfer", [f"DELETE FROM wallet_posting WHERE transfer_id = ({PAID})"]),
    "a transfer was deleted": ("orphan_posting", [f"DELETE FROM wallet_transfer WHERE id = ({PAID})"]),
    "an account was deleted": ("orphan_posting", [f"DELETE FROM wallet_account WHERE id = ({OPEN_ESCROW})"]),
    "an account is below zero": ("below_zero", [f"UPDATE wallet_account SET balance_minor = -1 WHERE id = ({SOMEBODY})"]),
    "a posting moves nothing": ("amount_not_positive", [f"UPDATE wallet_posting SET amount_minor = 0 WHERE transfer_id = ({PAID})"]),
    "a posting goes in a circle": ("same_account", [f"UPDATE wallet_posting SET credit_account_id = debit_account_id WHERE transfer_id = ({PAID})"]),
    "an account changed its currency": ("mixed_currency", [f"UPDATE wallet_account SET currency = 'USD' WHERE id = ({OPEN_ESCROW})"]),
    "an order's money is in another currency": ("foreign_currency", [f"UPDATE wallet_account SET currency = 'USD' WHERE id = ({OPEN_ESCROW})"]),
    "a key was booked twice": ("key_twice", [f"INSERT INTO wallet_transfer (key, body_hash, kind, memo, created_at) SELECT key, body_hash, kind, memo, created_at FROM wallet_transfer WHERE id = ({PAID})"]),
    "somebody has an account twice": ("account_twice", [f"INSERT INTO wallet_account (kind, user_id, currency, balance_minor) SELECT kind, user_id, currency, 0 FROM wallet_account WHERE id = ({SOMEBODY})"]),
    "an account has two owners": ("account_owner", [f"UPDATE wallet_account SET order_id = 1 WHERE id = ({SOMEBODY})"]),
    "the escrow of an open order is short": ("escrow_differs", posting(PAID, OPEN_ESCROW, SOMEBODY)),
    "a finished order holds something in escrow": ("escrow_left", posting(PAID, SOMEBODY, SPENT_ESCROW)),
    "less is clearing than was earned": ("clearing_differs", posting(PAID, CLEARING, SOMEBODY)),
    "a paid-out order holds something in clearing": ("clearing_left", posting(PAID, SOMEBODY, EMPTY_CLEARING)),
    "the platform took too much": ("platform_share", posting("SELECT id FROM wallet_transfer WHERE kind = 'order_released' LIMIT 1", SPENT_ESCROW, "SELECT id FROM wallet_account WHERE kind = 'commission'")[:1]),
    "money took a way that does not exist": ("impossible_route", posting(PAID, CLEARING, SOMEBODY)),
    "a refund went to a stranger": ("wrong_person", ["UPDATE wallet_posting SET credit_account_id = (SELECT a.id FROM wallet_account a WHERE a.kind = 'available' AND a.user_id NOT IN (SELECT employer_id FROM wallet_order_terms)) WHERE transfer_id = (SELECT id FROM wallet_transfer WHERE kind = 'order_refunded')"]),
    "an order's terms vanished": ("order_without_terms", ["DELETE FROM wallet_order_terms WHERE released_at IS NULL AND settled_at IS NULL"]),
    "an order says released and nothing was": ("order_facts", ["UPDATE wallet_order_terms SET released_at = paid_at, clears_at = paid_at WHERE released_at IS NULL AND settled_at IS NULL"]),
    "money appeared from nowhere": ("does_not_net", [f"UPDATE wallet_account SET balance_minor = balance_minor + 7 WHERE id = ({SOMEBODY})"]),
}  # fmt: skip
# ruff: noqa: E501


@pytest.fixture
def world(bank: Bank) -> Bank:
    """An order in each state that its money can have."""
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 100_000)
    bank.top_up(freelancer, 100)
    paid_out, clearing, refunded, opened = (bank.order(employer, freelancer, employer_fee_minor=300) for _ in range(4))
    for order in (paid_out, clearing, refunded, opened):
        bank.pay(order)
    bank.complete(paid_out)
    bank.later(days=4)
    bank.run_tasks()
    bank.complete(clearing)
    bank.cancel(refunded)
    return bank


def test_every_planted_fault_is_named_on_sqlite(world: Bank, tmp_path: Path) -> None:
    assert world.audit().ok
    assert planted(world, tmp_path / "clean.db", []) == set()
    for number, (fault, (expected, statements)) in enumerate(FAULTS.items()):
        assert expected in planted(world, tmp_path / f"{number}.db", statements), fault


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_every_planted_fault_is_named_on_postgresql(world: Bank) -> None:
    for fault, (expected, found) in planted_in_postgresql(world, FAULTS).items():
        assert expected in found, fault


def test_a_number_that_is_no_integer_is_named(world: Bank, tmp_path: Path) -> None:
    half = ["UPDATE wallet_posting SET amount_minor = amount_minor + 0.5 WHERE id = 1"]
    assert "amount_not_integer" in planted(world, tmp_path / "half.db", half)


def test_every_check_has_a_fault_that_it_finds() -> None:
    planted_faults = [*FAULTS.values(), *RETURN_FAULTS.values()]
    assert {check.name for check in CHECKS} == {name for name, _ in planted_faults} | {"amount_not_integer"}


def test_the_command_says_what_is_wrong_and_leaves_with_1(world: Bank) -> None:
    runner = CliRunner()
    with world.inside():
        clean = runner.invoke(audit, ["--json"])
    assert clean.exit_code == 0
    assert json.loads(clean.stdout) == {
        "ok": True,
        "violations": [],
        "totals": {
            "EUR": {
                "available": 78_200, "clearing": 9_000, "commission": 2_000, "escrow": 10_300, "fees": 600, "outside": -100_100
            }
        },
    }  # fmt: skip
    world.sql("UPDATE wallet_account SET balance_minor = balance_minor + 1 WHERE kind = 'available'")
    with world.inside():
        broken = runner.invoke(audit, ["--json"])
        told = runner.invoke(audit, [])
    assert (broken.exit_code, told.exit_code) == (1, 1)
    answer = json.loads(broken.stdout)
    assert not answer["ok"]
    assert {violation["check"] for violation in answer["violations"]} == {"balance_differs", "does_not_net"}
    assert "balance_differs: account" in told.stdout
