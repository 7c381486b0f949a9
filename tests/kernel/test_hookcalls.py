"""Hooks are called in the order of requirements, isolated, with the error policy of their kind."""

from collections import Counter
from typing import Any

import pluggy
import pytest

from gigneo.contributions import Refusal
from gigneo.core.hookcalls import HookCalls, ParticipantFailed
from gigneo.core.refusals import Refused
from gigneo.hooks import PROJECT, SPECS, hookimpl


class Willing:
    """Has nothing against anything."""

    @hookimpl
    def allow_order_deliver(self, order: Any) -> None:
        return None

    @hookimpl
    def order_paying(self, order: list[str]) -> None:
        order.append("willing")


class Refusing:
    """Refuses, with a reason."""

    @hookimpl
    def allow_order_deliver(self) -> Refusal:
        return Refusal("Not on a Sunday.", "sunday")

    @hookimpl
    def order_paying(self, order: list[str]) -> None:
        order.append("refusing")


class Broken:
    """Raises, whatever it is asked."""

    @hookimpl
    def allow_order_deliver(self) -> Refusal:
        raise ZeroDivisionError

    @hookimpl
    def order_paying(self) -> None:
        raise ZeroDivisionError


def calls(*plugins: object) -> tuple[HookCalls, Counter[tuple[str, str]]]:
    manager = pluggy.PluginManager(PROJECT)
    for spec in SPECS:
        manager.add_hookspecs(spec)
    for plugin in reversed(plugins):
        manager.register(plugin, type(plugin).__name__.lower())
    faults: Counter[tuple[str, str]] = Counter()
    return HookCalls(manager, faults), faults


def test_all_refusals_are_collected_with_the_name_of_who_refuses() -> None:
    hooks, _ = calls(Willing(), Refusing())
    refusals = hooks.veto("allow_order_deliver", order=None, session=None)
    assert [(str(one.reason), one.code, one.plugin) for one in refusals] == [("Not on a Sunday.", "sunday", "refusing")]


def test_a_veto_that_raises_fails_closed_and_is_counted() -> None:
    hooks, faults = calls(Willing(), Broken())
    refusals = hooks.veto("allow_order_deliver", order=None, session=None)
    assert [(one.code, one.plugin) for one in refusals] == [("veto_failed", "broken")]
    assert faults["broken", "allow_order_deliver"] == 1


def test_a_veto_that_answers_nonsense_fails_closed() -> None:
    class Truthful:
        @hookimpl
        def allow_order_deliver(self) -> bool:
            return True

    hooks, _ = calls(Truthful())
    assert [one.code for one in hooks.veto("allow_order_deliver", order=None, session=None)] == ["veto_failed"]


def test_participants_run_in_the_order_of_requirements() -> None:
    hooks, _ = calls(Willing(), Refusing())
    ran: list[str] = []
    hooks.participate("order_paying", order=ran, session=None)
    assert ran == ["willing", "refusing"]


def test_a_participant_that_raises_ends_the_action_and_is_named() -> None:
    hooks, faults = calls(Willing(), Broken())
    with pytest.raises(ParticipantFailed, match="broken"):
        hooks.participate("order_paying", order=[], session=None)
    assert faults["broken", "order_paying"] == 1


def test_a_participants_refusal_reaches_the_person_as_it_is() -> None:
    class Poor:
        @hookimpl
        def order_paying(self) -> None:
            raise Refused("Your wallet holds too little.", code="too_little")

    hooks, faults = calls(Poor())
    with pytest.raises(Refused, match="too little"):
        hooks.participate("order_paying", order=[], session=None)
    assert not faults


def test_a_fact_is_delivered_to_one_subscriber_only() -> None:
    heard: list[str] = []

    class Listener:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def order_paid(self, event: Any) -> None:
            heard.append(self.name)

    manager = pluggy.PluginManager(PROJECT)
    for spec in SPECS:
        manager.add_hookspecs(spec)
    manager.register(Listener("a"), "a")
    manager.register(Listener("b"), "b")
    hooks = HookCalls(manager, Counter())
    assert hooks.deliver("order_paid", "b", event=None, session=None)
    assert not hooks.deliver("order_paid", "c", event=None, session=None)
    assert heard == ["b"]
