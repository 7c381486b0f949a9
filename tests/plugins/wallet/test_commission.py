"""What the platform takes, for every price and rate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigneo.plugins.wallet.commission import quote, share

prices = st.integers(1, 10**12)
rates = st.integers(0, 10_000)


@given(prices, rates, rates)
def test_payout_commission_and_fee_are_what_the_employer_pays(price: int, rate: int, fee_rate: int) -> None:
    quoted = quote(price, rate, fee_rate)
    payout = price - quoted.commission_minor
    assert payout >= 0
    assert quoted.commission_minor >= 0
    assert quoted.employer_fee_minor >= 0
    assert payout + quoted.commission_minor + quoted.employer_fee_minor == price + quoted.employer_fee_minor
    assert quoted.rate_basis_points == rate


@given(prices, rates)
def test_a_share_is_the_exact_one_rounded_half_up_once(price: int, rate: int) -> None:
    exact = Fraction(price * rate, 10_000)
    assert exact - Fraction(1, 2) < share(price, rate) <= exact + Fraction(1, 2)


@pytest.mark.parametrize(
    ("price", "rate", "expected"),
    [(5, 1000, 1), (4, 1000, 0), (15, 1000, 2), (14, 1000, 1), (1, 5000, 1), (1, 4999, 0), (10**12, 10_000, 10**12), (1, 0, 0)],
)
def test_half_a_unit_is_rounded_up(price: int, rate: int, expected: int) -> None:
    assert share(price, rate) == expected


@pytest.mark.parametrize(("amount", "rate"), [(-1, 100), (100, -1), (100, 10_001)])
def test_what_is_no_share_is_no_amount(amount: int, rate: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        share(amount, rate)
