"""Words: merged from kernel, plugins and theme, in the reader's language, bound once per request."""

from pathlib import Path

import flask_babel
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, render_template_string
from markupsafe import Markup, escape

from gigneo.core import translations
from gigneo.core.translations import Catalogues, gettext, lazy_gettext, lazy_ngettext, lazy_pgettext, ngettext, pgettext

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
KERNEL = """
msgid "Orders"
msgstr "Bestellungen"

msgid "Hello, %(name)s"
msgstr "Hallo, %(name)s"

msgid "%(num)s day"
msgid_plural "%(num)s days"
msgstr[0] "%(num)s Tag"
msgstr[1] "%(num)s Tage"

msgctxt "sort"
msgid "Order"
msgstr "Reihenfolge"

msgid "Order"
msgstr "Auftrag"
"""


def catalogue(folder: Path, locale: str, body: str, *, compiled: bool = False) -> Path:
    place = folder / locale / "LC_MESSAGES"
    place.mkdir(parents=True)
    source = place / "messages.po"
    source.write_text(HEAD + body, "utf-8")
    if compiled:
        with source.open("rb") as po, (place / "messages.mo").open("wb") as mo:
            write_mo(mo, read_po(po, locale=locale))
        source.unlink()
    return folder


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    kernel = catalogue(tmp_path / "kernel", "de", KERNEL)
    plugin = catalogue(tmp_path / "plugin", "de", 'msgid "Deliver now"\nmsgstr "Jetzt liefern"\n', compiled=True)
    theme = catalogue(tmp_path / "theme", "de", 'msgid "Orders"\nmsgstr "Aufträge"\n')
    region = catalogue(tmp_path / "region", "de_AT", 'msgid "January"\nmsgstr "Jänner"\n')
    app = Flask("test")
    translations.setup(app, Catalogues([kernel, plugin, theme, region, tmp_path / "none"]))
    return app


def test_catalogues_are_merged_and_the_later_one_is_taken(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert gettext("Orders") == "Aufträge"
        assert gettext("Deliver now") == "Jetzt liefern"
        assert gettext("never translated") == "never translated"


def test_plurals_places_and_meanings(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert gettext("Hello, %(name)s", name="Mara") == "Hallo, Mara"
        assert [ngettext("%(num)s day", "%(num)s days", number) for number in (1, 2)] == ["1 Tag", "2 Tage"]
        assert (gettext("Order"), pgettext("sort", "Order")) == ("Auftrag", "Reihenfolge")


def test_a_region_falls_back_to_its_language(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de-CH"}):
        assert gettext("Orders") == "Aufträge"
        assert str(translations.current_locale()) == "de_CH"


@pytest.mark.parametrize(
    ("person", "cookie", "header", "spoken"),
    [
        (None, None, None, "en"), (None, None, "de;q=0.5, fr", "de"), (None, "de", "en", "de"), ("de", "en", "en", "de"),
        ("fr", None, "de", "de"), (None, "xx", None, "en"), (None, "../../etc", "*", "en"),
        ("de_AT", None, None, "de_AT"), (None, None, "en-GB", "en_GB"),
        (None, "en_GB@x", None, "en_GB"), ("de_DE@euro", None, None, "de_DE"),
    ],
)  # fmt: skip
def test_the_person_chooses_then_the_browser(
    app: Flask, person: str | None, cookie: str | None, header: str | None, spoken: str
) -> None:
    headers = {"Accept-Language": header or "", "Cookie": f"gigneo-locale={cookie or ''}"}
    with app.test_request_context(headers=headers):
        g.person = type("Person", (), {"locale": person, "time_zone": None})
        assert str(translations.current_locale()) == spoken


def test_lazy_words_are_found_when_they_are_shown(app: Flask) -> None:
    late = [lazy_gettext("Orders"), lazy_ngettext("%(num)s day", "%(num)s days", 2), lazy_pgettext("sort", "Order")]
    assert [str(each) for each in late] == ["Orders", "2 days", "Order"]
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert [str(each) for each in late] == ["Aufträge", "2 Tage", "Reihenfolge"]


def test_the_catalogue_is_bound_once_per_request(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translations.words() is translations.words()
        with translations.speaking("en"):
            assert gettext("Orders") == "Orders"
        assert gettext("Orders") == "Aufträge"
    with app.test_request_context():
        assert gettext("Orders") == "Orders"


def test_flask_babels_own_functions_speak_from_the_same_catalogue(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert flask_babel.gettext("Orders") == "Aufträge"
        assert str(flask_babel.lazy_gettext("Orders")) == "Aufträge"


def test_a_command_speaks_the_default(app: Flask) -> None:
    with app.app_context():
        assert gettext("Orders") == "Orders"
        with translations.speaking("de"):
            assert gettext("Orders") == "Aufträge"
    assert gettext("Orders") == "Orders"


def test_a_message_in_a_page_is_words_and_a_value_may_be_markup(app: Flask) -> None:
    page = "{{ _('A <b> & %(name)s at %(when)s', name='<i>', when=when) }} {{ _('97 % on time') }} {{ _('100%% sure') }}"
    with app.test_request_context():
        shown = render_template_string(page, when=Markup("<time>noon</time>"))
    assert shown == "A &lt;b&gt; &amp; &lt;i&gt; at <time>noon</time> 97 % on time 100% sure"


def test_pages_have_plurals_meanings_and_trans_blocks(app: Flask) -> None:
    page = (
        "{{ ngettext('%(num)s day', '%(num)s days', 2) }} {{ pgettext('sort', 'Order') }} "
        "{% trans name='Mara' %}Hello, {{ name }}{% endtrans %} {{ page_language() }} {{ page_direction() }}"
    )
    with app.test_request_context(headers={"Accept-Language": "de-AT"}):
        assert render_template_string(page) == "2 Tage Reihenfolge Hallo, Mara de-AT ltr"


def test_a_newer_source_wins_over_what_was_compiled(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, "de", 'msgid "a"\nmsgstr "old"\n', compiled=True)
    source = folder / "de/LC_MESSAGES/messages.po"
    source.write_text(HEAD + 'msgid "a"\nmsgstr "new"\n')
    found = Catalogues([folder])
    locale = found.speaks("de")
    assert locale is not None and found.find(locale).ugettext("a") == "new"  # type: ignore[attr-defined]


def test_a_late_text_is_escaped_when_a_page_shows_it() -> None:
    assert escape(lazy_gettext("%(reason)s", reason="<b>")) == "&lt;b&gt;"
