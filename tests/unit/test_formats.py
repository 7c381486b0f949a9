"""Amounts, dates and counts, by the reader's locale and time zone; and amounts that people type."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from gigneo.core import formats, translations
from gigneo.core.amounts import LARGEST_MINOR, AmountError, parse_amount
from gigneo.core.formats import Formatter
from gigneo.core.refusals import Refused
from gigneo.core.translations import Catalogues

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHEN = datetime(2026, 11, 23, 23, 20, tzinfo=UTC)
LOCALES = ["en", "en_GB", "en_IN", "de", "de_CH", "fr", "es", "pl", "pt_BR", "ja", "ar", "he", "hi", "sv"]
DECIMALS = {"EUR": 2, "JPY": 0, "KWD": 3}


def reader(locale: str = "en_GB", zone: str = "UTC") -> Formatter:
    return Formatter(locale, ZoneInfo(zone), lambda: NOW)


# Amounts that are shown


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("currency", DECIMALS)
@pytest.mark.parametrize("minor", [0, 1, 99, 100, 123_456, 12_345_678, -1, -123_456, LARGEST_MINOR])
def test_money_looks_as_babel_writes_it(locale: str, currency: str, minor: int) -> None:
    exact = Decimal(minor).scaleb(-DECIMALS[currency])
    assert reader(locale).money(minor, currency) == format_currency(exact, currency, locale=locale)


def test_a_large_amount_is_shown_to_the_last_cent() -> None:
    assert reader().money(LARGEST_MINOR, "EUR") == "€92,233,720,368,547,758.07"


@pytest.mark.parametrize("number", [0, 999, 1000, 12_345_678, -4321])
@pytest.mark.parametrize("locale", ["en", "de", "hi", "fr"])
def test_counts_are_grouped(locale: str, number: int) -> None:
    assert reader(locale).count(number) == format_decimal(number, locale=locale)


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (4_123_456, "4.1 MB"), (999_600, "1 MB"),
        (100_000_000, "100 MB"),
    ],
)  # fmt: skip
def test_sizes_are_short(length: int, shown: str) -> None:
    assert reader("en").size(length) == shown


@pytest.mark.parametrize(
    ("ratio", "decimals", "shown"),
    [(Decimal("0.125"), 1, "12.5%"), (0.98, 1, "98%"), (Fraction(1, 3), 2, "33.33%"), (0, 1, "0%"), (0.5, 0, "50%")],
)
def test_percentages_have_the_decimals_they_need(ratio: Decimal, decimals: int, shown: str) -> None:
    assert reader().percent(ratio, decimals) == shown


@pytest.mark.parametrize(
    ("number", "locale", "shown"),
    [(Fraction(14, 3), "en", "4.7"), (Fraction(4), "en", "4.0"), (Fraction(14, 3), "de", "4,7"), (Decimal("4.25"), "en", "4.2")],
)
def test_an_average_has_one_decimal(number: Fraction | Decimal, locale: str, shown: str) -> None:
    assert reader(locale).decimal(number) == shown


# Times


def test_a_day_is_the_readers_day() -> None:
    assert reader().date(WHEN) == "23 Nov 2026"
    assert reader(zone="Europe/Athens").date(WHEN) == "24 Nov 2026"
    assert reader(zone="Europe/Athens").date(date(2026, 11, 23)) == "23 Nov 2026"


def test_day_and_time_follow_locale_and_summer_time() -> None:
    assert reader().datetime(WHEN) == "23 Nov 2026, 23:20"
    assert reader("en", "America/New_York").datetime(WHEN) == "Nov 23, 2026, 6:20\u202fPM"
    lisbon = reader(zone="Europe/Lisbon")
    assert lisbon.time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == "00:59"
    assert lisbon.time(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "02:00"


@pytest.mark.parametrize(
    ("away", "shown"),
    [
        (timedelta(seconds=20), "just now"), (timedelta(minutes=5), "in 5 minutes"),
        (timedelta(hours=3, minutes=4), "in 3 hours"), (timedelta(hours=3, minutes=59), "in 3 hours"),
        (timedelta(days=2, hours=23), "in 2 days"), (-timedelta(days=2, hours=23), "2 days ago"),
        (timedelta(days=10), "in 10 days"), (timedelta(days=29), "in 29 days"), (timedelta(days=800), "in 2 years"),
        (timedelta(days=3, seconds=-20), "in 3 days"),
        (timedelta(days=3), "in 3 days"), (-timedelta(days=2), "2 days ago"), (-timedelta(days=40), "1 month ago"),
    ],
)  # fmt: skip
def test_relative_times_count_from_the_clock(away: timedelta, shown: str) -> None:
    assert reader().relative(NOW + away) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(days=2, hours=21, minutes=3), "2 days 21 hours"), (timedelta(hours=1), "1 hour"), (timedelta(), "0 minutes"),
        (-timedelta(days=1), "0 minutes"), (timedelta(days=1), "1 day"), (timedelta(days=3, seconds=-20), "3 days"),
        (timedelta(hours=30, minutes=5), "1 day 6 hours"),
    ],
)  # fmt: skip
def test_spans_have_two_units_and_are_never_negative(length: timedelta, shown: str) -> None:
    assert reader().span(length) == shown


@pytest.mark.parametrize("locale", LOCALES)
def test_no_locale_shows_babels_own_words(locale: str) -> None:
    for number in range(12):
        shown = reader(locale).span(timedelta(days=number, hours=number, minutes=number)) + reader(locale).size(10**number)
        assert "duration" not in shown and "digital" not in shown


def test_time_elements_carry_the_exact_time_as_title() -> None:
    one = reader(zone="Europe/Athens")
    assert one.relative_element(WHEN) == ('<time datetime="2026-11-23T23:20:00Z" title="24 Nov 2026, 01:20">in 3 days</time>')
    assert one.date_element(WHEN) == '<time datetime="2026-11-23T23:20:00Z" title="24 Nov 2026, 01:20">24 Nov 2026</time>'
    assert one.datetime_element(WHEN) == '<time datetime="2026-11-23T23:20:00Z">24 Nov 2026, 01:20</time>'
    assert one.date_element(date(2026, 11, 23)) == '<time datetime="2026-11-23">23 Nov 2026</time>'


def test_nothing_gives_nothing_and_a_naive_time_is_refused() -> None:
    assert (reader().date(None), reader().datetime(None), reader().relative_element(None)) == ("", "", "")
    with pytest.raises(ValueError, match="no time zone"):
        reader().datetime(datetime(2026, 1, 1))


# The reader of a request


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    translations.setup(app, Catalogues(), "Europe/Lisbon")
    formats.install(app)
    return app


def test_a_request_is_formatted_for_whoever_asks(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en-GB,en;q=0.8"}):
        assert formats.datetime(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "1 Jul 2026, 13:00"
        assert formats.money(48_000, "EUR") == "€480.00"

    class Person:
        locale, time_zone = "en_US", "America/New_York"

    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        g.person = Person()
        assert formats.datetime(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "Jul 1, 2026, 8:00\u202fAM"


def test_a_zone_that_is_no_longer_known_falls_back_to_the_sites(app: Flask) -> None:
    class Person:
        locale, time_zone = None, "Mars/Olympus"

    with app.test_request_context():
        g.person = Person()
        assert formats.time(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "1:00\u202fPM"


def test_another_language_is_spoken_inside_the_block_only(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        with translations.speaking("de"):
            assert formats.money(48_000, "EUR") == "480,00\xa0€"
        assert formats.money(48_000, "EUR") == "€480.00"


def test_filters_give_elements_and_functions_give_text(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        page = "{{ when|date }} {{ 480|money('JPY') }} {{ 4100000|filesize }} {{ 1200|count }}"
        element = '<time datetime="2026-11-23T23:20:00Z" title="23 Nov 2026, 23:20">23 Nov 2026</time>'
        assert render_template_string(page, when=WHEN) == f"{element} JP¥480 4.1 MB 1,200"
        assert formats.date(WHEN) == "23 Nov 2026"


def test_outside_of_everything_formats_are_english_in_utc() -> None:
    assert formats.money(1, "EUR") == "€0.01" and formats.time(WHEN) == "11:20\u202fPM"


# Amounts that are typed


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("12", "EUR", "en", 1200), ("12.5", "EUR", "en", 1250), ("12.50", "EUR", "en", 1250), (" 12.50 ", "EUR", "en", 1250),
        ("1,000.00", "EUR", "en", 100_000), ("1,234,567.89", "EUR", "en", 123_456_789),
        ("0", "EUR", "en", 0), ("0.01", "EUR", "en", 1),
        ("1.000,00", "EUR", "de", 100_000), ("12,5", "EUR", "de", 1250), ("1.000", "EUR", "de", 100_000),
        ("1 234,56", "EUR", "fr", 123_456), ("1\u202f234,56", "EUR", "fr", 123_456), ("1\u00a0234,56", "EUR", "fr", 123_456),
        ("1'234.50", "CHF", "de_CH", 123_450), ("1’234.50", "CHF", "de_CH", 123_450), ("12,34,567", "INR", "en_IN", 123_456_700),
        ("1200", "JPY", "en", 1200), ("1,200", "JPY", "en", 1200), ("1.234", "KWD", "en", 1234), ("1.2", "KWD", "en", 1200),
        ("92233720368547758.07", "EUR", "en", LARGEST_MINOR), ("007", "EUR", "en", 700),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly(text: str, currency: str, locale: str, minor: int) -> None:
    assert parse_amount(text, currency, locale) == minor


@pytest.mark.parametrize(
    "text",
    [
        "", " ", None, "1e3", "1E3", "١٢", "１２", "NaN", "nan", "inf", "Infinity", "-5", "+5", "−5", "--5", "0x10", "1_000",
        "12.", ".50", ".",
        ",", "1,5", "1,00", "1,0000", "1,,000", ",100", "100,", "1.000,00", "12.345", "12.500", "1.2.3", "1 000", "€12", "12 EUR",
        "12%", "½",
        "1/2", "=1+1", "12\x00", "12\n13", "\u200b", "12\u200b", "'12", "92233720368547758.08", "9" * 41,
        "9" * 100_000, " " * 100_000,
        "12,34,567", "1,2345,678", "{{7*7}}", "٫5", "12,000.0,0", "12\u066b50", "²", "1٠0",
    ],
)  # fmt: skip
def test_whatever_is_no_amount_is_refused_with_a_reason(text: str | None) -> None:
    with pytest.raises(AmountError) as refused:
        parse_amount(text, "EUR", "en")
    assert isinstance(refused.value, Refused) and isinstance(refused.value, ValueError)
    assert 10 < len(str(refused.value)) < 200 and refused.value.code.startswith("amount_")


@pytest.mark.parametrize(("text", "currency"), [("12.5", "JPY"), ("12.00", "JPY"), ("1.2345", "KWD"), ("1.999", "EUR")])
def test_more_decimals_than_the_currency_has_are_refused_and_never_rounded(text: str, currency: str) -> None:
    with pytest.raises(AmountError, match="decimals") as refused:
        parse_amount(text, currency, "en")
    assert refused.value.code == "amount_too_exact"


@given(st.integers(0, LARGEST_MINOR), st.sampled_from(sorted(DECIMALS)), st.sampled_from(LOCALES))
def test_what_is_shown_can_be_typed_again(minor: int, currency: str, locale: str) -> None:
    shown = reader(locale).money(minor, currency)
    _, _, before, after = reader(locale)._of._currencies[currency]
    assert parse_amount(shown.removeprefix(before[0]).removesuffix(after[0]), currency, locale) == minor


@given(st.text(max_size=60), st.sampled_from(sorted(DECIMALS)), st.sampled_from(LOCALES))
def test_any_text_is_an_exact_amount_or_a_refusal(text: str, currency: str, locale: str) -> None:
    try:
        minor = parse_amount(text, currency, locale)
    except AmountError:
        return
    assert 0 <= minor <= LARGEST_MINOR and any(sign in "0123456789" for sign in text)


def test_no_float_is_made_of_an_amount() -> None:
    source = Path(formats.__file__).with_name("amounts.py").read_text()
    assert "float(" not in source and "Decimal" not in source
