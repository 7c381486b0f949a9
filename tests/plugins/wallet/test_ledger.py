"""Transfers: once for their key, never below the floor, never past 64 bits, never changed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from gigneo.api import Refused
from gigneo.plugins.wallet.ledger import LARGEST, Line, Place, post
from gigneo.plugins.wallet.models import AccountKind

from .conftest import Bank

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def wallet_of(user_id: int, currency: str = "EUR") -> Place:
    return Place(AccountKind.AVAILABLE, currency, user_id=user_id)


OUTSIDE = Place(AccountKind.OUTSIDE, "EUR", gateway="sandbox")


@both_databases
def test_the_same_key_and_body_give_the_first_transfer(bank: Bank, in_session: Callable[[], Any]) -> None:
    person = bank.person()
    lines = [Line(OUTSIDE, wallet_of(person), 500)]
    with in_session() as session:
        first = post(session, "fact", "top_up", lines)
    with in_session() as session:
        second = post(session, "fact", "top_up", lines)
    assert (second.id, second.created_at, second.again) == (first.id, first.created_at, True)
    assert bank.balances(person).available == 500
    assert bank.audit().ok


@both_databases
def test_the_same_key_with_another_body_writes_nothing(
    bank: Bank, in_session: Callable[[], Any], fingerprint: Callable[[], Any]
) -> None:
    person, other = bank.person(), bank.person()
    with in_session() as session:
        post(session, "fact", "top_up", [Line(OUTSIDE, wallet_of(person), 500)])
    before = fingerprint()
    bodies: list[tuple[str, int | None, list[Line]]] = [
        ("top_up", None, [Line(OUTSIDE, wallet_of(person), 501)]),
        ("top_up", None, [Line(OUTSIDE, wallet_of(other), 500)]),
        ("order_paid", None, [Line(OUTSIDE, wallet_of(person), 500)]),
        ("top_up", 7, [Line(OUTSIDE, wallet_of(person), 500)]),
        ("top_up", None, [Line(OUTSIDE, wallet_of(person), 250), Line(OUTSIDE, wallet_of(person), 250)]),
    ]
    for kind, order_id, lines in bodies:
        with pytest.raises(Refused) as refused, in_session() as session:
            post(session, "fact", kind, lines, order_id=order_id)
        assert refused.value.code == "key_reused"
    assert fingerprint() == before


def test_a_refused_key_can_be_used_again(bank: Bank, in_session: Callable[[], Any]) -> None:
    person, other = bank.person(), bank.person()
    lines = [Line(wallet_of(person), wallet_of(other), 500)]
    with pytest.raises(Refused), in_session() as session:
        post(session, "fact", "top_up", lines)
    bank.top_up(person, 500)
    with in_session() as session:
        assert not post(session, "fact", "top_up", lines).again


@both_databases
def test_nobody_can_spend_more_than_there_is(bank: Bank, in_session: Callable[[], Any], fingerprint: Callable[[], Any]) -> None:
    person, other = bank.person(), bank.person()
    bank.top_up(person, 500)
    before = fingerprint()
    with pytest.raises(Refused) as refused, in_session() as session:
        post(session, "fact", "top_up", [Line(wallet_of(person), wallet_of(other), 501)])
    assert refused.value.code == "not_enough"
    assert "€5.00" in str(refused.value) and "€5.01" in str(refused.value)
    assert fingerprint() == before


FORBIDDEN = (
    "UPDATE wallet_account SET balance_minor = balance_minor - 501 WHERE user_id = :person",
    "UPDATE wallet_account SET balance_minor = -1 WHERE user_id = :person",
    "UPDATE wallet_account SET balance_minor = NULL WHERE user_id = :person",
    "INSERT INTO wallet_account (kind, order_id, currency, balance_minor) VALUES ('escrow', 1, 'EUR', -1)",
    "INSERT INTO wallet_account (kind, currency, balance_minor) VALUES ('commission', 'EUR', 5)",
    "INSERT INTO wallet_account (kind, user_id, order_id, currency, balance_minor) VALUES ('escrow', :person, 1, 'EUR', 0)",
    "INSERT INTO wallet_account (kind, user_id, currency, balance_minor) VALUES ('available', :person, 'EUR', 0)",
    "UPDATE wallet_account SET currency = 'USD' WHERE user_id = :person",
    "UPDATE wallet_account SET user_id = user_id + 1 WHERE user_id = :person",
    "DELETE FROM wallet_account WHERE user_id = :person",
    "UPDATE wallet_transfer SET memo = 'x'",
    "DELETE FROM wallet_transfer",
    "UPDATE wallet_posting SET amount_minor = amount_minor + 1",
    "DELETE FROM wallet_posting",
    "UPDATE wallet_posting SET debit_account_id = credit_account_id",
    "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
    " SELECT transfer_id, debit_account_id, credit_account_id, 0, created_at FROM wallet_posting",
    "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
    " SELECT transfer_id, debit_account_id, debit_account_id, 1, created_at FROM wallet_posting",
    "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
    " SELECT transfer_id + 99, debit_account_id, credit_account_id, 1, created_at FROM wallet_posting",
    "INSERT INTO wallet_transfer (key, body_hash, kind, memo, created_at)"
    " SELECT key, body_hash, kind, memo, created_at FROM wallet_transfer",
)
SQLITE_BACK_DOORS = (
    "INSERT OR REPLACE INTO wallet_posting SELECT id, transfer_id, debit_account_id, credit_account_id, 1, created_at"
    " FROM wallet_posting",
    "INSERT OR REPLACE INTO wallet_transfer SELECT id + 9, key, '', kind, order_id, actor_id, memo, created_at"
    " FROM wallet_transfer",
    "UPDATE wallet_account SET balance_minor = 1.5",
    "UPDATE wallet_account SET balance_minor = 9223372036854775807 + 1",
    "UPDATE wallet_account SET balance_minor = 'much'",
)
POSTGRESQL_BACK_DOORS = ("TRUNCATE wallet_posting", "TRUNCATE wallet_transfer CASCADE")


@both_databases
def test_the_database_itself_refuses_what_the_code_would_never_do(bank: Bank, fingerprint: Callable[[], Any]) -> None:
    person = bank.person()
    bank.top_up(person, 500)
    before = fingerprint()
    back_doors = SQLITE_BACK_DOORS if bank.runtime.engines.is_sqlite else POSTGRESQL_BACK_DOORS
    for statement in (*FORBIDDEN, *back_doors):
        with pytest.raises(DBAPIError):
            bank.sql(statement, **({"person": person} if ":person" in statement else {}))
            pytest.fail(f"the database took: {statement}")
        assert fingerprint() == before, statement


@both_databases
def test_two_currencies_never_meet_in_a_posting(bank: Bank, in_session: Callable[[], Any]) -> None:
    person = bank.person()
    bank.top_up(person, 500)
    with pytest.raises(Refused) as refused, in_session() as session:
        post(session, "fact", "top_up", [Line(OUTSIDE, wallet_of(person, "USD"), 1)])
    assert refused.value.code == "currency"
    bank.sql("INSERT INTO wallet_account (kind, user_id, currency, balance_minor) VALUES ('available', :p, 'USD', 0)", p=person)
    with pytest.raises(DBAPIError):
        bank.sql(
            "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
            " SELECT transfer_id, debit_account_id, (SELECT id FROM wallet_account WHERE currency = 'USD'), 1, created_at"
            " FROM wallet_posting"
        )


@both_databases
def test_the_edge_of_64_bits_is_refused_before_it_is_passed(bank: Bank, in_session: Callable[[], Any]) -> None:
    person = bank.person()
    with in_session() as session:
        post(session, "all", "top_up", [Line(OUTSIDE, wallet_of(person), LARGEST)])
    assert bank.balances(person).available == LARGEST
    for amount in (1, LARGEST):
        with pytest.raises(Refused) as refused, in_session() as session:
            post(session, "more", "top_up", [Line(OUTSIDE, wallet_of(person), amount)])
        assert refused.value.code == "too_large"
    with pytest.raises(Refused) as refused, in_session() as session:
        post(session, "most", "top_up", [Line(OUTSIDE, wallet_of(person), LARGEST + 1)])
    assert refused.value.code == "too_large"
    assert bank.audit().ok


def test_only_whole_amounts_above_zero_are_booked(bank: Bank, in_session: Callable[[], Any]) -> None:
    person = bank.person()
    impossible: list[Any] = [0, -1, 1.0, True, "1", None]
    for amount in impossible:
        with pytest.raises(Refused) as refused, in_session() as session:
            post(session, "fact", "top_up", [Line(OUTSIDE, wallet_of(person), amount)])
        assert refused.value.code == "amount"


def test_a_transfer_has_lines_and_each_has_two_sides(bank: Bank, in_session: Callable[[], Any]) -> None:
    with pytest.raises(Refused, match="moves something"), in_session() as session:
        post(session, "fact", "top_up", [])
    with pytest.raises(Refused, match="one account to another"), in_session() as session:
        post(session, "fact", "top_up", [Line(OUTSIDE, OUTSIDE, 1)])


def test_money_that_only_passes_through_is_judged_by_what_is_left(bank: Bank, in_session: Callable[[], Any]) -> None:
    person, other = bank.person(), bank.person()
    lines = [Line(OUTSIDE, wallet_of(person), 500), Line(wallet_of(person), wallet_of(other), 500)]
    with in_session() as session:
        post(session, "fact", "top_up", lines)
    assert (bank.balances(person).available, bank.balances(other).available) == (0, 500)


def test_no_wallet_code_makes_a_float() -> None:
    import ast
    from pathlib import Path

    import gigneo.plugins.wallet as package

    for path in Path(package.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Name) and node.id == "float"), path
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not isinstance(node, ast.Div), path


def test_whatever_runs_first_is_the_one_transaction(bank: Bank) -> None:
    person = bank.person()
    bank.top_up(person, 500, "form")
    bank.top_up(person, 500, "form")
    with bank.runtime.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM wallet_transfer")).scalar() == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_transfer_looks_through_all_accounts(bank: Bank, in_session: Callable[[], Any]) -> None:
    employer, freelancer = bank.person(), bank.person()
    bank.top_up(employer, 50_000)
    order = bank.order(employer, freelancer, 10_000, employer_fee_minor=500)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and "wallet_account" in statement:
            asked.append((statement, values))

    event.listen(bank.runtime.engines.write, "before_cursor_execute", note)
    bank.pay(order)
    bank.complete(order)
    event.remove(bank.runtime.engines.write, "before_cursor_execute", note)
    assert len(asked) >= 3
    with in_session() as session:
        for statement, values in asked:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert not [row[3] for row in plan if row[3].startswith("SCAN")], statement
