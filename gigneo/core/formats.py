"""How amounts, dates and counts look: one module, by the reader's locale and time zone.

Babel knows the rules; what it finds is prepared once per locale and kept, because a page shows the same few dates and
amounts again and again. Plain functions give text for sentences and mails; template filters give ``<time>`` elements.
"""

from collections.abc import Callable
from datetime import date as Date
from datetime import datetime as DateTime
from datetime import timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from flask import Flask, current_app, has_app_context
from markupsafe import Markup

from gigneo.core.amounts import LARGEST_MINOR, AmountError, parse_amount
from gigneo.core.current import SITE_KEY, current_runtime, present
from gigneo.core.locale_formats import aware, element, formats_of
from gigneo.core.translations import SOURCE, babel_context, gettext

if TYPE_CHECKING:
    from gigneo.core.site import Site


class Formatter:
    """Formats for one reader.

    Args:
        locale: the reader's language and region.
        zone: the reader's time zone.
        clock: gives the present, aware; relative times count from it.

    Attributes:
        language: the locale's name, as in ``pt_BR``.
    """

    def __init__(self, locale: Locale | str, zone: tzinfo, clock: Callable[[], DateTime] = present) -> None:
        self.locale: Final = Locale.parse(locale)
        self.zone: Final = zone
        self._clock: Final = clock
        self.language: Final = str(self.locale)
        self._of: Final = formats_of(self.language)

    def money(self, minor: int, currency: str) -> str:
        """Return an amount with its currency; ``minor`` is in the currency's minor unit."""
        return self._of.money(minor, currency)

    def date(self, when: DateTime | Date | None) -> str:
        """Return the day, as in 12 Nov 2026. ``None`` gives nothing, here and below."""
        if when is None:
            return ""
        return self._of.moment(when, self.zone).date if isinstance(when, DateTime) else self._of.date(when)

    def datetime(self, when: DateTime | None) -> str:
        """Return day and time."""
        return "" if when is None else self._of.moment(when, self.zone).both

    def time(self, when: DateTime | None) -> str:
        """Return the time of day."""
        return "" if when is None else self._of.moment(when, self.zone).time

    def relative(self, when: DateTime | None) -> str:
        """Return how far away something is in its largest unit, as in “in 3 days” or “2 hours ago”; never more than it is."""
        if when is None:
            return ""
        minutes = _minutes(aware(when) - self._clock())
        return self._of.relative(minutes) if minutes else gettext("just now")

    def span(self, length: timedelta) -> str:
        """Return how long something takes, in its two largest units, as in “2 days 21 hours”; never negative."""
        return self._of.span(max(0, _minutes(length)))

    def count(self, number: int) -> str:
        """Return a whole number with the locale's group signs."""
        return self._of.count(number)

    def size(self, length_bytes: int) -> str:
        """Return the size of a file, as in 4.1 MB (a megabyte is 1,000,000 bytes)."""
        return self._of.size(length_bytes)

    def percent(self, ratio: Decimal | Fraction | float, decimals: int = 1) -> str:
        """Return a ratio as a percentage with at most so many decimals: 0.125 gives 12.5 %."""
        if isinstance(ratio, Fraction):
            ratio = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        return self._of.percent(Decimal(str(ratio)), decimals)

    def decimal(self, number: Decimal | Fraction, decimals: int = 1) -> str:
        """Return a number with exactly so many decimals: 14/3 gives 4.7."""
        if isinstance(number, Fraction):
            number = Decimal(number.numerator) / Decimal(number.denominator)
        return self._of.decimal(number, decimals)

    def date_element(self, when: DateTime | Date | None) -> Markup:
        """Return the day as a ``<time>`` element whose title is the exact time."""
        if when is None:
            return Markup("")
        if not isinstance(when, DateTime):
            return element(when.isoformat(), "", self.date(when))
        return self._of.moment(when, self.zone).date_element

    def datetime_element(self, when: DateTime | None) -> Markup:
        """Return day and time as a ``<time>`` element."""
        return Markup("") if when is None else self._of.moment(when, self.zone).both_element

    def time_element(self, when: DateTime | None) -> Markup:
        """Return the time of day as a ``<time>`` element whose title is day and time."""
        return Markup("") if when is None else self._of.moment(when, self.zone).time_element

    def relative_element(self, when: DateTime | None) -> Markup:
        """Return how far away something is as a ``<time>`` element whose title is the exact time."""
        if when is None:
            return Markup("")
        exact = self._of.moment(when, self.zone)
        return element(exact.iso, exact.both, self.relative(when))


def _minutes(length: timedelta) -> int:
    """Return a length in whole minutes, the nearest: all that spans and relative times are made from."""
    return round(length.total_seconds() / 60)


_OUTSIDE: Final = Formatter(SOURCE, ZoneInfo("UTC"))


def current() -> Formatter:
    """Return the formatter of the running request, task or command; outside of all, English in UTC."""
    context = babel_context()
    bound: Formatter | None = getattr(context, "gigneo_formatter", None)
    if bound is not None and bound.locale is getattr(context, "babel_locale", None):
        return bound
    if not has_app_context() or "babel" not in current_app.extensions:
        return _OUTSIDE
    clock = current_runtime().clock.now if SITE_KEY in current_app.extensions else present
    made = Formatter(flask_babel.get_locale() or SOURCE, flask_babel.get_timezone(), clock)
    context = babel_context()
    if context is not None:
        context.gigneo_formatter = made
    return made


def money(minor: int, currency: str | None = None) -> str:
    """Return an amount in minor units with its currency; without one, the site's."""
    return current().money(minor, currency or _site_currency())


def date(when: DateTime | Date | None) -> str:
    """Return the day in the reader's time zone."""
    return current().date(when)


def datetime(when: DateTime | None) -> str:
    """Return day and time in the reader's time zone."""
    return current().datetime(when)


def time(when: DateTime | None) -> str:
    """Return the time of day in the reader's time zone."""
    return current().time(when)


def relative(when: DateTime | None) -> str:
    """Return how far away something is."""
    return current().relative(when)


def span(length: timedelta) -> str:
    """Return how long something takes, in its two largest units."""
    return current().span(length)


def count(number: int) -> str:
    """Return a whole number with group signs."""
    return current().count(number)


def size(length_bytes: int) -> str:
    """Return the size of a file."""
    return current().size(length_bytes)


def percent(ratio: Decimal | Fraction | float, decimals: int = 1) -> str:
    """Return a ratio as a percentage."""
    return current().percent(ratio, decimals)


def decimal(number: Decimal | Fraction, decimals: int = 1) -> str:
    """Return a number with exactly so many decimals."""
    return current().decimal(number, decimals)


def _site_currency() -> str:
    from gigneo.core.current import current_site

    return current_site().currency


def install(app: Flask, site: "Site | None" = None) -> None:
    """Give an application's templates the filters money, date, datetime, time, relative, span, count, filesize, percent, decimal.

    Args:
        app: the application.
        site: unused but for symmetry with the other installers; the formats follow the reader.
    """
    app.jinja_env.filters.update(
        money=money, span=span, count=count, filesize=size, percent=percent,
        decimal=decimal,
        date=lambda when: current().date_element(when), datetime=lambda when: current().datetime_element(when),
        time=lambda when: current().time_element(when), relative=lambda when: current().relative_element(when),
    )  # fmt: skip


__all__ = [
    "LARGEST_MINOR", "AmountError", "Formatter", "count", "current", "date", "datetime", "decimal", "install", "money",
    "parse_amount", "percent", "relative", "size", "span", "time",
]  # fmt: skip
