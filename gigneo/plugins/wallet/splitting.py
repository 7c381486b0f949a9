"""The split rule: who has what of an order's money once a part of its price is awarded to the employer.

Commission is taken on the released part at the frozen rate, and the employer's fee is kept pro rata; each is rounded
half-up, once, and the remainder is the employer's. A commission that no percentage explains (a fixed one, a minimum, a
maximum) is kept pro rata as well. It is computed from the whole award, never from its parts, so that several refunds come
to the same as one.
"""

from dataclasses import dataclass

from gigneo.plugins.wallet.commission import share


@dataclass(frozen=True, slots=True)
class Split:
    """An order's escrow, shared out, in minor units. The four shares are together what the employer paid.

    Attributes:
        payout_minor: what the freelancer gets.
        commission_minor: what the platform keeps of the released part.
        employer_fee_minor: what the platform keeps of the employer's fee.
        returned_minor: what the employer has back: the awarded part of the price, and the fee on it.
    """

    payout_minor: int
    commission_minor: int
    employer_fee_minor: int
    returned_minor: int


def split(
    price_minor: int, commission_minor: int, employer_fee_minor: int, awarded_minor: int, rate_basis_points: int = 0
) -> Split:
    """Share an order's escrow out between the employer, the freelancer and the platform.

    Args:
        price_minor: the agreed price, at least 1.
        commission_minor: what was agreed to be kept of the whole price, at most the price.
        employer_fee_minor: what the employer paid on top.
        awarded_minor: the part of the price that goes back to the employer, in total; 0 is an order without a refund.
        rate_basis_points: the frozen percentage behind the commission; 0 where no percentage is.

    Raises:
        ValueError: an argument is out of its range.
    """
    if not (0 <= commission_minor <= price_minor and 0 <= awarded_minor <= price_minor and price_minor > 0):
        raise ValueError(f"{awarded_minor} of {price_minor} with a commission of {commission_minor} is no split.")
    if employer_fee_minor < 0:
        raise ValueError(f"{employer_fee_minor} is no fee.")
    released = price_minor - awarded_minor
    by_rate = commission_minor == share(price_minor, rate_basis_points)
    commission = share(released, rate_basis_points) if by_rate else _pro_rata(commission_minor, released, price_minor)
    fee = _pro_rata(employer_fee_minor, released, price_minor)
    return Split(released - commission, commission, fee, awarded_minor + employer_fee_minor - fee)


def _pro_rata(amount_minor: int, part: int, whole: int) -> int:
    """Return the share of an amount that a part of the whole has, rounded half-up."""
    return (2 * amount_minor * part + whole) // (2 * whole)
