"""Layouts and macros, in the default theme and on the bare kernel: same names, same blocks, a page with either."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, MultipleFileField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from gigneo.core import formats, translations
from gigneo.core.icons import icons_of
from gigneo.core.static import StaticFiles
from gigneo.core.text import initials
from gigneo.core.themes import KERNEL_STATIC, find_theme, template_loader

MENU = [SimpleNamespace(label=f"Entry {n}", url=f"/{n}", icon="box", current=n == 5, badge=n * 40) for n in range(6)]
PERSON = SimpleNamespace(name="Mara <b>", email="mara@example.org", is_admin=True)


@pytest.fixture(params=["default", None], ids=["theme", "kernel"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    theme = find_theme(request.param) if request.param else None
    app = Flask("test", static_folder=None)
    app.secret_key = "test"
    CSRFProtect(app)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.loader = template_loader(theme, {})
    translations.setup(app, translations.Catalogues())
    formats.install(app)
    app.jinja_env.filters["initials"] = initials
    files: dict[str, Any] = {"kernel": KERNEL_STATIC}
    if theme:
        files |= {"theme": theme.static_files(), "bootstrap": {"css/bootstrap.min.css": KERNEL_STATIC / "kernel.css"}}
    statics = app.extensions["gigneo.static"] = StaticFiles.build(files)
    icon = icons_of(app)
    app.jinja_env.globals.update(
        icon=icon, svg_icon=icon, piece=lambda template, **given: Markup(app.jinja_env.get_template(template).render(given)),
        static_url=statics.url, site=SimpleNamespace(name="Market & Sons"),
        slot=lambda name, **given: Markup("<i>{}</i>").format(name),
    )  # fmt: skip
    with app.test_request_context("/", headers={"Cookie": "gigneo_scheme=dark"}):
        yield app


def page(source: str, **values: Any) -> str:
    return render_template_string(source, **{"person": PERSON, "dashboard_menu": MENU, "admin_menu": MENU, **values})


@pytest.mark.parametrize("layout", ["dashboard", "admin"])
def test_a_shell_has_its_blocks_its_menu_and_its_way_out(app: Flask, layout: str) -> None:
    shown = page(
        f"{{% extends 'layout/{layout}.html' %}}{{% block heading %}}A <b>{{% endblock %}}"
        "{% block breadcrumbs %}CRUMBS{% endblock %}"
        "{% block lead %}LEAD{% endblock %}{% block actions %}ACTIONS{% endblock %}{% block content %}CONTENT{% endblock %}"
    )
    for word in ("CRUMBS", "LEAD", "ACTIONS", "CONTENT", "Entry 5", "<i>page.banner</i>", 'action="/logout"', 'id="main"'):
        assert word in shown, word
    assert shown.count('aria-current="page"') >= 1 and "Mara &lt;b&gt;" in shown
    assert "Market &amp; Sons</title>" in shown and shown.count("<h1>") == shown.count("<main") == 1


def test_a_public_page_offers_the_way_in_to_strangers_only(app: Flask) -> None:
    source = "{% extends 'layout/page.html' %}{% block content %}<h1>Hello</h1>{% endblock %}"
    assert 'href="/login"' in page(source, person=None) and "/logout" not in page(source, person=None)
    assert 'href="/login"' not in page(source) and 'href="/admin"' in page(source)


@pytest.mark.parametrize("app", ["default"], indirect=True)
def test_the_chosen_scheme_is_rendered_and_any_other_value_is_not(app: Flask) -> None:
    source = "{% extends 'layout/page.html' %}"
    assert 'data-bs-theme="dark"' in page(source)
    with app.test_request_context("/", headers={"Cookie": 'gigneo_scheme="><script>'}):
        assert "data-bs-theme" not in page(source) and "<script>" not in page(source)


@pytest.mark.parametrize("values", [{}, {"title": "T", "text": "X", "todo": "Y", "request_id": "7f3a"}])
@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 418, 429, 500, 503])
def test_every_error_has_a_page(app: Flask, code: int, values: dict[str, str]) -> None:
    shown = render_template("errors/error.html", code=code, person=None, **values)
    assert str(code) in shown and all(value in shown for value in values.values())


class Sample(Form):
    kind = RadioField("What is it?", [InputRequired()], choices=[SelectChoice("draft", "Draft"), SelectChoice("final", "Final")])
    text = TextAreaField("Text", [InputRequired(), Length(max=500)], description="In your words.")
    name = StringField("Name <i>")
    choice = SelectField("Choice", choices=[SelectChoice("a", "A")])
    agree = BooleanField("Agree")
    files = MultipleFileField("Files")


FORM = """{% from "macros/form.html" import hidden, form_errors, field, fields, radio_cards, file_field, submit %}
{{ hidden("key-1") }}{{ form_errors(form) }}{{ radio_cards(form.kind, {"final": "The finished work."}, "Choose.") }}
{{ field(form.text, "Markdown works.", autocomplete="off") }}{{ field(form.name, label="Your name") }}{{ field(form.choice) }}
{{ field(form.agree) }}{{ file_field(form.files, {"count": 20, "bytes": 1000000, "accept": ".pdf"}) }}
{{ file_field(form.files, "A sentence.") }}{{ file_field(form.files) }}{{ submit("Send") }}{{ submit("End", true, "danger") }}"""


def test_a_form_says_what_to_fix_on_top_and_at_the_field(app: Flask) -> None:
    form = Sample(MultiDict({"name": '"><script>'}))
    assert not form.validate()
    shown = page(FORM, form=form)
    assert 'role="alert"' in shown and 'href="#text"' in shown and shown.count("This field is required.") == 4
    assert 'name="csrf_token"' in shown and 'value="key-1"' in shown
    assert "<script>" not in shown and "Name <i>" not in shown
    assert "checked" not in shown


def test_a_form_without_faults_has_no_summary(app: Flask) -> None:
    shown = page(FORM, form=Sample())
    assert "alert" not in shown.replace("#alert", "")
    every = page('{% from "macros/form.html" import fields %}{{ fields(form) }}', form=Sample())
    assert all(f'name="{name}"' in every for name in ("kind", "text", "name", "choice", "agree", "files"))


@pytest.mark.parametrize("app", ["default"], indirect=True)
def test_fields_are_tied_to_their_words(app: Flask) -> None:
    form = Sample(MultiDict({}))
    form.validate()
    shown = page(FORM, form=form)
    assert 'aria-describedby="text-help text-error"' in shown and 'aria-invalid="true"' in shown
    assert 'id="text-help"' in shown and 'id="text-error"' in shown and 'data-counter="text"' in shown


PIECES = """{% from "macros/ui.html" import icon, badge, avatar, facts, lines, empty, tabs, chips, pager, steps, card, note,
  timeline, files, crumbs, count with context %}
{{ icon("check") }}{{ icon("check", "Done") }}{{ badge("B", "go") }}{{ avatar("") }}{{ avatar("Mara Lindqvist", "small") }}
{{ facts([("L", "V"), ("L", "V", "S")]) }}{{ lines([("L", "V"), ("L", "V", "muted")]) }}{{ empty("T", "X") }}
{{ empty("T", "X", "/go", "Go", symbol="star", level=1) }}{{ tabs([{"label": "One", "url": "/1"},
  {"label": "Two", "url": "/2", "current": true, "badge": 120, "new": true}], "Tabs") }}
{{ chips([{"label": "One", "url": "/1", "badge": 0}, {"label": "Two", "url": "/2", "current": true}], "Chips") }}
{{ pager() }}{{ pager("/newer") }}{{ pager(none, "/older") }}{{ steps([("A", "a", "done"), ("B", "", "now"), ("C", "", "")]) }}
{% call card("Title", "tools") %}inside{% endcall %}{% call card() %}bare{% endcall %}
{{ note("N") }}{% call note("", "bad") %}M{% endcall %}
{{ timeline([("Today", [{"who": "Mara", "text": "did it", "at": at}, {"who": "", "text": "x", "at": at, "note": "n"}])]) }}
{{ files([{"url": "/f", "name": "a<b>.pdf", "size": 4100000}, {"url": "/g", "name": "b.png", "size": 1, "image": true}]) }}
{{ crumbs([("Orders", "/orders"), ("#1", none)]) }}{{ count(120, true) }}"""


def test_every_piece_stands_with_the_least_it_is_given(app: Flask) -> None:
    shown = page(PIECES, at=datetime(2026, 11, 23, 8, tzinfo=UTC))
    times = ('<time datetime="2026-11-23T08:00:00Z"', 'aria-current="step"')
    for word in ("Mara", "inside", "bare", "4.1 MB", "/newer", "/older", *times):
        assert word in shown, word
    assert "a&lt;b&gt;.pdf" in shown and "<b>.pdf" not in shown


def test_a_mail_has_a_frame_with_a_button(app: Flask) -> None:
    shown = page(
        "{% extends 'email/base.html' %}{% block heading %}Confirm{% endblock %}"
        "{% block content %}<p>Hello.</p>{{ button('https://example.org/x', 'Go') }}{% endblock %}"
    )
    assert "<title>Confirm</title>" in shown and 'href="https://example.org/x"' in shown and "Market &amp; Sons" in shown


@pytest.mark.parametrize(
    ("name", "letters", "hue"),
    [
        ("Mara Lindqvist", "ML", 1),
        (" ada ", "A", 0),
        ("Jean Luc Rivière", "JR", 1),
        ("", "?", 0),
        (None, "?", 0),
        (" ", "?", 0),
    ],
)
def test_a_name_stands_in_for_a_picture(name: str | None, letters: str, hue: int) -> None:
    assert initials(name) == (letters, hue)
