"""What Babel says about one locale, made once and kept: a page shows the same few dates and amounts again and again."""

from copy import copy
from datetime import UTC, timedelta, tzinfo
from datetime import datetime as DateTime
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from babel import Locale, dates, numbers, units
from markupsafe import Markup

_Length = Literal["long", "short", "narrow"]
_SIZE_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_AWAY: Final = (365 * 86_400, 30 * 86_400, 86_400, 3_600, 60)
"""Years, months, days, hours, minutes, in seconds. No weeks: ten days are nearer to what a deadline means than one week."""
_SPAN_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


class Moment(NamedTuple):
    """One instant in one zone, in every way in which it is shown."""

    iso: str
    date: str
    time: str
    both: str
    date_element: Markup
    time_element: Markup
    both_element: Markup


class LocaleFormats:
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
        self.moment = lru_cache(maxsize=4096)(self._moment)
        self._relative = lru_cache(maxsize=2048)(
            lambda number, seconds: dates.format_timedelta(
                timedelta(seconds=number * seconds), threshold=abs(number), add_direction=True, locale=locale
            )
        )
        self.span = lru_cache(maxsize=2048)(self._span)
        self.count = lru_cache(maxsize=2048)(self._count)
        self.size = lru_cache(maxsize=2048)(self._size)
        self.percent = lru_cache(maxsize=2048)(self._percent)
        self.decimal = lru_cache(maxsize=2048)(self._fixed)

    def _moment(self, when: DateTime, zone: tzinfo) -> Moment:
        local, iso = aware(when).astimezone(zone), _iso(when)
        date, time = self.date(local.date()), self.time(local.hour * 60 + local.minute)
        both = self._both.replace("{1}", date).replace("{0}", time)
        elements = element(iso, both, date), element(iso, both, time), element(iso, "", both)
        return Moment(iso, date, time, both, *elements)

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

    def _fixed(self, number: Decimal, decimals: int) -> str:
        pattern = copy(self._locale.decimal_formats[None])
        pattern.frac_prec = (decimals, decimals)
        return str(pattern.apply(number, self._locale))

    def _span(self, minutes: int) -> str:
        left = minutes * 60
        told: list[str] = []
        for unit, seconds in _SPAN_UNITS:
            number, left = divmod(left, seconds)
            if number or (unit == "minute" and not told):
                told.append(self._measured(number, f"duration-{unit}", "long"))
        return " ".join(told[:2])

    def relative(self, minutes: int) -> str:
        """Return how far away something is, in its largest unit, cut as in spans: 47 hours are one day."""
        away = abs(minutes) * 60
        seconds = next(seconds for seconds in _AWAY if away >= seconds or seconds == 60)
        number = away // seconds
        return str(self._relative(number if minutes > 0 else -number, seconds))

    def _measured(self, number: Decimal | int, unit: str, length: "_Length") -> str:
        """Write a number with its unit; where Babel lacks the wanted length for a plural form, in a shorter one."""
        lengths: tuple[_Length, ...] = (length, "short", "narrow")
        for each in lengths:
            text = units.format_unit(number, unit, each, locale=self._locale)
            if unit not in text:
                return text
        return f"{self._count(int(number))} {unit.partition('-')[2]}"


@lru_cache(maxsize=128)
def formats_of(locale: str) -> LocaleFormats:
    """Return the formats of a locale, as in ``pt_BR``."""
    return LocaleFormats(Locale.parse(locale))


def _at(minute_of_day: int) -> DateTime:
    return DateTime(2000, 1, 1, *divmod(minute_of_day, 60), tzinfo=UTC)


def _iso(when: DateTime) -> str:
    return aware(when).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def element(iso: str, title: str, text: str) -> Markup:
    """Return a ``<time>`` element, with a title where it says more than the text."""
    if title and title != text:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, title, text)
    return Markup('<time datetime="{}">{}</time>').format(iso, text)


def aware(when: DateTime) -> DateTime:
    """Return ``when``, and refuse a time without a zone."""
    if when.tzinfo is None:
        raise ValueError(f"{when!r} has no time zone; times are kept aware.")
    return when
