"""The state machine that walks the real site and the model side by side; how long is the caller's choice.

Every step is taken in both. The real one must then succeed or refuse as the model says, and be the same in everything that
the two sides of an order can see: state, times, requests, what is offered to whom, money, records, and one activity and one
version for each fact.
"""

import itertools
from collections import Counter
from collections.abc import Container
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.orders import api as orders
from tests.plugins.orders import model_rules as rules
from tests.plugins.orders.comparing import differences
from tests.plugins.orders.model import FINISHED, OPEN, Order, Purse
from tests.plugins.orders.model_steps import Model
from tests.plugins.orders.real import FIRST_DAY, Real
from tests.plugins.orders.trying import BAD, ENDS, HOLDS, HOOKS, LOOK_AGAIN, PRICES, ROLES, STAGES, WALLET, failing


class Orders(RuleBasedStateMachine):
    """One site for all examples; each begins on its first day."""

    real: ClassVar[Real]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.keys = itertools.count(1)
        self.disputes = False
        self.model: Model
        self.past: list[str] = []

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.real.reset()
        self.real.market.top_up(amount=WALLET)
        self.model = Model(FIRST_DAY, Purse(employer=WALLET), Order(1, 1, None, FIRST_DAY))
        self._place(data)

    def _place(self, data: st.DataObject) -> None:
        price, days = data.draw(st.sampled_from(PRICES)), data.draw(st.sampled_from((1, 3, 11)))
        revisions = data.draw(st.sampled_from((0, 1, 2, None)))
        kind = data.draw(st.sampled_from(("service", "job")))
        terms = self.real.market.terms(price_minor=price, days=days, revisions=revisions, kind=kind)
        before = self.real.commits()
        for person in ("freelancer", "stranger", "administrator"):
            try:
                self.real.market.do(orders.place, terms, self.real.people[person])
            except RefusedBase:
                continue
            raise AssertionError(f"the {person} placed an order in the employer's name")
        assert self.real.commits() == before
        self.real.order_id = self.real.market.do(orders.place, terms, self.real.people["employer"]).id
        self.model.order = Order(price, days, revisions, self.model.now)
        self._count("place")
        for action, person in data.draw(st.sampled_from(STAGES)):
            if not rules.reasons(self.model, action, person, disputes=self.disputes):
                self._act(action, person)

    # ------------------------------------------------------------------------------------------------------------- acting

    @rule(data=st.data(), times=st.integers(1, 4))
    def somebody_does_what_is_open_to_them(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            if someone := self._somebody(data):
                self._act(*someone, **self._typed(someone[0], data))
                self.both_are_the_same()

    @rule(data=st.data(), action=st.sampled_from(sorted(rules.ACTIONS)), person=st.sampled_from(ROLES))
    def anybody_tries_anything(self, data: st.DataObject, action: str, person: str) -> None:
        self._act(action, person, **self._typed(action, data))

    @rule(data=st.data(), behind=st.integers(1, 3))
    def somebody_acts_from_an_old_page(self, data: st.DataObject, behind: int) -> None:
        if someone := self._somebody(data):
            self._act(*someone, version=max(0, self.model.order.version - behind), **self._typed(someone[0], data))

    @rule(data=st.data())
    def somebody_sends_a_form_twice_and_then_with_other_words(self, data: st.DataObject) -> None:
        if not (someone := self._somebody(data)):
            return
        key, typed = f"form-{next(self.keys)}", self._typed(someone[0], data)
        if not self._act(*someone, key=key, **typed):
            return
        assert not self.real.act(*someone, key=key, **typed), f"{someone}: the second click was refused"
        before = self.real.commits()
        assert self.real.act(*someone, key=key, body={"other": 1}, **typed) == "key_reused", someone
        assert self.real.commits() == before, f"{someone}: the same key with another body wrote"
        self._count("form twice")

    @rule(data=st.data())
    def somebody_types_what_no_form_accepts(self, data: st.DataObject) -> None:
        if not (someone := self._somebody(data, BAD)):
            return
        typed = {**self._typed(someone[0], data), **data.draw(st.sampled_from(BAD[someone[0]]))}
        before = self.real.commits()
        assert self.real.act(*someone, **typed), f"{someone[0]} accepted {typed}"
        assert self.real.commits() == before
        self._count("bad input")

    @rule(data=st.data(), first=st.booleans())
    def a_module_fails_in_the_middle(self, data: st.DataObject, first: bool) -> None:
        someone = self._somebody(data, HOOKS)
        if not someone or rules.reasons(self.model, *someone, disputes=self.disputes):
            return
        hook = data.draw(st.sampled_from(HOOKS[someone[0]]))
        manager = self.real.dispatcher.site.manager
        before = self.real.commits()
        manager.register(failing(hook, first), "failing")
        try:
            code = self.real.act(*someone, **self._typed(someone[0], data))
        finally:
            manager.unregister(name="failing")
        assert code == ("veto_failed" if hook.startswith("allow") else f"failed: {hook}"), (someone, hook, code)
        assert self.real.commits() == before, f"{someone[0]} wrote although a module failed in {hook}"
        self._count("fault")

    # -------------------------------------------------------------------------------------------------- time, holds, modules

    @rule(step=st.sampled_from((timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=4))))
    def time_passes(self, step: timedelta) -> None:
        self._go_on_to(self.model.now + step)

    @rule(after=st.booleans())
    def time_passes_to_just_before_or_after_what_happens_by_itself(self, after: bool) -> None:
        when = rules.next_deadline(self.model)
        if when is not None and when - rules.MOMENT > self.model.now:
            self._go_on_to(when + (rules.MOMENT if after else -rules.MOMENT))

    @precondition(lambda self: self.model.order.state in OPEN and len(self.model.order.holds) < 2)
    @rule(actions=st.sampled_from(HOLDS))
    def a_module_places_a_hold(self, actions: frozenset[str]) -> None:
        self._hold(actions)

    @precondition(lambda self: bool(self.model.order.holds))
    @rule(data=st.data())
    def a_module_lifts_its_hold(self, data: st.DataObject) -> None:
        self._lift(data.draw(st.sampled_from(sorted(self.model.order.holds))))

    @precondition(lambda self: self.model.order.state in OPEN and not self.model.order.holds)
    @rule(data=st.data(), first=st.sampled_from(HOLDS), second=st.sampled_from(HOLDS), oldest_first=st.booleans())
    def two_holds_overlap(self, data: st.DataObject, first: frozenset[str], second: frozenset[str], oldest_first: bool) -> None:
        holds = [self._hold(first)]
        self._some_time_later(data)
        holds.append(self._hold(second))
        for hold in holds if oldest_first else reversed(holds):
            self._some_time_later(data)
            self._lift(hold)
        self._count("holds overlapped")

    @precondition(lambda self: self.model.order.state == "active" and not self.model.order.hindered())
    @rule(data=st.data(), late=st.sampled_from((timedelta(hours=3), timedelta(hours=40))))
    def more_days_are_given_when_it_is_late_already(self, data: st.DataObject, late: timedelta) -> None:
        due = self.model.order.due_at
        assert due is not None
        self._go_on_to(max(due, self.model.now) + late)
        if self.model.order.state == "active":
            if self.model.order.extension_days is None:
                self._act("request_extension", "freelancer", days=1)
            self.both_are_the_same()
            if self._act("accept_extension", "employer"):
                self._count("extended when late")

    @rule(really=st.sampled_from((True, False, False)))
    def the_operator_switches_disputes_on_or_off(self, really: bool) -> None:
        if not really:  # building a site takes longer than fifty steps
            return
        self.disputes = not self.disputes
        self.real.toggle("disputes", self.disputes)
        self._count("toggle")

    # ------------------------------------------------------------------------------------------------------------ comparing

    @invariant()
    def both_are_the_same(self) -> None:
        found = differences(self.real, self.model, disputes=self.disputes)
        assert not found, "\n".join([*found, "after:", *self.past])

    def teardown(self) -> None:
        report = self.real.audit()
        assert report.ok, report

    # --------------------------------------------------------------------------------------------------------------- helpers

    def _hold(self, actions: frozenset[str]) -> int:
        hold: int = self.real.market.do(orders.place_hold, self.real.order_id, "acme", "Acme looks into it.", sorted(actions))
        self.model.hold(hold, actions)
        self._count("hold")
        return hold

    def _lift(self, hold: int) -> None:
        if hold not in self.model.order.holds:
            return  # whoever ended the order has settled it
        self.real.market.do(orders.lift_hold, self.real.order_id, hold)
        self.model.lift(hold)
        self._count("lift")
        order = self.model.order
        if not order.holds and order.clears_at is not None and order.clears_at <= self.model.now:
            self._run_at(self.model.now + LOOK_AGAIN)

    def _some_time_later(self, data: st.DataObject) -> None:
        self.both_are_the_same()
        self._go_on_to(
            self.model.now + data.draw(st.sampled_from((timedelta(minutes=7), timedelta(hours=11), timedelta(days=2))))
        )

    def _act(self, action: str, person: str, *, key: str = "", version: int | None = None, **typed: Any) -> bool:
        """Take an action in both; return whether it was allowed."""
        stale = version is not None and version < self.model.order.version
        against = rules.reasons(self.model, action, person, stale=stale, disputes=self.disputes)
        before = self.real.commits()
        code = self.real.act(action, person, key=key, version=version, **typed)
        said = f"{action} by the {person}{' (old page)' if stale else ''}"
        self._count(f"{action}: {code or 'done'}", said)
        if against:
            assert code, f"{said} succeeded, against {against}; after {self.past}"
            assert code in against or against & {"not_clearing"}, f"{said}: refused as {code}, not {against}; after {self.past}"
            assert self.real.commits() == before, f"{said} was refused ({code}), and wrote"
            return False
        assert not code, f"{said} was refused: {code}; after {self.past}"
        self.model.take(action, days=typed.get("days", 0), amount=typed.get("amount_minor", 0))
        return True

    def _typed(self, action: str, data: st.DataObject) -> dict[str, Any]:
        """What the person decides, besides the words that are always the same."""
        if action == "request_extension":
            return {"days": data.draw(st.sampled_from((1, 2, 30)))}
        if action == "administrator_refund":
            left = max(1, self.model.order.price - self.model.order.refunded)
            return {"amount_minor": data.draw(st.just(left) | st.integers(1, left))}
        return {}

    def _somebody(self, data: st.DataObject, among: Container[str] = rules.ACTIONS) -> tuple[str, str] | None:
        """Choose an action that is open to somebody; when the order is over, go on to the next one instead."""
        found = [
            (action, role)
            for role in ("employer", "freelancer", "administrator")
            for action in sorted(rules.offered(self.model, role, disputes=self.disputes))
            if action in among
        ]
        if found:
            return data.draw(st.sampled_from([*(one for one in found * 4 if one[0] not in ENDS), *found]))
        order = self.model.order
        if order.state in FINISHED and not order.holds:
            if order.clears_at is not None and self.model.purse.clearing:
                self._go_on_to(order.clears_at + rules.MOMENT)
            self._place(data)
        return None

    def _go_on_to(self, target: Any) -> None:
        """Let time pass, stopping where something happens by itself."""
        while (when := rules.next_deadline(self.model)) is not None and when <= target:
            self._run_at(when + rules.MOMENT)
        if self.model.now < target:
            self._run_at(target)

    def _run_at(self, when: Any) -> None:
        self.real.move_to(max(when, self.model.now))
        happened = rules.pass_time(self.model, max(when, self.model.now))
        self._count("tick", f"{self.model.now:%d %H:%M:%S}: {', '.join(happened) or 'nothing'}")
        type(self).steps.update(f"{name}: done" for name in happened)

    def _count(self, what: str, said: str = "") -> None:
        type(self).steps[what] += 1
        self.past.append(said or what)
