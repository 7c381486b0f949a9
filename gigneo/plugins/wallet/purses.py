"""Where the money of one order is, and what each side has of it in the end."""

from dataclasses import dataclass
from datetime import datetime

from gigneo.plugins.wallet.splitting import Split, split


@dataclass(frozen=True, slots=True)
class OrderPurse:
    """Where the money of a paid order is.

    Attributes:
        price_minor: the agreed price.
        employer_fee_minor: what the employer paid on top.
        commission_minor: what was agreed that the platform keeps of the price.
        rate_basis_points: the frozen percentage behind it.
        awarded_minor: the part of the price that an administrator gave back while it was clearing.
        commission_back_minor: what the platform gave back of its commission for that.
        fee_back_minor: what the platform gave back of the employer's fee for that.
        escrow_minor: in escrow now.
        clearing_minor: in clearing now.
        paid_at: when it was paid.
        released_at: when it left escrow for the freelancer.
        clears_at: when clearing ends.
        settled_at: when the last of it reached a person.
    """

    price_minor: int
    employer_fee_minor: int
    commission_minor: int
    rate_basis_points: int
    awarded_minor: int
    commission_back_minor: int
    fee_back_minor: int
    escrow_minor: int
    clearing_minor: int
    paid_at: datetime
    released_at: datetime | None
    clears_at: datetime | None
    settled_at: datetime | None

    @property
    def total_minor(self) -> int:
        """What the employer paid."""
        return self.price_minor + self.employer_fee_minor

    @property
    def payout_minor(self) -> int:
        """What the freelancer gets in the end."""
        return self.price_minor - self.awarded_minor - self.commission_kept_minor

    @property
    def commission_kept_minor(self) -> int:
        """What the platform keeps of the price in the end."""
        return self.commission_minor - self.commission_back_minor

    @property
    def fee_kept_minor(self) -> int:
        """What the platform keeps of the employer's fee in the end."""
        return self.employer_fee_minor - self.fee_back_minor

    @property
    def platform_minor(self) -> int:
        """What the platform has of it now, commission and fee."""
        return self.commission_kept_minor + self.fee_kept_minor if self.released_at is not None else 0

    @property
    def paid_out_minor(self) -> int:
        """What has reached the freelancer's wallet."""
        return self.payout_minor if self.released_at is not None and self.settled_at is not None else 0

    @property
    def refunded_minor(self) -> int:
        """What went back to the employer: everything when the order was cancelled, else what was given back of it."""
        cancelled = self.released_at is None and self.settled_at is not None
        return self.total_minor if cancelled else self.awarded_minor + self.fee_back_minor

    @property
    def refundable_minor(self) -> int:
        """How much of the price an administrator can still give back; 0 when nothing of it is clearing."""
        clearing = self.released_at is not None and self.settled_at is None
        return self.price_minor - self.awarded_minor if clearing else 0

    def split_after(self, amount_minor: int) -> Split:
        """Return how the whole would be shared out once an administrator gives a further part of the price back.

        Args:
            amount_minor: the part, from 0 to ``refundable_minor``.

        Raises:
            ValueError: it is no such part.
        """
        if not 0 <= amount_minor <= self.refundable_minor:
            raise ValueError(f"{amount_minor} of {self.refundable_minor} can't be given back.")
        agreed = (self.price_minor, self.commission_minor, self.employer_fee_minor)
        return split(*agreed, self.awarded_minor + amount_minor, self.rate_basis_points)
