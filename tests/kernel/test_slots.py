"""Parts of pages that are drawn once: they can say nothing about one person but what they are given."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, g
from jinja2 import ChoiceLoader, DictLoader
from markupsafe import Markup

from gigneo.contributions import SlotFragment
from gigneo.core import translations
from gigneo.core.dispatch import Dispatcher
from gigneo.core.slots import KEPT_LENGTH, forget_pieces, piece
from gigneo.testing.fixtures import Someone

PERSONAL = {
    "the person": "{{ person.name }}",
    "the request": "{{ request.path }}",
    "the session": "{{ session.get('csrf_token') }}",
    "what is kept for the request": "{{ g.person.name }}",
    "the form token": "{{ csrf_token() }}",
    "a message": "{{ get_flashed_messages() }}",
    "the person's menu": "{{ dashboard_menu | length }}",
    "another slot": "{{ slot('page.nav') }}",
    "an imported template's request": "{% from 'asks.html' import asked %}{{ asked() }}",
}
ASKS = "{% macro asked() %}{{ request.path }}{% endmacro %}"


def put(dispatcher: Dispatcher, source: str) -> None:
    """Let a fixed fragment of this source stand in the bar of each page."""
    site = dispatcher.site
    environment = site.app.jinja_env
    environment.loader = ChoiceLoader([DictLoader({"fixed.html": source, "asks.html": ASKS}), environment.loader])
    items = {
        **site.contributions.items,
        "slot_fragments": (SlotFragment("page.nav", "fixed", template="fixed.html", fixed=True),),
    }
    object.__setattr__(site.contributions, "items", items)
    site.contributions._derived.clear()


@pytest.mark.parametrize("source", PERSONAL.values(), ids=PERSONAL)
def test_a_fixed_fragment_has_nothing_of_whoever_looks_in_reach(
    dispatcher: Dispatcher, people: Callable[..., Someone], source: str
) -> None:
    put(dispatcher, f"<i>everybody's</i>{source}")
    browser = people("employer", name="jonas").browser
    page = browser.get("/dashboard/orders/services")
    assert page.status_code == 200 and "everybody's" not in page.text
    assert dispatcher.site.runtime.faults["", "slot:page.nav"] >= 1


def test_a_fixed_fragment_knows_the_language_the_site_and_its_addresses(
    dispatcher: Dispatcher, people: Callable[..., Someone]
) -> None:
    put(dispatcher, "<i>{{ _('Log in') }} at {{ site.name }}, {{ url_for('services.catalogue') }}</i>")
    browser = people("employer", name="jonas").browser
    for _ in range(2):
        assert "<i>Log in at Gigneo, /services</i>" in browser.get("/dashboard/orders/services").text


def test_a_fixed_fragment_takes_a_template() -> None:
    for given in ({"render": lambda **_place: "x"}, {}):
        with pytest.raises(ValueError, match="is fixed, so it takes a template"):
            SlotFragment("page.nav", "x", fixed=True, **given)


@pytest.fixture
def pieces(dispatcher: Dispatcher) -> Flask:
    """Return the site's application with templates of pieces."""
    app = dispatcher.site.app
    shown = {
        "text.html": "<i>{{ given }}</i>",
        "address.html": "{{ url_for('services.catalogue') }}",
        "words.html": "{{ page_language() }}",
        **{f"{name}.html": f"{{{{ given | {name} }}}}" for name in ("date", "datetime", "time", "relative")},
    }
    app.jinja_env.loader = ChoiceLoader([DictLoader(shown), app.jinja_env.loader])
    return app


def test_a_piece_is_escaped_for_what_it_is_given_not_for_what_looked_the_same(pieces: Flask) -> None:
    with pieces.test_request_context():
        assert piece("text.html", given=Markup("<b>")) == "<i><b></i>"
        assert piece("text.html", given="<b>") == "<i>&lt;b&gt;</i>"
        assert [piece("text.html", given=each) for each in (1, True, 1.0)] == ["<i>1</i>", "<i>True</i>", "<i>1.0</i>"]


def test_a_piece_is_drawn_for_each_language_and_below_each_root(pieces: Flask) -> None:
    with pieces.test_request_context():
        assert piece("address.html") == "/services" and piece("words.html") == "en"
        with translations.speaking("de"):
            assert piece("words.html") == "de"
    with pieces.test_request_context(environ_overrides={"SCRIPT_NAME": "/market"}):
        assert piece("address.html") == "/market/services"


def test_a_piece_shows_times_in_the_zone_of_whoever_reads(pieces: Flask) -> None:
    """Both are given the same moment, on a day that has not begun for one of them."""
    late, seen = datetime(2026, 11, 26, 23, 30, tzinfo=UTC), {}
    for zone in ("America/New_York", "Asia/Tokyo"):
        with pieces.test_request_context():
            g.person = SimpleNamespace(time_zone=zone, locale="en")
            seen[zone] = [str(piece(f"{name}.html", given=late)) for name in ("date", "datetime", "time")]
    day, both, hour = seen["America/New_York"]
    assert "26" in day and "6:30" in both and "6:30" in hour
    day, both, hour = seen["Asia/Tokyo"]
    assert "27" in day and "8:30" in both and "8:30" in hour


def test_a_piece_can_t_say_how_long_ago_something_was(pieces: Flask) -> None:
    with pieces.test_request_context(), pytest.raises(TypeError, match="can't say how long ago"):
        piece("relative.html", given=datetime(2026, 11, 26, tzinfo=UTC))


def test_a_long_piece_is_drawn_each_time_and_so_is_every_one_while_templates_are_watched(pieces: Flask) -> None:
    with pieces.test_request_context():
        for given, kept in (("short", 1), ("long" * KEPT_LENGTH, 1)):
            assert given in piece("text.html", given=given)
            assert kept_pieces(pieces) == kept
        forget_pieces(pieces)
        assert kept_pieces(pieces) == 0
    pieces.jinja_env.auto_reload = True
    pieces.extensions.pop("gigneo.pieces")  # as on a site that is built so
    with pieces.test_request_context():
        assert piece("text.html", given="watched") == "<i>watched</i>"
        assert kept_pieces(pieces) == 0


def kept_pieces(app: Flask) -> int:
    return int(app.extensions["gigneo.pieces"].cache_info().currsize)


def test_a_piece_takes_a_value_of_any_name(pieces: Flask) -> None:
    with pieces.test_request_context():
        assert piece("text.html", given="x", template="y") == "<i>x</i>"


def test_the_bar_is_each_person_s_own(people: Callable[..., Someone]) -> None:
    jonas, mara = people("employer", name="jonas"), people("employer", name="mara")
    for _ in range(2):
        for one, other in ((jonas, mara), (mara, jonas)):
            page = one.browser.get("/dashboard").text
            assert one.email in page and other.email not in page
