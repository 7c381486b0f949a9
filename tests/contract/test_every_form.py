"""Every form of the built site, by introspection: what is missing, nonsense numbers, and whose words are spoken."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wtforms
from babel.messages.pofile import read_po
from flask import g
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from wtforms.fields.numeric import DecimalField, FloatField, IntegerField

from gigneo.api import find_person, form_key
from gigneo.core.dispatch import Dispatcher
from gigneo.core.forms import SAID, OwnWords, WholeNumberField, with_csrf
from gigneo.plugins.orders.states import STATES
from gigneo.testing.fixtures import Browser
from tests.contract.test_rights import address, routes, world  # noqa: F401 - the fixture

NO_NUMBERS = (
    "1e309", "0x1F", "1_000", "1_0", "-0", "\u22125", "+5", "-1", "1,005.50", "1.005,50", "0.1+0.2", "5.0", "1.", "١٢٣", "３",
    "Ⅷ", "²", "NaN", "Infinity", "None", "1e3", "1e-9", "0.004", " 5 ", "5 ", "\u00a05", "5\n", "5\x00", "five", "9" * 400,
    "1" + "0" * 400, str(2**31), str(2**63), "0" * 400 + "5",
)  # fmt: skip
"""What no field of a whole number takes: signs, exponents, group signs, blanks, other digits, and what is far too large."""
NASTY = (
    "", " " * 1000, "\u200b", "\u00a0\t\r\n", "\u202eabc", "<img src=x onerror=alert(1)>", "%(x)s %s %n",
    "{0.__class__}", "{{7*7}}", "x" * 100_000, "é\u0301" * 500, "\uffff", "\U0001f468\u200d\U0001f469" * 1000, *NO_NUMBERS,
)  # fmt: skip
CATALOGUE = Path(wtforms.__file__).parent / "locale" / "wtforms.pot"


def theirs() -> dict[str, str]:
    """WTForms' own messages, the plural ones beside the singular."""
    with CATALOGUE.open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    return dict(pair if isinstance(pair, tuple) else (pair, pair) for pair in messages)


def every_form(kind: type[Any] = wtforms.Form) -> Iterator[type[Any]]:
    """Every form class of Gigneo and its modules."""
    for form in kind.__subclasses__():
        if form.__module__.startswith("gigneo.") and form.__module__ != "gigneo.core.forms" and "." not in form.__qualname__:
            yield form
        yield from every_form(form)


@pytest.fixture
def visit(demo_site: Dispatcher) -> Iterator[None]:
    """A page of somebody who is logged in."""
    with demo_site.site.app.test_request_context("/", base_url="http://localhost"):
        g.person = None
        yield


def test_every_message_of_wtforms_has_words_of_ours() -> None:
    assert set(theirs()) == set(SAID)
    assert not {str(said) for said in SAID.values()} & {*theirs(), *theirs().values()}


def test_every_form_speaks_in_our_words_and_types_whole_numbers_in_one_way(visit: None) -> None:
    forms = set(every_form())
    assert len(forms) > 18, "the forms of the modules and the accounts"
    assert not [form for form in forms if not issubclass(form, OwnWords)]
    own = [form for form in forms if not form.__module__.startswith("gigneo.core.accounts")]
    loose = [(form, field) for form in own for field in form() if isinstance(field, IntegerField | DecimalField | FloatField)]
    assert not loose, "a whole number is a WholeNumberField, an amount an AmountField"


def test_no_form_takes_a_number_that_is_none_and_each_says_its_bounds(visit: None) -> None:
    seen = 0
    for form in every_form():
        for name in [field.name for field in _made(form) if isinstance(field, WholeNumberField)]:
            for typed in NO_NUMBERS:
                filled = _made(form, {name: typed})
                field, started = filled[name], time.process_time()
                assert not filled.validate() and field.errors, (form, name, typed)
                said = " ".join(str(error) for error in field.errors)
                assert str(field.least) in said and str(field.most) in said, (form, name, typed, said)
                assert field._value() == typed, "it comes back as it was typed"
                assert time.process_time() - started < 1
                seen += 1
            for typed in (str(_made(form)[name].least), str(_made(form)[name].most)):
                filled = _made(form, {name: typed})
                filled.validate()
                assert filled[name].data == int(typed) and not filled[name].errors, (form, name, typed)
    assert seen > 300


def test_no_form_answers_with_the_english_of_its_library_or_breaks_on_nonsense(visit: None) -> None:
    english = {*theirs(), *theirs().values()}
    for form in every_form():
        if form.__module__.startswith("gigneo.core.accounts.forms"):
            continue  # they ask the database; the next test posts them
        names = [field.name for field in _made(form) if field.name != "csrf_token"]
        for sent in ({}, *({name: typed for name in names} for typed in NASTY)):
            filled, started = _made(form, sent), time.process_time()
            filled.validate()
            told = {str(error) for errors in filled.errors.values() for error in errors}
            assert not told & english, (form, sent)
            assert not [error for error in told if re.search(r"%\((?!x\))", error)], (form, sent)
            assert time.process_time() - started < 1, (form, sent)


def _made(form: type[Any], sent: dict[str, str] | None = None) -> Any:
    return form(formdata=None if sent is None else MultiDict(sent), meta={"csrf": False})


@pytest.mark.parametrize("whole", [False, True], ids=["nothing", "key and version"])
def test_no_form_that_lacks_every_field_breaks(world: dict[str, Any], whole: bool) -> None:  # noqa: F811
    site = world["site"]
    insiders = [
        Browser(world["people"]["anonymous"].application).log_in(f"{who}@demo.example", "demo-demo-demo") for who in PEOPLE
    ]
    posts = sorted({rule.rule: rule for rule, method, _ in routes(site) if method == "POST"}.values(), key=_last_of_all)
    seen: set[int] = set()
    for rule in posts:
        for values in _places(world, rule):
            for browser in insiders:
                browser.get("/account")
                sent = {"csrf_token": browser.fields["csrf_token"]}
                if whole:
                    sent |= {"form_key": form_key(), "version": _version(world, values)}
                answer = browser.post(address(site, rule, values), data=sent)
                seen.add(answer.status_code)
                assert answer.status_code < 500, f"{rule.rule} {values.get('number')}: {answer.status_code}\n{answer.text[-800:]}"
                if answer.status_code in (303, 302) and browser.get("/account").status_code != 200:
                    browser.log_in(f"{PEOPLE[insiders.index(browser)]}@demo.example", "demo-demo-demo")
    assert {404, 409, 422} <= seen


PEOPLE = ("employer", "freelancer", "admin")


def _last_of_all(rule: Any) -> tuple[bool, bool, str]:
    """Modules are switched off, and people logged out, after everything else."""
    return "/admin/modules" in rule.rule, "log" in rule.rule, rule.rule


def _places(world: dict[str, Any], rule: Any) -> Iterator[dict[str, Any]]:  # noqa: F811
    """What the address of a form is tried with: an order of the insiders in every state, the settings of every module."""
    samples = world["samples"]
    if "number" in rule.arguments:
        with world["runtime"].read() as session:
            parties = [find_person(session, f"{who}@demo.example").id for who in ("employer", "freelancer")]  # type: ignore[union-attr]
            query = "SELECT min(number) FROM orders_order WHERE state = :state AND (employer_id = :e OR freelancer_id = :f)"
            values = {"e": parties[0], "f": parties[1]}
            numbers = [session.execute(text(query), {"state": state, **values}).scalar() for state in STATES]
        yield from ({**samples, "number": number} for number in numbers if number)
    elif "module" in rule.arguments:
        yield from ({**samples, "module": name} for name in world["site"].settings)
    else:
        yield samples


def _version(world: dict[str, Any], values: dict[str, Any]) -> str:  # noqa: F811
    with world["runtime"].read() as session:
        query = text("SELECT version FROM orders_order WHERE number = :number")
        return str(session.execute(query, {"number": values["number"]}).scalar())


def test_settings_forms_of_others_speak_in_our_words_too(visit: None) -> None:
    class Plain(wtforms.Form):
        days = IntegerField("Days", [wtforms.validators.InputRequired()])

    for typed, said in (("x", "Write a whole number in digits."), ("", "Fill this in.")):
        form = with_csrf(Plain)(MultiDict({"days": typed}), meta={"csrf": False})
        assert not form.validate() and said in form.days.errors[0]
