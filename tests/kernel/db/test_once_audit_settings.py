"""Form keys, the audit, the operator's choices, and JSON that keeps its types."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import g
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from gigneo.contributions import Refusal
from gigneo.core.audit import audit
from gigneo.core.db.models import AuditEntry
from gigneo.core.db.uow import reading, writing
from gigneo.core.once import form_key, once
from gigneo.core.refusals import Refused, RefusedMany
from gigneo.core.revision import bump_revision
from gigneo.core.settings import delete_settings, read_settings, write_settings
from gigneo.core.typed_json import decode, encode
from tests.kernel.db.conftest import NOON
from tests.kernel.db.small import Account, count


def post(engines, key: str, body: dict, result: str = "A-1") -> str:
    """What a view does with a posted form."""
    with writing(engines, revision=None) as session:

        def run() -> str:
            session.add(Account(name=result))
            return result

        return once(session, key, body, run)


def test_the_same_form_twice_does_once_and_gives_the_first_result(engines):
    key = form_key()
    assert post(engines, key, {"amount": 5, "to": 1}, "A-1") == "A-1"
    assert post(engines, key, {"to": 1, "amount": 5}, "A-2") == "A-1"
    assert count(engines, "ledger_account") == 1


def test_the_same_key_with_another_body_is_refused_and_nothing_is_written(engines):
    key = form_key()
    post(engines, key, {"amount": 5})
    with pytest.raises(Refused) as refused:
        post(engines, key, {"amount": 6})
    assert refused.value.code == "key_reused"
    assert count(engines, "ledger_account") == 1


def test_a_key_belongs_to_the_person_who_used_it(runtime, engines):
    key = form_key()
    for person, refused in ((1, False), (1, False), (2, True)):
        with runtime.site.app.app_context():
            g.person = SimpleNamespace(id=person)
            if refused:
                with pytest.raises(Refused) as refusal:
                    post(engines, key, {"amount": 5})
                assert refusal.value.code == "key_reused"
            else:
                post(engines, key, {"amount": 5})
    assert count(engines, "ledger_account") == 1


def test_a_key_is_free_again_when_the_action_failed(engines):
    key = form_key()
    with pytest.raises(Refused, match="Too little"), writing(engines, revision=None) as session:

        def run() -> str:
            raise Refused("Too little money.")

        once(session, key, {"amount": 5}, run)
    assert post(engines, key, {"amount": 6}) == "A-1"


@pytest.mark.parametrize("key", ["", "x" * 65])
def test_a_form_without_a_usable_key_is_refused(engines, key):
    with pytest.raises(Refused) as refused:
        post(engines, key, {})
    assert refused.value.code == "key_missing"


def test_two_posts_at_once_do_once(engines):
    """The second waits for the first: on SQLite for the writer lock, on PostgreSQL for the key."""
    key, inside, results = form_key(), threading.Event(), []

    def first() -> None:
        with writing(engines, revision=None) as session:

            def run() -> str:
                inside.set()
                threading.Event().wait(0.3)
                session.add(Account(name="first"))
                return "first"

            results.append(once(session, key, {}, run))

    def second() -> None:
        inside.wait(5)
        results.append(post(engines, key, {}, "second"))

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == ["first", "first"]
    assert count(engines, "ledger_account") == 1


def test_form_keys_do_not_repeat():
    assert len({form_key() for _ in range(1000)}) == 1000


def test_an_audit_row_names_the_person_and_the_request_by_itself(runtime, engines, clock):
    with runtime.site.app.app_context():
        g.person, g.request_id = SimpleNamespace(id=7), "r-1"
        with writing(engines, revision=None) as session:
            audit(session, "module.disabled", "disputes", {"forced": True, "at": NOON})
            audit(session, "task.swept", "tasks", actor_id=None)
    with reading(engines) as session:
        first, second = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert (first.actor_id, first.request_id, first.subject, first.at) == (7, "r-1", "disputes", clock.now())
    assert decode(first.detail) == {"forced": True, "at": NOON}
    assert (second.actor_id, second.detail) == (None, None)


def test_an_audit_row_stands_or_falls_with_the_deed(engines):
    with pytest.raises(ZeroDivisionError), writing(engines, revision=None) as session:
        audit(session, "module.disabled", "disputes")
        raise ZeroDivisionError
    assert count(engines, "audit_entry") == 0


def test_settings_come_back_with_their_types(engines):
    values = {"rate": Decimal("12.50"), "days": 3, "on": True, "text": "Grüße", "none": None, "kinds": ["a", "b"]}
    with writing(engines, revision=None) as session:
        write_settings(session, "orders", values)
        write_settings(session, "orders", {"days": 4})
        write_settings(session, "wallet", {"days": 9})
        write_settings(session, "wallet", {})
    with reading(engines) as session:
        assert read_settings(session) == {"orders": {**values, "days": 4}, "wallet": {"days": 9}}
    with writing(engines, revision=None) as session:
        delete_settings(session, "orders")
    with reading(engines) as session:
        assert read_settings(session) == {"wallet": {"days": 9}}


def test_storing_settings_alone_does_not_move_the_revision(engines):
    with writing(engines, revision=1) as session:
        write_settings(session, "orders", {"days": 3})
    assert count(engines, "site_state", "revision = 1") == 1
    with writing(engines, revision=1, toggling=True) as session:
        assert bump_revision(session) == 2


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.timedeltas(min_value=timedelta(days=-9999), max_value=timedelta(days=9999)).map(
        lambda each: timedelta(seconds=int(each.total_seconds()))
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text().filter(lambda name: not name.startswith("$")), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(PLAIN)
def test_typed_json_gives_back_what_it_got(value):
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


def test_typed_json_refuses_what_it_could_not_give_back():
    assert decode(encode(frozenset({1, 2}))) == frozenset({1, 2})
    assert decode(encode({"day": date(2026, 3, 1)})) == {"day": date(2026, 3, 1)}
    with pytest.raises(ValueError, match="naive"):
        encode({"at": datetime(2026, 3, 1)})
    for value in (object(), {"$set": [1]}, {1: 2}, Account(name="a row"), b"bytes"):
        with pytest.raises(TypeError):
            encode(value)
    with pytest.raises(ValueError, match="JSON"):
        encode(float("nan"))


def test_a_refusal_tells_every_reason():
    one = Refused("Too large.", "too_large", field="files")
    assert (str(one), one.code, one.field, one.refusals) == (
        "Too large.",
        "too_large",
        "files",
        (Refusal("Too large.", "too_large"),),
    )
    many = RefusedMany([Refusal("First.", "a", "orders"), Refusal("Second.", "b", "wallet")])
    assert (str(many), many.code, many.field) == ("First. Second.", "a", None)
    with pytest.raises(ValueError, match="reason"):
        RefusedMany([])
