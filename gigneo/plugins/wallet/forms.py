"""The wallet's forms: topping up, and the operator's choices. Numbers are exact or refused; none ever is a float."""

import re
from typing import Final

from babel.numbers import get_currency_precision, get_decimal_symbol
from wtforms import Field, ValidationError
from wtforms.validators import InputRequired

from gigneo.api import ExactField, Form, Refused, WholeNumberField, currency, fmt, gettext, parse_amount
from gigneo.api import lazy_gettext as _l
from gigneo.plugins.wallet.commission import WHOLE

_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")
LONGEST_CLEARING: Final = 365


class AmountField(ExactField):
    """An amount of the site's currency, in minor units."""

    def read(self, typed: str) -> int:
        """Read an amount in the person's own way of writing numbers."""
        try:
            return parse_amount(typed, currency(), fmt.current().locale)
        except Refused as refusal:
            raise ValueError(str(refusal)) from None

    def show(self, number: int) -> str:
        """Write the amount without its currency."""
        decimals = get_currency_precision(currency())
        whole, part = divmod(number, 10**decimals)
        return f"{whole}{get_decimal_symbol(fmt.current().locale)}{part:0{decimals}d}" if decimals else str(whole)


class PercentField(ExactField):
    """A percentage with up to two decimals, in basis points."""

    def read(self, typed: str) -> int:
        """Read a percentage from 0 to 100."""
        match = _PERCENT.fullmatch(typed)
        rate = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else WHOLE + 1
        if rate > WHOLE:
            raise ValueError(gettext("Write a percentage from 0 to 100 with at most two decimals, such as 12.5."))
        return rate

    def show(self, number: int) -> str:
        """Write the percentage without needless zeros."""
        return f"{number // 100}.{number % 100:02d}".rstrip("0").rstrip(".")


class TopUpForm(Form):
    """How much money to bring in."""

    amount = AmountField(_l("Amount"), [InputRequired(_l("Say how much."))])


class WalletSettings(Form):
    """The operator's choices about money. They hold for what is placed after; orders keep the terms they were placed with."""

    commission_rate = PercentField(
        _l("Commission, in percent"),
        [InputRequired(_l("Say how much; 0 takes nothing."))],
        default=1000,
        description=_l("What the platform keeps of the price of each order."),
    )
    employer_fee_rate = PercentField(
        _l("Employer's fee, in percent"),
        [InputRequired(_l("Say how much; 0 takes nothing."))],
        default=0,
        description=_l("What the employer pays on top of the price. It goes back when the order is cancelled."),
    )
    clearing_days = WholeNumberField(
        _l("Clearing, in days"),
        least=0,
        most=LONGEST_CLEARING,
        missing=_l("Say how many; 0 pays out at once."),
        default=3,
        description=_l("How long the freelancer's payout waits after approval before it can be spent."),
    )
    top_up_min = AmountField(_l("Least top-up"), [InputRequired(_l("Say how much."))], default=100)
    top_up_max = AmountField(_l("Largest top-up"), [InputRequired(_l("Say how much."))], default=1_000_000)

    def validate_top_up_max(self, field: Field) -> None:
        """The largest top-up is not below the least."""
        least = self.top_up_min.data
        if field.data is not None and least is not None and field.data < least:
            raise ValidationError(gettext("This is less than the least top-up."))
