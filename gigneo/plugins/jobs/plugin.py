"""What jobs adds to the site. Switched off, the orders that jobs led to go on without it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import Person, hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import AdminScreen, MenuItem, NotificationKind, Permission, Refusal, SlotFragment
from gigneo.hooks import OrderCancelled, OrderFacts, OrderPaid, OrderPanel, OrderTerms
from gigneo.plugins.jobs import admin, checkout, following, hiring, job_pages, proposal_pages, queries, telling
from gigneo.plugins.jobs.models import MANAGE
from gigneo.plugins.jobs.routes import bp


class JobsPlugin:
    """Jobs for the marketplace."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """The list, a job, its proposals and the checkout, the viewer's own, and the administrator's screens."""
        return [bp, admin.bp]

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        """Who looks after jobs."""
        return [Permission(MANAGE, _l("See and close all jobs"))]

    @hookimpl
    def dashboard_menu(self) -> Iterable[MenuItem]:
        """What somebody posted and proposed."""
        roles = frozenset({"employer", "freelancer"})
        return [MenuItem("jobs", _l("Jobs"), "jobs.own_jobs", icon="case", position=20, roles=roles)]

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        """Gigneo → Jobs."""
        return [AdminScreen("jobs", _l("Jobs"), "jobs_admin.listing", MANAGE, icon="case", position=15)]

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """The way to the list."""
        return [SlotFragment("page.nav", "jobs", template="jobs/nav.html", position=20, fixed=True)]

    @hookimpl
    def notification_kinds(self) -> Iterable[NotificationKind]:
        """What people are told of jobs."""
        return telling.KINDS

    @hookimpl
    def order_panels(self) -> Iterable[OrderPanel]:
        """On a job order, the way back to its job."""
        return [OrderPanel("jobs", "side", "jobs/panel.html", _job_of, position=60)]

    @hookimpl
    def allow_order_place(self, terms: OrderTerms, session: Session) -> Refusal | None:
        """Only what was proposed can become a job order."""
        return hiring.refuse_terms(terms, session)

    @hookimpl
    def order_paid(self, event: OrderPaid, session: Session) -> None:
        """From now on the hire stands."""
        if event.kind == hiring.KIND:
            following.note_paid(session, event.order_id)

    @hookimpl
    def order_cancelled(self, event: OrderCancelled, session: Session) -> None:
        """An order that was dropped, or expired, before it was paid opens its job again."""
        if event.kind == hiring.KIND and event.refunded_minor == 0:
            following.undo_unpaid(session, event.order_id)

    @hookimpl
    def on_enable(self, session: Session) -> None:
        """Catch up with what happened meanwhile."""
        following.reconcile(session)


def _job_of(order: OrderFacts, _person: Person, session: Session) -> Mapping[str, Any] | None:
    number = queries.job_of_order(session, order.id) if order.kind == hiring.KIND else None
    return None if number is None else {"job_number": number}


plugin = JobsPlugin()
__all__ = ["checkout", "job_pages", "plugin", "proposal_pages"]
