"""What reviews adds to the site. Switched off, nothing of it is seen; what was written stays, and comes back with it."""

from collections.abc import Iterable

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import AdminScreen, Permission, Refusal, SettingsForm, SlotFragment
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard, OrderPanel, OrderTimer
from gigneo.plugins.reviews import admin, demo, process, routes, showing
from gigneo.plugins.reviews.forms import ReviewSettings
from gigneo.plugins.reviews.models import MANAGE
from gigneo.plugins.reviews.telling import TellsByMail
from gigneo.plugins.reviews.writing import refuse_second


class ReviewsPlugin(TellsByMail, demo.TellsStories):
    """Reviews of completed orders."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """The pages of people, and the administrator's screens."""
        return [routes.bp, admin.bp]

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        """Who looks after reviews."""
        return [Permission(MANAGE, _l("See all reviews, hide and restore them"))]

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        """Gigneo → Reviews."""
        return [AdminScreen("reviews", _l("Reviews"), "reviews_admin.listing", MANAGE, icon="star", position=25)]

    @hookimpl
    def settings_form(self) -> SettingsForm:
        """How long reviews can be written."""
        return SettingsForm(ReviewSettings)

    @hookimpl
    def order_actions(self) -> Iterable[OrderAction]:
        """Write a review, and the end of the time for it."""
        return process.ACTIONS

    @hookimpl
    def order_guards(self) -> Iterable[OrderGuard]:
        """Reviews are written within some days of the completion."""
        return process.GUARDS

    @hookimpl
    def order_timers(self) -> Iterable[OrderTimer]:
        """What was written is published when the time is over."""
        return process.TIMERS

    @hookimpl
    def order_panels(self) -> Iterable[OrderPanel]:
        """Both reviews on the order's Overview."""
        return [OrderPanel("reviews", "main", "reviews/panel.html", showing.load_panel, position=10)]

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """A line of the next step, and the part of a public profile."""
        return [
            SlotFragment("order.next", "reviews", "reviews/next.html", showing.next_line),
            SlotFragment("person.profile", "reviews", "reviews/profile.html", showing.on_profile),
        ]

    @hookimpl
    def reviews_allow_writing(self, order: OrderFacts, role: str, session: Session) -> Refusal | None:
        """Each side writes once. When the time is over, the guard has said so."""
        return refuse_second(session, order, role) if process.in_time(order) else None


plugin = ReviewsPlugin()
