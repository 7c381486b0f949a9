"""What the command line does to accounts, and what other modules may know of people."""

import pytest
from sqlmodel import select

from gigneo.contributions import Permission
from gigneo.core.accounts.admin import create_user, grant, list_users
from gigneo.core.accounts.people import Person, PersonName, effective_permissions, find_person, names_of
from gigneo.core.db.models import AuditEntry
from gigneo.core.refusals import Refused

PHRASE = "a long pass phrase"


def test_people_are_made_listed_and_given_roles(runtime):
    first = create_user(runtime, "Root@People.example", "Root", PHRASE, ["administrator"])
    second = create_user(runtime, "both@people.example", "Both", PHRASE, ["freelancer", "employer"])
    with pytest.raises(Refused) as refused:
        grant(runtime, "BOTH@people.example", "administrator")
    assert refused.value.code == "mixed_roles"
    grant(runtime, "both@people.example", "employer", allowed=False)
    grant(runtime, "BOTH@people.example", "employer")
    assert [(one.id, one.email, one.roles, one.confirmed) for one in list_users(runtime)] == [
        (first, "root@people.example", ("administrator",), True),
        (second, "both@people.example", ("employer", "freelancer"), True),
    ]
    with runtime.read() as session:
        actions = session.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["user.created", "user.created", "user.revoked", "user.granted"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("no address", "N", PHRASE, ["employer"]), "bad_email"),
        (("n@people.example", "N", "short", ["employer"]), "weak_password"),
        (("n@people.example", "N", PHRASE, ["king"]), "unknown_role"),
        (("n@people.example", "N", PHRASE, ["administrator", "employer"]), "mixed_roles"),
        (("ada@people.example", "N", PHRASE, ["employer"]), "taken"),
    ],
)
def test_a_person_who_can_not_be_made_is_refused_with_the_reason(runtime, ada, arguments, code):
    with pytest.raises(Refused) as refused:
        create_user(runtime, *arguments)
    assert refused.value.code == code
    assert len(list_users(runtime)) == 1


def test_only_what_is_declared_can_be_granted_and_only_to_somebody(runtime, ada):
    for email, right, code in ((ada.email, "orders.mange", "unknown_right"), ("x@y.example", "employer", "unknown_person")):
        with pytest.raises(Refused) as refused:
            grant(runtime, email, right)
        assert refused.value.code == code


def test_rights_come_from_roles_and_grants_and_denials_win():
    declared = [
        Permission("a.x", "", frozenset({"administrator"})),
        Permission("a.y", "", frozenset({"employer"})),
        Permission("a.z", "", frozenset()),
    ]
    who = frozenset({"employer"})
    none = frozenset()
    assert effective_permissions(who, none, none, declared) == {"a.y"}
    assert effective_permissions(who, frozenset({"a.z", "gone.right"}), none, declared) == {"a.y", "a.z"}
    assert effective_permissions(who, frozenset({"a.y"}), frozenset({"a.y"}), declared) == none
    assert effective_permissions(frozenset({"administrator"}), none, none, declared) == {"a.x"}


def test_modules_find_people_by_address_and_names_by_id(runtime, ada, bob):
    with runtime.read() as session:
        assert find_person(session, " ADA@people.example") == PersonName(ada.id, "Ada")
        assert find_person(session, "nobody@people.example") is None
        assert names_of(session, [bob.id, ada.id, 99, ada.id]) == {ada.id: "Ada", bob.id: "Bob"}
        assert names_of(session, []) == {}


def test_a_person_can_not_be_changed():
    with pytest.raises(AttributeError):
        Person.__new__(Person).roles = frozenset({"administrator"})
