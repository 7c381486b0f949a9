"""Amounts that people type: exact, or refused with a reason. No float is ever made of money."""

import re
from typing import Final

from babel import Locale
from babel.numbers import get_currency_precision, get_decimal_symbol, get_group_symbol

from gigneo.core.refusals import Refused
from gigneo.core.translations import gettext as _

LARGEST_MINOR: Final = 2**63 - 1
_LONGEST: Final = 40
_SPACES: Final = "\u0020\u00a0\u202f\u2009"
_APOSTROPHES: Final = "'\u2019"


class AmountError(Refused, ValueError):
    """What was typed is no amount; the reason says how to write one."""


def parse_amount(text: str | None, currency: str, locale: Locale | str = "en") -> int:
    """Read an amount as people of a locale write it.

    Args:
        text: what was typed: digits, the locale's decimal sign, and its group sign in the right places or not at all.
        currency: ISO 4217; it says how many decimals there may be.
        locale: whose signs are meant.

    Returns:
        The amount in minor units, exact.

    Raises:
        AmountError: anything else: signs, exponents, other digits, too many decimals, too large.
    """
    locale = Locale.parse(locale)
    decimals = get_currency_precision(currency)
    typed = (text or "").strip(_SPACES + "\t\r\n")
    if not typed:
        raise AmountError(_("Type an amount, as in %(example)s.", example=_example(decimals, locale)), "amount_missing")
    whole, sign, part = typed.partition(get_decimal_symbol(locale))
    whole = _ungrouped(whole, locale)
    if len(typed) > _LONGEST or not _digits(whole) or (sign and not _digits(part)):
        told = {"typed": typed[:_LONGEST], "example": _example(decimals, locale)}
        raise AmountError(_("“%(typed)s” is not an amount. Write it as in %(example)s.", **told), "amount_unreadable")
    if len(part) > decimals:
        told = {"typed": typed, "currency": currency, "decimals": str(decimals)}
        raise AmountError(_("%(currency)s has %(decimals)s decimals, and “%(typed)s” has more.", **told), "amount_too_exact")
    minor = int(whole + part.ljust(decimals, "0"))
    if minor > LARGEST_MINOR:
        raise AmountError(_("“%(typed)s” is more than can be counted here.", typed=typed), "amount_too_large")
    return minor


def _ungrouped(whole: str, locale: Locale) -> str:
    """Take the group signs out; what is not grouped as the locale groups stays as it is, and is no number then."""
    group = get_group_symbol(locale)
    signs = _SPACES if group in _SPACES else _APOSTROPHES if group in _APOSTROPHES else group
    first, *others = re.split(f"[{re.escape(signs)}]", whole)
    if not others or not _digits(first) or not all(map(_digits, others)):
        return whole
    thousands = len(first) <= 3 and all(len(each) == 3 for each in others)
    by_two = locale.decimal_formats[None].grouping[1] == 2
    lakhs = by_two and len(first) <= 2 and len(others[-1]) == 3 and all(len(each) == 2 for each in others[:-1])
    return "".join((first, *others)) if thousands or lakhs else whole


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _example(decimals: int, locale: Locale) -> str:
    return f"12{get_decimal_symbol(locale)}{'50'.ljust(decimals, '0')[:decimals]}" if decimals else "1250"
