"""Our Jinja shows what Jinja shows, to the byte; only the way there is shorter."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.templating import Environment
from jinja2 import DictLoader, StrictUndefined, UndefinedError, pass_context, pass_environment, pass_eval_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from gigneo.core.rendering import CompiledTemplates, PageEnvironment, filled
from gigneo.core.translations import lazy_gettext

MACROS = """
{% macro badge(text, tone="plain") %}<b class="{{ tone }}">{{ text }}</b>{% endmacro %}
{% macro card(title, tools="") %}<section>{{ title }}{{ tools }}{{ caller() }}</section>{% endmacro %}
{% macro loose(first) %}{{ first }}{{ varargs }}{{ kwargs }}{% endmacro %}
{% macro asks(caller=none) %}{{ caller("<x>") }}{% endmacro %}
{% macro many(MANY) %}{{ a0 }}{{ a19 }}{% endmacro %}
""".replace("MANY", ", ".join(f"a{number}='<'" for number in range(20)))
PIECES = {
    "a value": "{{ unsafe }}{{ markup }}{{ number }}{{ none }}{{ later }}{{ [unsafe, markup] }}",
    "macros": "{{ badge(unsafe) }}{{ badge(unsafe, tone=markup) }}{{ badge(text=unsafe) }}{{ badge(badge('<')) }}",
    "macros with many places": "{{ many() }}{{ many(unsafe) }}{{ many(a19=unsafe) }}",
    "macros that catch": "{{ loose(1, unsafe, c=markup) }}",
    "macros with a body": "{% call card(unsafe) %}{{ unsafe }}{% endcall %}{% call card('x', tools=markup) %}y{% endcall %}",
    "a body with arguments": "{% call(given) asks() %}{{ given }}{% endcall %}",
    "calls": "{{ 'a b'.split() }}{{ [3, 1].index(1) }}{{ dict(a=unsafe) }}{{ range(3) | list }}{{ sees('unsafe') }}{{ knows() }}",
    "calls in loops": "{% for item in (1, 2) %}{{ sees('item') }}{{ badge(item) }}{{ escapes() }}{% endfor %}",
    "attributes": "{{ thing.a.upper() }}{{ thing.items }}{{ {'b': {'c': unsafe}}.b.c }}{{ [thing.b] | map('upper') | list }}"
    "{% for each in [thing] if each.a %}{{ each.a }}{{ each.c.d | default('no') }}{% endfor %}",
    "joins and sets": "{{ unsafe ~ markup }}{% set held %}{{ unsafe }}{% endset %}{{ held }}{{ (unsafe, markup) | join('<') }}",
    "filters": "{{ unsafe | upper }}{{ markup | striptags }}{{ unsafe | safe }}{{ missing | default(unsafe) }}",
}
START = "{% from 'macros' import badge, card, loose, asks, many %}"
LAYOUTS = {
    "base": "<{% block title %}base{% endblock %}|{% block body %}{% for n in (1, 2) %}{% block row scoped %}"
    "{{ n }}{% endblock %}"
    "{% endfor %}{% endblock %}|{{ escapes() }}>",
    "middle": "{% extends 'base' %}{% set lead = unsafe %}{% block title %}{{ self.lead() }}·{{ super() }}{% endblock %}"
    "{% block body %}{{ lead }}{% block lead %}mid{% endblock %}{{ super() }}{% endblock %}",
    "part": "[{{ unsafe }}{{ given | default('none') }}{{ badge(unsafe) if badge is defined }}]",
    "alone": "({{ escapes() }}{{ unsafe is defined }})",
}
CHILDREN = {
    "blocks in blocks": "{% extends 'middle' %}{% block lead %}<{{ unsafe }}>{{ super() }}{% endblock %}",
    "a block in a loop": "{% extends 'base' %}{% block row %}({{ n }}{{ sees('n') }}{{ super() }}){% endblock %}",
    "what stands outside blocks": "{% extends 'base' %}never {{ unsafe }}{% block title %}shown{% endblock %}",
    "a parent by its name in a variable": "{% extends parent %}{% block title %}{{ unsafe }}{% endblock %}",
    "a parent in a condition": "{% if no %}{% extends 'base' %}{% endif %}{% block title %}{{ unsafe }}{% endblock %} rest",
    "a parent in a condition that is met": "{% if markup %}{% extends 'base' %}{% endif %}{% block title %}{{ unsafe }}"
    "{% endblock %} rest",
    "includes": "{% set given = markup %}{% include 'part' %}{% include 'alone' without context %}"
    "{% include 'no' ignore missing %}"
    "{% for each in (1, 2) %}{% set given = each %}{% include 'part' %}{% include ['no', 'part'] %}{% endfor %}",
    "includes in macros": "{% macro held(x) %}{% include 'part' %}{{ x }}{% endmacro %}{{ held(unsafe) }}{{ held(x=1) }}",
    "a set block and a filter block": "{% set s %}{{ unsafe }}{% include 'part' %}{% endset %}{{ s }}{% filter upper %}{{ s }}"
    "{% endfilter %}",
    "recursion": "{% for n in [[1, [2]], 3] recursive %}{{ loop.index }}{% if n is iterable %}{{ loop(n) }}"
    "{% else %}{{ n }}{% endif %}{% endfor %}",
    "names that hide the site's": "{% macro sees(x) %}mine {{ x }}{% endmacro %}{{ sees(unsafe) }}"
    "{% for knows in [escapes] %}{{ knows() }}{% endfor %}{% with escapes = 'a b'.split %}{{ escapes() }}{% endwith %}",
    "calls with all kinds of arguments": "{{ told(unsafe) }}{{ told(b=1, a=markup) }}{{ told(*[1, 2]) }}"
    "{{ told(**{'a': unsafe}) }}{{ told(1, class=2) }}",
    "a macro of an outer name": "{% macro inner(a, b='-') %}{{ a }}{{ b }}{% endmacro %}{% macro outer(inner) %}{{ inner }}"
    "{% endmacro %}"
    "{{ inner(1) }}{{ inner(1, 2) }}{{ outer(unsafe) }}{% set inner = 'text' %}{{ inner }}",
}


@pass_context
def sees(context: Context, name: str) -> Any:
    return context.get(name, "nothing")


@pass_environment
def knows(environment: Environment) -> str:
    return f"<{environment.block_start_string}>"


@pass_eval_context
def escapes(context: Any) -> str:
    return str(context.autoescape)


def told(a: Any = "", b: Any = "", **more: Any) -> str:
    return f"{a}<{b}>{more}"


def rendered(made: type[Environment], source: str, **values: Any) -> str:
    environment = made(Flask("test"), autoescape=True, undefined=StrictUndefined)
    environment.loader = DictLoader({"macros": MACROS, "page": source, **LAYOUTS})
    environment.globals.update(sees=sees, knows=knows, escapes=escapes, told=told)
    return environment.get_template("page").render(values)


def both(source: str, start: str = START, **values: Any) -> list[str]:
    return [rendered(made, start + source, **values) for made in (Environment, PageEnvironment)]


@pytest.mark.parametrize("piece", PIECES)
def test_a_page_is_the_same_as_from_jinja_itself(piece: str) -> None:
    values: Mapping[str, Any] = {
        "unsafe": "<a href='x'>&\"",
        "markup": Markup("<i>yes</i>"),
        "number": 7,
        "none": None,
        "thing": {"a": "x", "b": "y", "items": 3, "c": {}},
        "later": lazy_gettext("Bread & butter"),
    }
    jinjas, ours = both(PIECES[piece], **values)
    assert ours == jinjas


@pytest.mark.parametrize("child", CHILDREN)
def test_layouts_and_parts_are_the_same_as_from_jinja_itself(child: str) -> None:
    values = {"unsafe": "<a>&", "markup": Markup("<i>yes</i>"), "no": False, "parent": "middle"}
    jinjas, ours = both(CHILDREN[child], "", **values)
    assert ours == jinjas and ours


def test_what_a_template_does_wrong_is_still_an_error() -> None:
    for wrong in (
        "{{ badge() }}",
        "{{ badge(1, 2, 3) }}",
        "{{ badge(1, nonsense=2) }}",
        "{{ unknown }}",
        "{{ card('no body') }}",
    ):
        for made in (Environment, PageEnvironment):
            with pytest.raises((UndefinedError, TypeError)):
                rendered(made, START + wrong)


def test_places_are_filled_as_the_per_cent_sign_fills_them() -> None:
    text = Markup("<b>%(name)s</b> has %(num)d of %(part)s%%")
    values = {"name": "<Mara>", "num": 3, "part": Markup("<i>all</i>"), "unused": "&"}
    assert filled(text, values) == text % values and isinstance(filled(text, values), Markup)


def test_a_changed_template_is_compiled_anew() -> None:
    kept = CompiledTemplates()
    for source, shown in (("one", "one"), ("two", "two"), ("one", "one")):
        environment = PageEnvironment(Flask("test"), bytecode_cache=kept, loader=DictLoader({"page": source}))
        assert environment.get_template("page").render() == shown


def test_a_template_is_compiled_anew_for_other_functions_of_the_site() -> None:
    kept, shown = CompiledTemplates(), []
    for function in (lambda name: f"plain {name}", sees):
        environment = PageEnvironment(Flask("test"), bytecode_cache=kept, loader=DictLoader({"page": "{{ function('x') }}"}))
        environment.globals["function"] = function
        shown.append(environment.get_template("page").render(x="seen"))
    assert shown == ["plain x", "seen"]


def test_globals_of_one_template_reach_what_it_imports() -> None:
    pieces = {"page": "{% import 'macros' as kept %}{{ kept.own() }}", "macros": "{% macro own() %}{{ mine }}{% endmacro %}"}
    for made in (Environment, PageEnvironment):
        environment = made(Flask("test"), loader=DictLoader(pieces), undefined=StrictUndefined)
        assert environment.get_template("page", globals={"mine": "its own"}).render() == "its own"


def test_code_is_never_given_to_another_source() -> None:
    """Sites are built at once, from the former and the present sources of the same templates."""
    kept, environment = CompiledTemplates(), PageEnvironment(Flask("test"))
    code = {source: compile(source, "page", "eval") for source in ("1", "2")}

    def build(source: str) -> list[str]:
        given = set()
        for number in range(3000):
            bucket = Bucket(environment, f"page {number % 300}", source)
            kept.load_bytecode(bucket)
            if bucket.code is None:
                bucket.code = code[source]
                kept.dump_bytecode(bucket)
            given.add(bucket.code)
        return [source for source in code if code[source] in given]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(build, ["1", "2"] * 4)) == [["1"], ["2"]] * 4


def test_what_one_template_is_given_no_other_sees() -> None:
    environment = PageEnvironment(Flask("test"), loader=DictLoader({"one": "{{ mine }}", "two": "{{ mine is defined }}"}))
    environment.globals["mine"] = "the site's"
    assert environment.get_template("one").render() == "the site's"
    assert environment.get_template("one", globals={"mine": "its own", "ours": 1}).render() == "its own"
    assert environment.globals["mine"] == "the site's" and "ours" not in environment.globals
    del environment.globals["mine"]
    assert environment.get_template("two").render() == "False"
