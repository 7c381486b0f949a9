"""What the platform takes: a percentage of the price, and a percentage on top of it for the employer.

Rates are basis points (hundredths of a percent). Each amount is rounded half-up, once, when the order is placed; the
order keeps the amounts, so that a later change of the rates doesn't touch it.
"""

from typing import Final

from gigneo.hooks import CommissionQuote

WHOLE: Final = 10_000
"""All of it, in basis points."""


def share(amount_minor: int, rate_basis_points: int) -> int:
    """Return a part of an amount, rounded half-up.

    Args:
        amount_minor: 0 or more.
        rate_basis_points: 0 to 10,000.

    Raises:
        ValueError: an argument is out of its range.
    """
    if amount_minor < 0 or not 0 <= rate_basis_points <= WHOLE:
        raise ValueError(f"{rate_basis_points} basis points of {amount_minor} is no share.")
    return (2 * amount_minor * rate_basis_points + WHOLE) // (2 * WHOLE)


def quote(price_minor: int, commission_rate: int, employer_fee_rate: int) -> CommissionQuote:
    """Return what the platform takes for a price.

    Args:
        price_minor: the agreed price.
        commission_rate: what is kept of the price, in basis points.
        employer_fee_rate: what the employer pays on top, in basis points.
    """
    return CommissionQuote(
        commission_minor=share(price_minor, commission_rate),
        employer_fee_minor=share(price_minor, employer_fee_rate),
        rate_basis_points=commission_rate,
    )
