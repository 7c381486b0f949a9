"""The shared vocabulary: every hook of Gigneo, by family, and the frozen facts that they carry.

The tense says the rule. Past tense is a fact and runs after the commit; ``-ing`` takes part in the transaction; ``allow_``
may refuse. Each method's docstring says when it fires, in which transaction, what an error does and since when.
``docs/hooks.md`` is generated from this file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pluggy

from gigneo.contributions import (
    AdminScreen,
    DashboardTab,
    FileOwner,
    LazyText,
    MenuItem,
    PeriodicTask,
    Permission,
    Refusal,
    SettingsForm,
    SlotFragment,
    TaskHandler,
)

if TYPE_CHECKING:
    from flask import Blueprint
    from sqlmodel import Session

PROJECT = "gigneo"
hookimpl = pluggy.HookimplMarker(PROJECT)
_spec = pluggy.HookspecMarker(PROJECT)

HookKind = Literal["contribution", "veto", "participant", "provider", "event", "life cycle"]


def hookspec(kind: HookKind, *, since: str = "0.1") -> Callable[[Any], Any]:
    """Mark a method of a spec class as a hook.

    Args:
        kind: decides how the kernel calls it, in which transaction, and what an error does.
        since: the first version of Gigneo (or of the plugin that offers it) that has it.
    """

    def mark(function: Any) -> Any:
        function.gigneo_kind, function.gigneo_since = kind, since
        return _spec(firstresult=kind == "provider")(function)

    return mark


# --------------------------------------------------------------------------------------------------- order: what it is


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Something that blocks actions on an order until its owner, or an administrator, lifts it.

    Attributes:
        id: the hold.
        plugin: who placed it.
        reason: why, for both parties.
        actions: the names of the actions that it blocks.
        placed_at: since when.
    """

    id: int
    plugin: str
    reason: str
    actions: frozenset[str]
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as hooks see it: ids and values, no row.

    Attributes:
        id: the key in the database.
        number: the public number, not sequential.
        kind: ``service`` or ``job``.
        state: ``pending_payment``, ``active``, ``delivered``, ``in_revision``, ``completed`` or ``cancelled``.
        title: what was agreed.
        package: the package's name.
        employer_id: who pays.
        freelancer_id: who delivers.
        employer_name: for people.
        freelancer_name: for people.
        price_minor: the agreed price in the currency's minor unit.
        employer_fee_minor: what the employer pays on top.
        commission_minor: what the platform keeps of the price; frozen when the order was placed.
        currency: ISO 4217.
        days: the agreed time to deliver, in days.
        revisions_total: how many revisions are included; ``None`` means unlimited.
        revisions_used: how many were asked for.
        placed_at: when it was placed.
        started_at: when it was paid.
        due_at: when the final delivery is due.
        delivered_at: when the last final delivery came.
        finished_at: when it was completed or cancelled.
        version: counts every change; a page made from an older one is stale.
        holds: what blocks it now.
        features: what the package includes.
    """

    id: int
    number: str
    kind: str
    state: str
    title: str
    package: str
    employer_id: int
    freelancer_id: int
    employer_name: str
    freelancer_name: str
    price_minor: int
    employer_fee_minor: int
    commission_minor: int
    currency: str
    days: int
    revisions_total: int | None
    revisions_used: int
    placed_at: datetime
    started_at: datetime | None = None
    due_at: datetime | None = None
    delivered_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 1
    holds: tuple[HoldFacts, ...] = ()
    features: tuple[str, ...] = ()

    @property
    def revisions_left(self) -> int | None:
        """How many revisions are left; ``None`` means unlimited."""
        return None if self.revisions_total is None else max(0, self.revisions_total - self.revisions_used)

    def role_of(self, person_id: int) -> str | None:
        """Return ``employer``, ``freelancer``, or ``None`` for somebody who is no party."""
        if person_id == self.employer_id:
            return "employer"
        return "freelancer" if person_id == self.freelancer_id else None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order will be, before it exists. The terms are copied: later changes of the offer don't touch the order.

    Attributes:
        kind: ``service`` or ``job``.
        source_id: the service or job that it comes from.
        title: what is bought.
        package: the package's name.
        features: what the package includes.
        employer_id: who pays.
        freelancer_id: who delivers.
        price_minor: at least 1.
        currency: ISO 4217.
        days: at least 1.
        revisions: 0 or more; ``None`` means unlimited.
        category: what the commission rules may look at.
    """

    kind: str
    source_id: int
    title: str
    package: str
    features: tuple[str, ...]
    employer_id: int
    freelancer_id: int
    price_minor: int
    currency: str
    days: int
    revisions: int | None
    category: str = ""


@dataclass(frozen=True, slots=True)
class CommissionQuote:
    """What the platform takes, frozen on the order.

    Attributes:
        commission_minor: kept of the price.
        employer_fee_minor: charged to the employer on top of the price.
        rate_basis_points: the percentage behind it, in hundredths of a percent; reversals use it.
    """

    commission_minor: int
    employer_fee_minor: int = 0
    rate_basis_points: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery that is being made.

    Attributes:
        id: the delivery.
        final: true for a final delivery, false for draft work.
        file_ids: the attached files.
    """

    id: int
    final: bool
    file_ids: tuple[int, ...] = ()


# ------------------------------------------------------------------------------------- order: what plugins add to it


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
    """

    name: str
    label: LazyText
    template: str
    load: Callable[..., Mapping[str, Any]] | None = None
    badge: Callable[..., Any] | None = None
    position: int = 50
    for_administrators: bool = False


@dataclass(frozen=True, slots=True)
class OrderAction:
    """A button of the order page and the rule behind it: what a page offers and what the server enforces are this row.

    Attributes:
        name: unique; holds and guards name it.
        label: what the button says.
        actors: who may: ``employer``, ``freelancer``, ``administrator``, ``system``.
        states: the states in which it may happen.
        endpoint: where the button leads, with the order's ``number``. ``None`` for what has no button.
        to: the state afterwards; ``None`` keeps the state.
        veto: the ``allow_…`` hook that is asked.
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
class OrderPanel:
    """A panel on the Overview tab.

    Attributes:
        name: unique.
        area: ``main`` or ``side``.
        template: rendered with ``order``, ``role`` and whatever ``load`` gives.
        load: called as ``load(order, person, session)``.
        position: smaller comes first.
    """

    name: str
    area: Literal["main", "side"]
    template: str
    load: Callable[..., Mapping[str, Any]] | None = None
    position: int = 50


# ------------------------------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What every fact about an order carries.

    Attributes:
        order_id: the order.
        number: its public number.
        kind: ``service`` or ``job``.
        employer_id: who pays.
        freelancer_id: who delivers.
        actor_id: who did it; ``None`` for the system.
        at: when it happened.
    """

    hook: ClassVar[str] = ""

    order_id: int
    number: str
    kind: str
    employer_id: int
    freelancer_id: int
    actor_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderPlaced(OrderEvent):
    """``order_placed``: an employer placed an order; nothing is paid yet."""

    hook: ClassVar[str] = "order_placed"


@dataclass(frozen=True, slots=True)
class OrderPaid(OrderEvent):
    """``order_paid``: the price is in escrow and the work starts."""

    hook: ClassVar[str] = "order_paid"
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDelivered(OrderEvent):
    """``order_delivered``: a final delivery was made; a draft is ``draft_shared``."""

    hook: ClassVar[str] = "order_delivered"
    delivery_id: int
    on_time: bool


@dataclass(frozen=True, slots=True)
class DraftShared(OrderEvent):
    """``draft_shared``: draft work was shared for feedback."""

    hook: ClassVar[str] = "draft_shared"
    delivery_id: int


@dataclass(frozen=True, slots=True)
class RevisionRequested(OrderEvent):
    """``revision_requested``: the employer asked for changes, and a revision is spent."""

    hook: ClassVar[str] = "revision_requested"
    revisions_left: int | None


@dataclass(frozen=True, slots=True)
class OrderCompleted(OrderEvent):
    """``order_completed``: the delivery was approved; the money is clearing."""

    hook: ClassVar[str] = "order_completed"


@dataclass(frozen=True, slots=True)
class OrderCancelled(OrderEvent):
    """``order_cancelled``: the order ended without completion; whatever was in escrow went back to the employer."""

    hook: ClassVar[str] = "order_cancelled"
    cancelled_by: str
    refunded_minor: int


# -------------------------------------------------------------------------------------------------------------- specs


class SiteSpecs:
    """What a plugin adds to the site. Called once per site build; an error makes the plugin ``failed``."""

    @hookspec("contribution")
    def routes(self) -> "Iterable[Blueprint]":
        """Return the plugin's blueprints. Every view declares who may call it, or the plugin is left out as failed."""

    @hookspec("contribution")
    def permissions(self) -> Iterable[Permission]:
        """Return the rights that the plugin's routes ask for."""

    @hookspec("contribution")
    def dashboard_menu(self) -> Iterable[MenuItem]:
        """Return entries of the dashboard's side bar."""

    @hookspec("contribution")
    def dashboard_tabs(self) -> Iterable[DashboardTab]:
        """Return tabs of dashboard pages."""

    @hookspec("contribution")
    def admin_screens(self) -> Iterable[AdminScreen]:
        """Return screens of the Gigneo area."""

    @hookspec("contribution")
    def settings_form(self) -> SettingsForm:
        """Return the form of the operator's choices; the kernel makes the screen, stores and audits them."""

    @hookspec("contribution")
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """Return pieces for the named places of pages. A fragment that raises is left empty and counted."""

    @hookspec("contribution")
    def task_handlers(self) -> Iterable[TaskHandler]:
        """Return what runs the plugin's tasks and timers."""

    @hookspec("contribution")
    def periodic_tasks(self) -> Iterable[PeriodicTask]:
        """Return work that comes back."""

    @hookspec("contribution")
    def file_owners(self) -> Iterable[FileOwner]:
        """Return who may read the files that the plugin's things own."""


class ModuleSpecs:
    """The life of a module."""

    @hookspec("veto")
    def allow_module_disable(self, module: str, session: "Session") -> Refusal | None:
        """Say why a module must not be switched off now. All are asked, inside the toggle's transaction, read only.

        An error counts as a refusal. ``gigneo modules disable --force`` does not ask.
        """

    @hookspec("life cycle")
    def on_enable(self, session: "Session") -> None:
        """Prepare the plugin's own data, and reconcile what happened while it was off. An error aborts enabling."""

    @hookspec("life cycle")
    def on_disable(self, session: "Session") -> None:
        """Stand down. The plugin's data stays. An error aborts disabling, unless it is forced."""


class OrderPageSpecs:
    """What plugins add to orders. Interpreted by ``orders``; the kernel only collects them."""

    @hookspec("contribution")
    def order_kinds(self) -> Iterable[OrderKind]:
        """Return kinds of orders, each with a tab in Dashboard → Orders."""

    @hookspec("contribution")
    def order_tabs(self) -> Iterable[OrderTab]:
        """Return tabs of the order page."""

    @hookspec("contribution")
    def order_actions(self) -> Iterable[OrderAction]:
        """Return actions of the order's process."""

    @hookspec("contribution")
    def order_guards(self) -> Iterable[OrderGuard]:
        """Return rules that actions must pass."""

    @hookspec("contribution")
    def order_panels(self) -> Iterable[OrderPanel]:
        """Return panels of the Overview tab."""


class OrderRuleSpecs:
    """Who may refuse, and who takes part. Called inside the order's one writing transaction."""

    @hookspec("veto")
    def allow_order_place(self, terms: OrderTerms, session: "Session") -> Refusal | None:
        """Say why these terms must not become an order."""

    @hookspec("veto")
    def allow_order_deliver(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why nothing may be delivered now, neither a draft nor the final work."""

    @hookspec("veto")
    def allow_revision_request(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why no revision may be asked for now."""

    @hookspec("veto")
    def allow_order_approve(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why the delivery can't be approved now."""

    @hookspec("veto")
    def allow_order_cancel(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why the order can't be cancelled now."""

    @hookspec("provider")
    def quote_commission(self, terms: OrderTerms, session: "Session") -> CommissionQuote | None:
        """Quote what the platform takes for these terms; the first answer is frozen on the order."""

    @hookspec("participant")
    def order_paying(self, order: OrderFacts, session: "Session") -> None:
        """Move the price into escrow. Raise ``Refused`` when it can't be paid; the order then stays as it was."""

    @hookspec("participant")
    def order_delivering(self, order: OrderFacts, delivery: DeliveryFacts, session: "Session") -> None:
        """Take part in a delivery. Raising rolls everything back."""

    @hookspec("participant")
    def order_completing(self, order: OrderFacts, session: "Session") -> None:
        """Release the escrow less commission. Raising rolls everything back."""

    @hookspec("participant")
    def order_cancelling(self, order: OrderFacts, session: "Session") -> None:
        """Give back what is in escrow. Raising rolls everything back."""


class OrderEventSpecs:
    """Facts about orders. Each subscriber is called after the commit, in a writing transaction of its own.

    An error is isolated and retried with back-off; after the last attempt the delivery is *dead*: visible, re-runnable.
    """

    @hookspec("event")
    def order_placed(self, event: OrderPlaced, session: "Session") -> None:
        """An order was placed."""

    @hookspec("event")
    def order_paid(self, event: OrderPaid, session: "Session") -> None:
        """An order was paid and has started."""

    @hookspec("event")
    def order_delivered(self, event: OrderDelivered, session: "Session") -> None:
        """A final delivery was made."""

    @hookspec("event")
    def draft_shared(self, event: DraftShared, session: "Session") -> None:
        """Draft work was shared."""

    @hookspec("event")
    def revision_requested(self, event: RevisionRequested, session: "Session") -> None:
        """A revision was asked for."""

    @hookspec("event")
    def order_completed(self, event: OrderCompleted, session: "Session") -> None:
        """An order was completed."""

    @hookspec("event")
    def order_cancelled(self, event: OrderCancelled, session: "Session") -> None:
        """An order was cancelled."""


SPECS = (SiteSpecs, ModuleSpecs, OrderPageSpecs, OrderRuleSpecs, OrderEventSpecs)
"""The spec classes that every site knows. A plugin's own hookspecs join them, with names that carry its prefix."""

EVENTS = (OrderPlaced, OrderPaid, OrderDelivered, DraftShared, RevisionRequested, OrderCompleted, OrderCancelled)
"""Each event, by which a task's payload is turned back into it. A plugin's own events are an ``EVENTS`` of its hooks.py."""
