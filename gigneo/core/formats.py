"""How amounts, dates and counts look: one module, by the reader's locale and time zone.

Babel knows the rules; what it finds is prepared once per locale and kept, because a page shows the same few dates and
amounts again and again. Plain functions give text for sentences and mails; template filters give ``<time>`` elements.
"""

from collections.abc import Callable
from copy import copy
from datetime import UTC, timedelta, tzinfo
from datetime import date as Date
from datetime import datetime as DateTime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale, dates, numbers, units
from flask import Flask
from markupsafe import Markup

from gigneo.core.amounts import LARGEST_MINOR, AmountError, parse_amount
from gigneo.core.current import present
from gigneo.core.translations import SOURCE, babel_context, gettext

if TYPE_CHECKING:
    from gigneo.core.site import Site

_Length = Literal["long", "short", "narrow"]
_SIZE_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_NOW_SECONDS: Final = 60
_SPAN_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


class Formatter:
    """Formats for one reader.

    Args:
        locale: the reader's language and region.
        zone: the reader's time zone.
        clock: gives the present, aware; relative times count from it.
    """

    def __init__(self, locale: Locale | str, zone: tzinfo, clock: Callable[[], DateTime] = present) -> None:
        self.locale: Final = Locale.parse(locale)
        self.zone: Final = zone
        self._clock: Final = clock
        self._of: Final = _prepared(str(self.locale))

    def money(self, minor: int, currency: str) -> str:
        """Return an amount with its currency; ``minor`` is in the currency's minor unit."""
        return self._of.money(minor, currency)

    def date(self, when: DateTime | Date | None) -> str:
        """Return the day, as in 12 Nov 2026. ``None`` gives nothing, here and below."""
        return "" if when is None else self._of.date(self._day(when))

    def datetime(self, when: DateTime | None) -> str:
        """Return day and time."""
        if when is None:
            return ""
        local = _aware(when).astimezone(self.zone)
        return self._of.both(self._of.date(local.date()), self._of.time(local.hour * 60 + local.minute))

    def time(self, when: DateTime | None) -> str:
        """Return the time of day."""
        if when is None:
            return ""
        local = _aware(when).astimezone(self.zone)
        return self._of.time(local.hour * 60 + local.minute)

    def relative(self, when: DateTime | None) -> str:
        """Return how far away something is, as in “in 3 days” or “2 hours ago”."""
        if when is None:
            return ""
        seconds = (_aware(when) - self._clock()).total_seconds()
        return gettext("just now") if abs(seconds) < _NOW_SECONDS else self._of.relative(_coarse(seconds))

    def span(self, length: timedelta) -> str:
        """Return how long something takes, in its two largest units, as in “2 days 21 hours”; never negative."""
        return self._of.span(max(0, int(length.total_seconds()) // 60))

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

    def date_element(self, when: DateTime | Date | None) -> Markup:
        """Return the day as a ``<time>`` element whose title is the exact time."""
        if when is None or not isinstance(when, DateTime):
            return Markup("") if when is None else _element(when.isoformat(), "", self.date(when))
        return _element(_iso(when), self.datetime(when), self.date(when))

    def datetime_element(self, when: DateTime | None) -> Markup:
        """Return day and time as a ``<time>`` element."""
        return Markup("") if when is None else _element(_iso(when), "", self.datetime(when))

    def time_element(self, when: DateTime | None) -> Markup:
        """Return the time of day as a ``<time>`` element whose title is day and time."""
        return Markup("") if when is None else _element(_iso(when), self.datetime(when), self.time(when))

    def relative_element(self, when: DateTime | None) -> Markup:
        """Return how far away something is as a ``<time>`` element whose title is the exact time."""
        return Markup("") if when is None else _element(_iso(when), self.datetime(when), self.relative(when))

    def _day(self, when: DateTime | Date) -> Date:
        return _aware(when).astimezone(self.zone).date() if isinstance(when, DateTime) else when


class _Prepared:
    """What Babel says about one locale, made once; every function keeps what it made."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._decimal, self._group = numbers.get_decimal_symbol(locale), numbers.get_group_symbol(locale)
        self._groups = locale.decimal_formats[None].grouping
        self._both = str(dates.get_datetime_format("medium", locale=locale)).replace("'", "")
        self._currencies: dict[str, tuple[int, int, tuple[str, str], tuple[str, str]]] = {}
        self.money = lru_cache(maxsize=4096)(self._money)
        self.date = lru_cache(maxsize=4096)(lambda day: dates.format_date(day, "medium", locale=locale))
        self.time = lru_cache(maxsize=1440)(lambda minute: dates.format_time(_at(minute), "short", locale=locale))
        self.relative = lru_cache(maxsize=2048)(
            lambda seconds: dates.format_timedelta(timedelta(seconds=seconds), "minute", add_direction=True, locale=locale)
        )
        self.span = lru_cache(maxsize=2048)(self._span)
        self.count = lru_cache(maxsize=2048)(self._count)
        self.size = lru_cache(maxsize=2048)(self._size)
        self.percent = lru_cache(maxsize=2048)(self._percent)

    def both(self, day: str, time: str) -> str:
        return self._both.replace("{1}", day).replace("{0}", time)

    def _money(self, minor: int, currency: str) -> str:
        found = self._currencies.get(currency)
        if found is None:
            found = self._currencies[currency] = self._prepare(currency)
        decimals, unit, before, after = found
        whole, part = divmod(abs(minor), unit)
        text = self._grouped(whole, self._locale.currency_formats["standard"].grouping)
        if decimals:
            text += f"{self._decimal}{part:0{decimals}d}"
        negative = minor < 0
        return before[negative] + text + after[negative]

    def _prepare(self, currency: str) -> tuple[int, int, tuple[str, str], tuple[str, str]]:
        """Let Babel write the currency around a zero, and keep what stands before and after it."""
        decimals = numbers.get_currency_precision(currency)
        zero = f"0{self._decimal}{'0' * decimals}" if decimals else "0"
        one = f"1{self._decimal}{'0' * decimals}" if decimals else "1"
        plus = numbers.format_currency(0, currency, locale=self._locale).split(zero)
        minus = numbers.format_currency(-1, currency, locale=self._locale).split(one)
        return decimals, 10**decimals, (plus[0], minus[0]), (plus[1], minus[1])

    def _grouped(self, whole: int, sizes: tuple[int, int]) -> str:
        text = str(whole)
        first, rest = sizes
        if len(text) <= first:
            return text
        pieces = [text[-first:]]
        text = text[:-first]
        while text:
            pieces.append(text[-rest:])
            text = text[:-rest]
        return self._group.join(reversed(pieces))

    def _count(self, number: int) -> str:
        return ("-" if number < 0 else "") + self._grouped(abs(number), self._groups)

    def _size(self, length_bytes: int) -> str:
        value, step = Decimal(length_bytes), 0
        while value >= Decimal("999.5") and step < len(_SIZE_UNITS) - 1:
            value, step = value / 1000, step + 1
        shown = value.quantize(Decimal("0.1") if step and value < 10 else Decimal(1))
        return self._measured(shown, f"digital-{_SIZE_UNITS[step]}", "short" if step else "long")

    def _percent(self, ratio: Decimal, decimals: int) -> str:
        pattern = copy(self._locale.percent_formats[None])
        pattern.frac_prec = (0, decimals)
        return str(pattern.apply(ratio, self._locale))

    def _span(self, minutes: int) -> str:
        left = minutes * 60
        told: list[str] = []
        for unit, seconds in _SPAN_UNITS:
            number, left = divmod(left, seconds)
            if number or (unit == "minute" and not told):
                told.append(self._measured(number, f"duration-{unit}", "long"))
        return " ".join(told[:2])

    def _measured(self, number: Decimal | int, unit: str, length: "_Length") -> str:
        """Write a number with its unit; where Babel lacks the wanted length for a plural form, in a shorter one."""
        lengths: tuple[_Length, ...] = (length, "short", "narrow")
        for each in lengths:
            text = units.format_unit(number, unit, each, locale=self._locale)
            if unit not in text:
                return text
        return f"{self._count(int(number))} {unit.partition('-')[2]}"


@lru_cache(maxsize=128)
def _prepared(locale: str) -> _Prepared:
    return _Prepared(Locale.parse(locale))


def _at(minute_of_day: int) -> DateTime:
    return DateTime(2000, 1, 1, *divmod(minute_of_day, 60), tzinfo=UTC)


def _aware(when: DateTime) -> DateTime:
    if when.tzinfo is None:
        raise ValueError(f"{when!r} has no time zone; times are kept aware.")
    return when


def _coarse(seconds: float) -> int:
    """Cut what nobody sees, so that what was made can be found again: minutes in an hour, then tens of minutes, then hours."""
    step = 60 if abs(seconds) < 3_600 else 600 if abs(seconds) < 86_400 else 3_600
    return int(seconds // step * step)


def _iso(when: DateTime) -> str:
    return _aware(when).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def _element(iso: str, title: str, text: str) -> Markup:
    if title and title != text:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, title, text)
    return Markup('<time datetime="{}">{}</time>').format(iso, text)


_OUTSIDE: Final = Formatter(SOURCE, ZoneInfo("UTC"))


def current() -> Formatter:
    """Return the formatter of the running request, task or command; outside of all, English in UTC."""
    context = babel_context()
    bound: Formatter | None = getattr(context, "gigneo_formatter", None)
    if bound is not None and bound.locale is getattr(context, "babel_locale", None):
        return bound
    locale = flask_babel.get_locale() if context is not None or _in_application() else None
    if locale is None:
        return _OUTSIDE
    context = babel_context()
    made = Formatter(locale, flask_babel.get_timezone())
    if context is not None:
        context.gigneo_formatter = made
    return made


def _in_application() -> bool:
    from flask import current_app, has_app_context

    return has_app_context() and "babel" in current_app.extensions


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


def _site_currency() -> str:
    from gigneo.core.current import current_site

    return current_site().currency


def install(app: Flask, site: "Site | None" = None) -> None:
    """Give an application's templates the filters money, date, datetime, time, relative, span, count, filesize, percent.

    Args:
        app: the application.
        site: unused but for symmetry with the other installers; the formats follow the reader.
    """
    app.jinja_env.filters.update(
        money=money, span=span, count=count, filesize=size, percent=percent,
        date=lambda when: current().date_element(when), datetime=lambda when: current().datetime_element(when),
        time=lambda when: current().time_element(when), relative=lambda when: current().relative_element(when),
    )  # fmt: skip


__all__ = [
    "LARGEST_MINOR", "AmountError", "Formatter", "count", "current", "date", "datetime", "install", "money", "parse_amount",
    "percent", "relative", "size", "span", "time",
]  # fmt: skip
