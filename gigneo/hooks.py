"""The shared vocabulary: every hook of Gigneo, by family, and the frozen facts that they carry.

The tense says the rule. Past tense is a fact and runs after the commit; ``-ing`` takes part in the transaction; ``allow_``
may refuse. Each method's docstring says when it fires, in which transaction, what an error does and since when.
``docs/hooks.md`` is generated from this file. The frozen dataclasses that hooks carry stand in
:mod:`gigneo.order_facts`, :mod:`gigneo.order_events`, :mod:`gigneo.order_contributions` and :mod:`gigneo.notices`; import them
from here.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gigneo.contributions import (
    AdminScreen,
    ContributionCheck,
    DashboardTab,
    FileOwner,
    MenuItem,
    NotificationKind,
    PeriodicTask,
    Permission,
    PersonBadge,
    Refusal,
    SelfCheck,
    SettingsForm,
    SlotFragment,
    TaskHandler,
)
from gigneo.hook_marks import PROJECT, HookKind, hookimpl, hookspec
from gigneo.notices import MailLinks, Notice
from gigneo.order_contributions import (
    FileOrigin,
    LastAct,
    OrderAction,
    OrderGuard,
    OrderKind,
    OrderPanel,
    OrderTab,
    OrderTimer,
)
from gigneo.order_events import (
    EVENTS,
    AdministratorAnswered,
    AdministratorAsked,
    AttachmentAdded,
    AttachmentRemoved,
    CancellationRejected,
    CancellationRequested,
    CancellationUnanswered,
    CancellationWithdrawn,
    DraftShared,
    ExtensionAnswered,
    ExtensionRequested,
    FeedbackReceived,
    HoldLifted,
    HoldPlaced,
    OrderCancelled,
    OrderCompleted,
    OrderDelayed,
    OrderDelivered,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    ReviewExtended,
    ReviewReminded,
    RevisionRequested,
)
from gigneo.order_facts import CommissionQuote, DeliveryFacts, HoldFacts, OrderFacts, OrderTerms, RequestFacts

if TYPE_CHECKING:
    from flask import Blueprint
    from sqlmodel import Session


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
    def notification_kinds(self) -> Iterable[NotificationKind]:
        """Return the kinds of things that the plugin tells people. Telling another one is an error."""

    @hookspec("contribution")
    def person_badges(self) -> Iterable[PersonBadge]:
        """Return numbers about the person of a request. One whose statement fails is left out and counted; the page goes on."""

    @hookspec("contribution")
    def contribution_checks(self) -> Iterable[ContributionCheck]:
        """Return how the plugin judges what others contribute to places of its own."""

    @hookspec("contribution")
    def file_owners(self) -> Iterable[FileOwner]:
        """Return who may read the files that the plugin's things own."""

    @hookspec("contribution")
    def self_checks(self) -> Iterable[SelfCheck]:
        """Return how the plugin proves its rows. ``gigneo restore`` opens a site only after nothing is found wrong."""


class TellingSpecs:
    """What becomes of ``gigneo.api.tell``. With nobody here it sends the mails of those kinds that are mailed by default."""

    @hookspec("participant")
    def person_telling(self, notice: Notice, session: "Session") -> None:
        """Take part in telling a person with an active account something, in the transaction that tells it.

        Raising rolls everything back; in the delivery of a fact, it is then tried again.
        """

    @hookspec("participant")
    def person_reading(self, person_id: int, kind: str, path: str, session: "Session") -> None:
        """Take part when a person has read, on its page, what notices of this kind told them about."""

    @hookspec("provider")
    def mail_wanted(self, notice: Notice, session: "Session") -> bool | None:
        """Say whether the person wants this as a mail; ``None`` when it is not known. Asked in the telling's transaction."""

    @hookspec("provider")
    def mail_links(self, person_id: int, kind: str, session: "Session") -> MailLinks | None:
        """Give the links of a mail about a kind of thing. Asked when the mail is sent; an error tries the mail again."""


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
    def order_timers(self) -> Iterable[OrderTimer]:
        """Return what orders do by themselves when a time has come."""

    @hookspec("contribution")
    def order_panels(self) -> Iterable[OrderPanel]:
        """Return panels of the Overview tab."""

    @hookspec("contribution")
    def order_file_origins(self) -> Iterable[FileOrigin]:
        """Return with what files of an order can come, by the names under which the module attaches them."""

    @hookspec("contribution")
    def order_last_acts(self) -> Iterable[LastAct]:
        """Return what counts as having acted on an order."""


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

    @hookspec("veto")
    def allow_cancellation_request(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why the employer can't ask for a cancellation now."""

    @hookspec("veto")
    def allow_extension_request(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why the freelancer can't ask for more days now."""

    @hookspec("veto")
    def allow_order_refund(self, order: OrderFacts, session: "Session") -> Refusal | None:
        """Say why nothing can be given back of a completed order now."""

    @hookspec("provider")
    def quote_commission(self, terms: OrderTerms, session: "Session") -> CommissionQuote | None:
        """Quote what the platform takes for these terms; the first answer is frozen on the order."""

    @hookspec("participant")
    def order_paying(self, order: OrderFacts, actor_id: int | None, session: "Session") -> None:
        """Move the price into escrow. Raise ``Refused`` when it can't be paid; the order then stays as it was."""

    @hookspec("participant")
    def order_delivering(self, order: OrderFacts, delivery: DeliveryFacts, session: "Session") -> None:
        """Take part in a delivery. Raising rolls everything back."""

    @hookspec("participant")
    def order_completing(self, order: OrderFacts, actor_id: int | None, session: "Session") -> None:
        """Release the escrow less commission. Raising rolls everything back."""

    @hookspec("participant")
    def order_cancelling(self, order: OrderFacts, actor_id: int | None, session: "Session") -> None:
        """Give back what is in escrow. Raising rolls everything back."""

    @hookspec("participant")
    def order_refunding(self, order: OrderFacts, amount_minor: int, actor_id: int | None, session: "Session") -> None:
        """Give the employer back ``amount_minor`` of the price, out of what is still clearing. Raising rolls everything back."""


class OrderEventSpecs:
    """Facts about orders. Each subscriber is called after the commit, in a writing transaction of its own.

    An error is isolated and retried with back-off; after the last attempt the delivery is *dead*: visible, re-runnable.
    """

    @hookspec("event")
    def order_changed(self, event: OrderEvent, session: "Session") -> None:
        """Whatever happened to an order: each fact below, and the facts of other modules about orders."""

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

    @hookspec("event")
    def feedback_received(self, event: FeedbackReceived, session: "Session") -> None:
        """The employer said what they think of a draft."""

    @hookspec("event")
    def review_extended(self, event: ReviewExtended, session: "Session") -> None:
        """The employer took more time to review."""

    @hookspec("event")
    def review_reminded(self, event: ReviewReminded, session: "Session") -> None:
        """The review time is nearly over."""

    @hookspec("event")
    def order_delayed(self, event: OrderDelayed, session: "Session") -> None:
        """The due date is over, and nothing was finally delivered."""

    @hookspec("event")
    def cancellation_requested(self, event: CancellationRequested, session: "Session") -> None:
        """The employer asked the freelancer to cancel by agreement."""

    @hookspec("event")
    def cancellation_withdrawn(self, event: CancellationWithdrawn, session: "Session") -> None:
        """The employer took the cancellation request back."""

    @hookspec("event")
    def cancellation_rejected(self, event: CancellationRejected, session: "Session") -> None:
        """The freelancer does not agree to cancel; the order goes on."""

    @hookspec("event")
    def cancellation_unanswered(self, event: CancellationUnanswered, session: "Session") -> None:
        """Nobody answered a cancellation request in time."""

    @hookspec("event")
    def extension_requested(self, event: ExtensionRequested, session: "Session") -> None:
        """The freelancer asked for more days."""

    @hookspec("event")
    def extension_answered(self, event: ExtensionAnswered, session: "Session") -> None:
        """A request for more days was accepted, declined or withdrawn."""

    @hookspec("event")
    def administrator_asked(self, event: AdministratorAsked, session: "Session") -> None:
        """One side asked the administrator to look at the order."""

    @hookspec("event")
    def administrator_answered(self, event: AdministratorAnswered, session: "Session") -> None:
        """The administrator answered what one side had asked, and the order goes on."""

    @hookspec("event")
    def order_refunded(self, event: OrderRefunded, session: "Session") -> None:
        """An administrator gave money that was still clearing back to the employer."""

    @hookspec("event")
    def hold_placed(self, event: HoldPlaced, session: "Session") -> None:
        """A module blocks actions on the order."""

    @hookspec("event")
    def hold_lifted(self, event: HoldLifted, session: "Session") -> None:
        """A hold does not stand any more."""

    @hookspec("event")
    def attachment_added(self, event: AttachmentAdded, session: "Session") -> None:
        """One side added files to an order by themselves."""

    @hookspec("event")
    def attachment_removed(self, event: AttachmentRemoved, session: "Session") -> None:
        """Who had added a file took it back."""


SPECS = (SiteSpecs, TellingSpecs, ModuleSpecs, OrderPageSpecs, OrderRuleSpecs, OrderEventSpecs)
"""The spec classes that every site knows. A plugin's own hookspecs join them, with names that carry its prefix."""

__all__ = [
    "EVENTS", "PROJECT", "SPECS", "AdministratorAnswered", "AdministratorAsked", "AttachmentAdded", "AttachmentRemoved",
    "CancellationRejected", "CancellationRequested", "CancellationUnanswered", "CancellationWithdrawn", "CommissionQuote",
    "DeliveryFacts", "DraftShared", "ExtensionAnswered", "ExtensionRequested", "FeedbackReceived", "FileOrigin",
    "HoldFacts", "HoldLifted", "HoldPlaced", "HookKind", "LastAct", "MailLinks", "ModuleSpecs", "Notice", "OrderAction",
    "OrderCancelled", "OrderCompleted", "OrderDelayed", "OrderDelivered", "OrderEvent", "OrderEventSpecs", "OrderFacts",
    "OrderGuard", "OrderKind", "OrderPageSpecs", "OrderPaid", "OrderPanel", "OrderPlaced", "OrderRefunded",
    "OrderRuleSpecs", "OrderTab", "OrderTerms", "OrderTimer", "RequestFacts", "ReviewExtended", "ReviewReminded",
    "RevisionRequested", "SiteSpecs", "TellingSpecs", "hookimpl", "hookspec",
]  # fmt: skip
