"""The audit finds every fault that was planted in orders of which a part was given back while it was clearing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from gigneo.plugins.wallet.audit import prove

from .conftest import Bank
from .planting import planted, planted_in_postgresql, posting

# ruff: noqa: E501

PARTLY, WHOLE, PAID_OUT, UNTOUCHED, OPEN = "'part'", "'whole'", "'paid out'", "'untouched'", "'open'"


def order_of(title: str) -> str:
    return f"(SELECT order_id FROM wallet_order_terms WHERE title = {title})"


def transfer_of(title: str, kind: str = "order_returned") -> str:
    return f"SELECT MIN(id) FROM wallet_transfer WHERE kind = '{kind}' AND order_id = {order_of(title)}"


def clearing_of(title: str) -> str:
    return f"SELECT id FROM wallet_account WHERE kind = 'clearing' AND order_id = {order_of(title)}"


def wallet_of(party: str) -> str:
    return (
        f"SELECT id FROM wallet_account WHERE kind = 'available' AND user_id = (SELECT MIN({party}_id) FROM wallet_order_terms)"
    )


def platforms(kind: str) -> str:
    return f"SELECT id FROM wallet_account WHERE kind = '{kind}'"


def change_terms(title: str, changes: str) -> str:
    return f"UPDATE wallet_order_terms SET {changes} WHERE title = {title}"


def take_from_line(title: str, source: str, amount: int = 1) -> list[str]:
    """Let a line of a return be smaller than it was, in the employer's balance too."""
    return [
        f"UPDATE wallet_posting SET amount_minor = amount_minor - {amount} WHERE transfer_id = ({transfer_of(title)}) AND debit_account_id = ({source})",
        f"UPDATE wallet_account SET balance_minor = balance_minor - {amount} WHERE id = ({wallet_of('employer')})",
    ]


LAST = transfer_of(WHOLE).replace("MIN", "MAX", 1)
NEVER_RETURNED = [
    f"INSERT INTO wallet_transfer (key, body_hash, kind, order_id, memo, created_at) SELECT 'another', '', 'order_returned', order_id, '', paid_at FROM wallet_order_terms WHERE title = {UNTOUCHED}",
    *posting(transfer_of(UNTOUCHED), clearing_of(UNTOUCHED), wallet_of("employer")),
]
COMMISSION_KEPT = [
    change_terms(PARTLY, "commission_back_minor = commission_back_minor - 1"),
    *posting(transfer_of(PARTLY), clearing_of(PARTLY), wallet_of("employer")),
    *take_from_line(PARTLY, platforms("commission")),
]
FEE_KEPT = [change_terms(PARTLY, "fee_back_minor = fee_back_minor - 1"), *take_from_line(PARTLY, platforms("fees"))]

RETURN_FAULTS: dict[str, tuple[str, list[str]]] = {
    "a return went to the freelancer": ("wrong_person", [f"UPDATE wallet_posting SET credit_account_id = ({wallet_of('freelancer')}) WHERE transfer_id = ({transfer_of(PARTLY)})"]),
    "a return was taken from another order": ("wrong_person", [f"UPDATE wallet_posting SET debit_account_id = ({clearing_of(UNTOUCHED)}) WHERE debit_account_id = ({clearing_of(PARTLY)}) AND transfer_id = ({transfer_of(PARTLY)})"]),
    "a return went to the platform": ("impossible_route", posting(transfer_of(PARTLY), clearing_of(PARTLY), platforms("commission"))[:2]),
    "a return came out of escrow": ("impossible_route", posting(transfer_of(PARTLY), f"SELECT id FROM wallet_account WHERE kind = 'escrow' AND order_id = {order_of(OPEN)}", wallet_of("employer"))),
    "more went back than the terms say": ("return_differs", posting(transfer_of(PARTLY), clearing_of(PARTLY), wallet_of("employer"))),
    "more of the commission went back than the terms say": ("return_differs", [posting(transfer_of(PARTLY), platforms("commission"), wallet_of("employer"))[i] for i in (0, 2)]),
    "more of the fee went back than the terms say": ("return_differs", [posting(transfer_of(PARTLY), platforms("fees"), wallet_of("employer"))[i] for i in (0, 2)]),
    "the terms say that more went back": ("return_differs", [change_terms(PARTLY, "awarded_minor = awarded_minor + 1")]),
    "the terms say that nothing went back": ("return_differs", [change_terms(PARTLY, "awarded_minor = 0, commission_back_minor = 0, fee_back_minor = 0")]),
    "something went back of an order that gave nothing back": ("order_facts", NEVER_RETURNED),
    "the terms of an open order say that something went back": ("order_facts", [change_terms(OPEN, "awarded_minor = 1")]),
    "the platform kept its commission on what went back": ("return_split", COMMISSION_KEPT),
    "the platform kept the fee on what went back": ("return_split", FEE_KEPT),
    "a line of a return vanished": ("platform_share", [f"DELETE FROM wallet_posting WHERE transfer_id = ({transfer_of(PARTLY)}) AND debit_account_id = ({platforms('commission')})", f"UPDATE wallet_account SET balance_minor = balance_minor - 250 WHERE id = ({wallet_of('employer')})"]),
    "the last of two returns vanished": ("order_facts", [f"DELETE FROM wallet_posting WHERE transfer_id = ({LAST})", f"DELETE FROM wallet_transfer WHERE id = ({LAST})"]),
    "the first of two returns vanished": ("return_differs", [f"DELETE FROM wallet_posting WHERE transfer_id = ({transfer_of(WHOLE)})", f"DELETE FROM wallet_transfer WHERE id = ({transfer_of(WHOLE)})"]),
    "a return's key stands for another amount": ("order_facts", [f"UPDATE wallet_transfer SET key = key || '0' WHERE id = ({transfer_of(PARTLY)})"]),
    "an order that gave everything back is not settled": ("order_facts", [change_terms(WHOLE, "settled_at = NULL")]),
    "an order that gave everything back was paid out too": ("order_facts", [f"INSERT INTO wallet_transfer (key, body_hash, kind, order_id, memo, created_at) SELECT 'again', '', 'order_cleared', order_id, '', paid_at FROM wallet_order_terms WHERE title = {WHOLE}"]),
    "what was given back was paid out as well": ("clearing_left", posting(transfer_of(PAID_OUT, "order_cleared"), clearing_of(PAID_OUT), wallet_of("freelancer"))),
    "less is clearing than was left": ("clearing_differs", posting(transfer_of(PARTLY, "order_released"), clearing_of(PARTLY), wallet_of("freelancer"))),
}  # fmt: skip
ALONE = {
    "the platform kept its commission on what went back",
    "the platform kept the fee on what went back",
    "a return's key stands for another amount",
}
"""Faults in which everything else fits, so that nothing but the expected check can find them."""


@pytest.fixture
def world(bank: Bank) -> Bank:
    """Orders of which nothing, a part or everything was given back, in each state that their money can have then."""
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 100_000)
    bank.top_up(freelancer, 100)
    orders = {
        title: bank.order(employer, freelancer, employer_fee_minor=300, title=title.strip("'"))
        for title in (PAID_OUT, PARTLY, WHOLE, UNTOUCHED, OPEN)
    }
    for order in orders.values():
        bank.pay(order)
    bank.complete(orders[PAID_OUT])
    bank.give_back(orders[PAID_OUT], 4_000)
    bank.later(days=4)
    bank.run_tasks()
    for title in (PARTLY, WHOLE, UNTOUCHED):
        bank.complete(orders[title])
    bank.give_back(orders[PARTLY], 2_500)
    bank.give_back(orders[WHOLE], 3_333)
    bank.give_back(orders[WHOLE], 6_667)
    return bank


def check_names(fault: str, expected: str, found: set[str]) -> None:
    assert expected in found, fault
    assert fault not in ALONE or found == {expected}, fault


def test_every_fault_in_what_was_given_back_is_named_on_sqlite(world: Bank, tmp_path: Path) -> None:
    assert world.audit().ok
    for number, (fault, (expected, statements)) in enumerate(RETURN_FAULTS.items()):
        check_names(fault, expected, planted(world, tmp_path / f"{number}.db", statements))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_every_fault_in_what_was_given_back_is_named_on_postgresql(world: Bank) -> None:
    assert world.audit().ok
    for fault, (expected, found) in planted_in_postgresql(world, RETURN_FAULTS).items():
        check_names(fault, expected, found)


def test_half_a_unit_given_back_is_named(world: Bank, tmp_path: Path) -> None:
    loosen = [
        "CREATE TABLE loose_terms AS SELECT * FROM wallet_order_terms",
        "DROP TABLE wallet_order_terms",
        "ALTER TABLE loose_terms RENAME TO wallet_order_terms",
    ]
    for column in ("awarded_minor", "commission_back_minor", "fee_back_minor"):
        half = [*loosen, f"UPDATE wallet_order_terms SET {column} = {column} + 0.5 WHERE title = {PARTLY}"]
        assert "amount_not_integer" in planted(world, tmp_path / f"{column}.db", half), column


def test_the_audit_says_how_much_should_have_gone_back(world: Bank, fingerprint: Callable[[], object]) -> None:
    before = fingerprint()
    with world.runtime.engines.write.connect() as connection, world.inside():
        connection.execute(text("DROP TRIGGER wallet_order_terms_only_more"))
        connection.execute(text(change_terms(PARTLY, "awarded_minor = 2600")))
        found = {one.check: (one.expected, one.found) for one in prove(Session(connection)).violations}
        connection.rollback()
    assert found["return_differs"] == (2_675, 2_575)
    assert found["clearing_differs"] == (6_650, 6_750)
    assert found["return_split"] == (338, 325)
    assert fingerprint() == before
