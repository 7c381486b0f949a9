"""What plugins add to orders, as frozen descriptions. Part of the vocabulary; imported from :mod:`gigneo.hooks`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gigneo.contributions import LazyText, Refusal
from gigneo.order_facts import OrderFacts


@dataclass(frozen=True, slots=True)
class OrderKind:
    """A kind of order and its tab in Dashboard → Orders.

    Attributes:
        name: ``service`` or ``job``.
        label: the kind, for people.
        tab: the label of its tab.
        position: smaller comes first.
    """

    name: str
    label: LazyText
    tab: LazyText
    position: int = 50


@dataclass(frozen=True, slots=True)
class OrderTab:
    """A tab of the order page, at ``/orders/<number>/<name>``.

    Attributes:
        name: the last part of the address; unique.
        label: what the person reads.
        template: rendered inside the order page, with ``order``, ``role`` and whatever ``load`` gives.
        load: called as ``load(order, person, session)``; gives the template's variables.
        badge: a scalar subquery over the order's id, called as ``badge(order_id, person_id)``; it becomes a column of
            the page's one header statement, so that a badge costs no query.
        position: smaller comes first.
        for_administrators: whether it is shown under Gigneo → Orders too, with the role ``administrator``.
        private: whether an administrator must open it on purpose; that leaves an audit row, and both sides see it.
        head: a template for the head of the order page while the tab is open, for its scripts; not under Gigneo → Orders.
    """

    name: str
    label: LazyText
    template: str
    load: Callable[..., Mapping[str, Any]] | None = None
    badge: Callable[..., Any] | None = None
    position: int = 50
    for_administrators: bool = False
    private: bool = False
    head: str | None = None


@dataclass(frozen=True, slots=True)
class OrderAction:
    """A button of the order page and the rule behind it: what a page offers and what the server enforces are this row.

    Attributes:
        name: unique; holds and guards name it.
        label: what the button says.
        actors: who may: ``employer``, ``freelancer``, ``administrator``, ``system``.
        states: the states in which it may happen.
        kinds: the kinds of orders that have it; empty means all.
        endpoint: where the button leads, with the order's ``number``. ``None`` for what has no button.
        to: the state afterwards; ``None`` keeps the state.
        veto: the ``allow_…`` hook that is asked.
        fact: the event hook that tells of it.
        tells: the roles that are told of the fact by mail, whoever acted excepted; the words are the event's ``mail``.
        replaces: the action whose place it takes while its module is on.
        method: ``get`` opens a form, ``post`` acts at once (with ``confirm`` asked before).
        confirm: what will happen to money and people, asked before it happens.
        tone: ``primary``, ``plain`` or ``danger``.
        turn: true when an action that is open to somebody means that it is this person's turn.
        position: smaller comes first.
        unavailable: why it is not offered in a state, by state; shown as *why not*.
    """

    name: str
    label: LazyText
    actors: frozenset[str]
    states: frozenset[str]
    endpoint: str | None = None
    to: str | None = None
    veto: str | None = None
    kinds: frozenset[str] = frozenset()
    fact: str | None = None
    tells: frozenset[str] = frozenset()
    replaces: str | None = None
    method: Literal["get", "post"] = "get"
    confirm: LazyText | None = None
    tone: Literal["primary", "plain", "danger"] = "plain"
    turn: bool = False
    position: int = 50
    unavailable: Mapping[str, LazyText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderGuard:
    """A rule that an action must pass, for people who act; shown on the page with its reason.

    Attributes:
        name: unique.
        actions: the actions that it guards; empty means all.
        check: called as ``check(order, action, role)``; gives a :class:`Refusal` or ``None``. It reads only what it is
            given, so that it may run for every button of a page.
    """

    name: str
    actions: frozenset[str]
    check: Callable[..., Refusal | None]


@dataclass(frozen=True, slots=True)
class OrderTimer:
    """Something that an order does by itself when a time has come: a task that is due then, written with the step before.

    When it is due is computed from the order alone, after each of its steps: what moves the time moves the task, and what
    makes it ``None`` takes the task back. It is computed again under the order's lock before anything happens. It fires once
    for a time that it goes on giving. While the module is off, its timers wait; when it comes back, or is new, they are
    computed for all orders that are not over, or ended within the last 30 days.

    Attributes:
        name: unique.
        action: the action of the process table that it takes as ``system``.
        due: called as ``due(order)``; gives the time, aware, or ``None`` while there is none.
        fire: called as ``fire(session, order_id)`` in a writing transaction in which the order is locked.
        says: called as ``says(order)``; gives what the page says of it before the time, or ``None`` for nothing.
    """

    name: str
    action: str
    due: "Callable[[OrderFacts], datetime | None]"
    fire: Callable[..., object]
    says: "Callable[[OrderFacts], LazyText | None] | None" = None


@dataclass(frozen=True, slots=True)
class OrderPanel:
    """A panel on the Overview tab.

    Attributes:
        name: unique.
        area: ``main`` or ``side``.
        template: rendered with ``order``, ``role`` and whatever ``load`` gives.
        load: called as ``load(order, person, session)``; ``None`` instead of values shows no panel.
        position: smaller comes first.
        fixed: whether it shows nothing but that, in the reader's language and time zone: it is then drawn once for the same
            values, which must be hashable, with nothing of the request and the person in reach.
    """

    name: str
    area: Literal["main", "side"]
    template: str
    load: Callable[..., Mapping[str, Any] | None] | None = None
    position: int = 50
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """With what a file of an order came, for the Attachments tab.

    Attributes:
        kind: ``<plugin>.<thing>``, as the file's row has it.
        label: what people call it.
        link: called as ``link(number, origin_id)``; gives the address at which a party of the order sees that with which the
            file came. Without it the label is no link.
        tab: the order's tab that shows those things. While that is private and closed, administrators see none of the files.
    """

    kind: str
    label: LazyText
    link: Callable[[str, int], str] | None = None
    tab: str = ""


@dataclass(frozen=True, slots=True)
class LastAct:
    """What counts as having acted on an order: whoever added a file can take it back until somebody else has.

    Attributes:
        name: unique.
        at: a scalar subquery, called as ``at(order_id, person_id)``: when anybody but the person last acted.
    """

    name: str
    at: Callable[..., Any]
