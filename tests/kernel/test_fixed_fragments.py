"""What is the same for everybody is rendered once, so it must not even be able to say something about one of them."""

from collections.abc import Callable

import pytest
from jinja2 import ChoiceLoader, DictLoader

from gigneo.contributions import SlotFragment
from gigneo.core.dispatch import Dispatcher
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
