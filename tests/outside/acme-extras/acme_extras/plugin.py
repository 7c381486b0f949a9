"""What the module adds to the site."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint
from sqlmodel import Session, col, func, select

from acme_extras.forms import ExtrasSettings
from acme_extras.hooks import NoteAdded
from acme_extras.models import Note
from acme_extras.routes import bp
from acme_extras.services import hear, notes_of
from gigneo.api import Person, hookimpl
from gigneo.contributions import (
    AdminScreen,
    DashboardTab,
    FileOwner,
    MenuItem,
    NotificationKind,
    PeriodicTask,
    Permission,
    PersonBadge,
    Refusal,
    SettingsForm,
    SlotFragment,
    TaskHandler,
)
from gigneo.hooks import OrderAction, OrderCompleted, OrderFacts, OrderGuard, OrderPaid, OrderPanel, OrderTab, OrderTimer

PARTIES = frozenset({"employer", "freelancer"})
OPEN = frozenset({"active", "delivered", "in_revision"})


class Extras:
    """The module's hooks: one of every kind."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        return (bp,)

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        return (Permission("extras.manage", "Manage extras"),)

    @hookimpl
    def dashboard_menu(self) -> Iterable[MenuItem]:
        return (MenuItem("extras", "Extras", "extras.mine", icon="star"),)

    @hookimpl
    def dashboard_tabs(self) -> Iterable[DashboardTab]:
        return (DashboardTab("orders", "extras", "Extras", "extras.mine"),)

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        return (AdminScreen("extras", "Extras", "extras.admin", "extras.manage"),)

    @hookimpl
    def settings_form(self) -> SettingsForm:
        return SettingsForm(ExtrasSettings)

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        return (SlotFragment("page.footer", "extras", template="extras/footer.html"),)

    @hookimpl
    def task_handlers(self) -> Iterable[TaskHandler]:
        return (TaskHandler("extras.sweep", lambda payload, session: hear(session, "swept")),)

    @hookimpl
    def periodic_tasks(self) -> Iterable[PeriodicTask]:
        return (PeriodicTask("extras.sweep", timedelta(hours=1)),)

    @hookimpl
    def file_owners(self) -> Iterable[FileOwner]:
        return (FileOwner("extras.note", lambda person, file, session: False),)

    @hookimpl
    def order_tabs(self) -> Iterable[OrderTab]:
        return (OrderTab("extras", "Extras", "extras/tab.html", load=_notes, badge=_count, position=90),)

    @hookimpl
    def order_actions(self) -> Iterable[OrderAction]:
        return (
            OrderAction(
                "add_extra", "Add a Note", PARTIES, OPEN, "extras.add", fact="extras_note_added", tells=PARTIES, position=90
            ),
            OrderAction("nudge", "Nudge", frozenset({"system"}), OPEN),
        )

    @hookimpl
    def notification_kinds(self) -> Iterable[NotificationKind]:
        return (NotificationKind("extras.note_added", "A note is added to your order", "Extras", PARTIES),)

    @hookimpl
    def person_badges(self) -> Iterable[PersonBadge]:
        return (PersonBadge("extras_notes", _count_all),)

    @hookimpl
    def order_timers(self) -> Iterable[OrderTimer]:
        return (OrderTimer("extras_nudge", "nudge", _a_day_after_the_delivery, _nudge),)

    @hookimpl
    def order_guards(self) -> Iterable[OrderGuard]:
        return (OrderGuard("extras_employer_only", frozenset({"add_extra"}), _only_the_employer),)

    @hookimpl
    def order_panels(self) -> Iterable[OrderPanel]:
        return (OrderPanel("extras", "side", "extras/panel.html", load=_notes, position=90),)

    @hookimpl
    def allow_order_approve(self, order: OrderFacts, session: Session) -> Refusal | None:
        if any(note.text == "wait" for note in notes_of(session, order.id)):
            return Refusal("A note says to wait.", "extras_wait")
        return None

    @hookimpl
    def order_completing(self, order: OrderFacts, session: Session) -> None:
        hear(session, "completing", order.id)

    @hookimpl
    def order_paid(self, event: OrderPaid, session: Session) -> None:
        hear(session, "paid", event.order_id)

    @hookimpl
    def order_completed(self, event: OrderCompleted, session: Session) -> None:
        hear(session, "completed", event.order_id)

    @hookimpl
    def extras_note_added(self, event: NoteAdded, session: Session) -> None:
        hear(session, "noted", event.order_id)

    @hookimpl
    def on_enable(self, session: Session) -> None:
        hear(session, "enabled")

    @hookimpl
    def on_disable(self, session: Session) -> None:
        hear(session, "disabled")


def _notes(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    return {"notes": notes_of(session, order.id)}


def _a_day_after_the_delivery(order: OrderFacts) -> datetime | None:
    return order.delivered_at + timedelta(days=1) if order.state == "delivered" and order.delivered_at else None


def _nudge(session: Session, order_id: int) -> None:
    hear(session, "nudged", order_id)


def _count(order_id: Any, person_id: Any) -> Any:
    return select(func.count()).where(col(Note.order_id) == order_id).scalar_subquery()


def _count_all(person_id: Any, place: Any) -> Any:
    return select(func.count()).select_from(Note).scalar_subquery()


def _only_the_employer(order: OrderFacts, action: str, role: str) -> Refusal | None:
    return None if role == "employer" else Refusal("Only the employer adds notes.", "extras_employer_only")


plugin = Extras()
