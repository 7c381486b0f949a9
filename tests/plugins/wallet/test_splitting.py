"""The split rule: whatever is awarded, in how many steps, nothing is lost, and the platform keeps its exact share."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import Connection

from gigneo.plugins.wallet.audit_returns import RETURN_SPLIT
from gigneo.plugins.wallet.commission import share
from gigneo.plugins.wallet.splitting import Split, split
from gigneo.testing.fixtures import both_databases

from .conftest import Bank

LARGEST = 10**12


@st.composite
def agreed(draw: st.DrawFn) -> tuple[int, int, int]:
    """A price, a commission of it and a fee on top, as any rule may have made them."""
    price = draw(st.integers(1, LARGEST) | st.integers(1, 300))
    return price, draw(st.integers(0, price)), draw(st.integers(0, LARGEST) | st.integers(0, price))


@st.composite
def rated(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """A price, a percentage of it as the commission, a fee on top, and the percentage."""
    price, _, fee = draw(agreed())
    rate = draw(st.integers(0, 10_000))
    return price, share(price, rate), fee, rate


def awards(price: int) -> st.SearchStrategy[list[int]]:
    """Up to eight totals of what was awarded, each more than the one before."""
    return st.lists(st.integers(1, price), min_size=1, max_size=8, unique=True).map(sorted)


@given(agreed(), st.data())
def test_returned_payout_commission_and_fee_are_always_the_escrow(terms: tuple[int, int, int], data: st.DataObject) -> None:
    price, commission, fee = terms
    awarded = data.draw(st.integers(0, price))
    shares = split(price, commission, fee, awarded)
    parts = (shares.payout_minor, shares.commission_minor, shares.employer_fee_minor, shares.returned_minor)
    assert min(parts) >= 0
    assert sum(parts) == price + fee
    assert shares.returned_minor >= awarded


@given(agreed(), st.data())
def test_the_platform_keeps_its_exact_share_rounded_half_up_once(terms: tuple[int, int, int], data: st.DataObject) -> None:
    price, commission, fee = terms
    awarded = data.draw(st.integers(0, price))
    shares = split(price, commission, fee, awarded)
    for agreed_minor, kept in ((commission, shares.commission_minor), (fee, shares.employer_fee_minor)):
        exact = Fraction(agreed_minor * (price - awarded), price)
        assert exact - Fraction(1, 2) < kept <= exact + Fraction(1, 2)


@given(rated(), st.data())
def test_commission_is_taken_of_what_is_released_at_the_frozen_rate(
    terms: tuple[int, int, int, int], data: st.DataObject
) -> None:
    price, commission, fee, rate = terms
    awarded = data.draw(st.integers(0, price))
    shares = split(price, commission, fee, awarded, rate)
    exact = Fraction((price - awarded) * rate, 10_000)
    assert exact - Fraction(1, 2) < shares.commission_minor <= exact + Fraction(1, 2)
    parts = (shares.payout_minor, shares.commission_minor, shares.employer_fee_minor, shares.returned_minor)
    assert min(parts) >= 0
    assert sum(parts) == price + fee


@given(rated(), st.data())
def test_at_a_rate_too_each_further_award_takes_from_nobody_but_those_who_lose(
    terms: tuple[int, int, int, int], data: st.DataObject
) -> None:
    before = split(*terms[:3], 0, terms[3])
    for awarded in data.draw(awards(terms[0])):
        after = split(*terms[:3], awarded, terms[3])
        assert after.returned_minor > before.returned_minor
        assert after.payout_minor <= before.payout_minor
        assert after.commission_minor <= before.commission_minor
        before = after


@given(agreed(), st.data())
def test_no_further_award_takes_anything_from_the_employer_or_gives_it_to_others(
    terms: tuple[int, int, int], data: st.DataObject
) -> None:
    before = split(*terms, 0)
    assert before == Split(terms[0] - terms[1], terms[1], terms[2], 0)
    for awarded in data.draw(awards(terms[0])):
        after = split(*terms, awarded)
        assert after.returned_minor > before.returned_minor
        assert after.payout_minor <= before.payout_minor
        assert after.commission_minor <= before.commission_minor
        assert after.employer_fee_minor <= before.employer_fee_minor
        before = after


@pytest.mark.parametrize(
    ("price", "commission", "fee", "awarded", "expected"),
    [
        (10_000, 1_000, 300, 2_500, Split(6_750, 750, 225, 2_575)),
        (10_000, 1_000, 300, 10_000, Split(0, 0, 0, 10_300)),
        (2, 1, 1, 1, Split(0, 1, 1, 1)),  # half of one is rounded up, and the platform has it
        (3, 1, 1, 2, Split(1, 0, 0, 3)),
        (1, 0, 0, 1, Split(0, 0, 0, 1)),
        (100, 100, 0, 40, Split(0, 60, 0, 40)),
    ],
)
def test_orders_are_split_as_on_paper(price: int, commission: int, fee: int, awarded: int, expected: Split) -> None:
    assert split(price, commission, fee, awarded) == expected


@pytest.mark.parametrize(
    ("price", "commission", "rate", "awarded", "kept"),
    [
        (1_005, 101, 1_000, 1_000, 1),  # half of one is rounded up: 5 at 10 %
        (15, 2, 1_000, 1, 1),  # 14 at 10 % are 1.4; pro rata of the rounded 2 it would be 1.87
        (15, 3, 1_000, 1, 3),  # not what 10 % come to, so that a minimum was agreed: pro rata
    ],
)
def test_the_frozen_rate_decides_and_where_none_explains_the_commission_its_share(
    price: int, commission: int, rate: int, awarded: int, kept: int
) -> None:
    assert split(price, commission, 0, awarded, rate).commission_minor == kept


@pytest.mark.parametrize(
    "impossible", [(0, 0, 0, 0), (10, 11, 0, 1), (10, -1, 0, 1), (10, 1, -1, 1), (10, 1, 1, 11), (10, 1, 1, -1)]
)
def test_what_is_no_order_is_no_split(impossible: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="is no"):
        split(*impossible)


@both_databases
def test_the_audit_computes_the_rule_in_its_own_way_and_comes_to_the_same(bank: Bank) -> None:
    with bank.runtime.engines.write.connect() as connection:
        connection.execute(text(f"CREATE TEMPORARY TABLE wallet_order_terms (order_id BIGINT, number TEXT, {COLUMNS})"))

        @given(agreed().map(lambda terms: (*terms, 0)) | rated(), st.data())
        def compare(terms: tuple[int, int, int, int], data: st.DataObject) -> None:
            awarded = data.draw(st.integers(1, terms[0]))
            shares = split(*terms[:3], awarded, terms[3])
            back = (terms[1] - shares.commission_minor, terms[2] - shares.employer_fee_minor)
            assert found(connection, *terms, awarded, *back) == []
            for wrong in ((back[0] + 1, back[1]), (back[0], back[1] - 1)):
                assert found(connection, *terms, awarded, *wrong) == [(sum(back), sum(wrong))]

        compare()
        connection.rollback()


NAMES = (
    "price_minor", "commission_minor", "employer_fee_minor", "rate_basis_points", "awarded_minor", "commission_back_minor",
    "fee_back_minor",
)  # fmt: skip
COLUMNS = ", ".join(f"{name} BIGINT" for name in NAMES)


def found(connection: Connection, *amounts: int) -> list[tuple[int, int]]:
    """Let the audit judge one order that says this, in a table that stands before the real one in this connection."""
    values = dict(zip(NAMES, amounts, strict=True))
    connection.execute(text("DELETE FROM wallet_order_terms"))
    marks = ", ".join(f":{name}" for name in NAMES)
    connection.execute(text(f"INSERT INTO wallet_order_terms VALUES (1, '8000001', {marks})"), values)
    return [(expected, there) for _, expected, there in connection.execute(text(RETURN_SPLIT))]
