"""Dates, amounts and small pieces of HTML for the limit, in English and UTC only; what was made once is kept."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape
from typing import NamedTuple

from babel.numbers import format_currency
from markupsafe import Markup

from gigneo.core.text import markdown

remember = lru_cache(maxsize=4096)
prose = remember(markdown)
text = remember(lambda value: escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"))


class Moment(NamedTuple):
    """A time in the ways in which pages write it."""

    at: datetime
    iso: str
    both: str
    date: str
    day: str
    exact: str


@remember
def moment(stored: str | datetime) -> Moment:
    """Read a time as SQLite keeps it, or as PostgreSQL gives it."""
    at = (stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)).replace(tzinfo=UTC)
    iso = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    day = f"{at:%b} {at.day}, {at.year}"
    both = f"{day}, {at.hour % 12 or 12}:{at:%M}\u202f{at:%p}"
    return Moment(
        at,
        iso,
        both,
        day,
        f'<time datetime="{iso}" title="{both}">{day}</time>',
        f'<time datetime="{iso}">{both}</time>',
    )


@remember
def money(minor: int, currency: str) -> str:
    return format_currency(minor / 100, currency, locale="en")


def relative(when: Moment, now: datetime) -> Markup:
    """Say how far away a time is, as an element."""
    minutes = round((when.at - now).total_seconds() / 60)
    return Markup(f'<time datetime="{when.iso}" title="{when.both}">{_away(minutes)}</time>')


@remember
def _away(minutes: int) -> str:
    if not minutes:
        return "just now"
    number, unit = next((abs(minutes) // length, unit) for length, unit in _UNITS if abs(minutes) >= length)
    return f"in {several(number, unit)}" if minutes > 0 else f"{several(number, unit)} ago"


@remember
def span(gap: timedelta) -> str:
    minutes, parts = max(0, round(gap.total_seconds() / 60)), []
    for length, unit in _UNITS[2:]:
        number, minutes = divmod(minutes, length)
        if number:
            parts.append(several(number, unit))
    return " ".join(parts[:2]) or "0 minutes"


_UNITS = ((525_600, "year"), (43_200, "month"), (1_440, "day"), (60, "hour"), (1, "minute"))


@remember
def size(length_bytes: int) -> str:
    if length_bytes < 1000:
        return f"{length_bytes} bytes" if length_bytes != 1 else "1 byte"
    value, unit = (length_bytes / 1000, "kB") if length_bytes < 999_500 else (length_bytes / 1_000_000, "MB")
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def several(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@remember
def avatar(name: str, small: bool = False) -> str:
    words = name.split()
    letters = (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
    hue = (len(name.strip()) + 3 * len(words[-1])) % 4
    return f'<span class="avatar{" avatar-small" if small else ""} hue-{hue}" aria-hidden="true">{text(letters)}</span>'


@remember
def icon(sprite: str, name: str) -> str:
    return f'<svg class="icon" aria-hidden="true"><use href="{sprite}#{name}"/></svg>'


@remember
def bell(sprite: str, unread: int) -> str:
    """Return the bell of the bar, with how much is unread."""
    told = f", {unread} unread" if unread else ""
    count = f'<b aria-hidden="true">{"99+" if unread > 99 else unread}</b>' if unread else ""
    return (
        f'<a class="round" href="/account/notifications" aria-label="Notifications{told}" data-bell>'
        f"{icon(sprite, 'bell')}{count}</a>"
    )


def seen(script: str, token: str, place: str, newest: int) -> str:
    """Return the form that marks what is about a page as read, and the address of the script that sends it."""
    return (
        '<form action="/account/notifications/seen" method="post" hidden data-seen>'
        f'<input type="hidden" name="csrf_token" value="{token}"><input type="hidden" name="place" value="{place}">'
        f'<input type="hidden" name="newest" value="{newest}"></form><script src="{script}" defer></script>'
    )
