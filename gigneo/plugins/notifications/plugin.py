"""What notifications adds to the site. Switched off, people are told by mail, as each kind says, and nothing rings."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, request
from sqlmodel import Session

from gigneo.api import Person, csrf_token, hookimpl, place_of
from gigneo.contributions import PeriodicTask, PersonBadge, SettingsForm, SlotFragment, TaskHandler
from gigneo.hooks import MailLinks, Notice
from gigneo.plugins.notifications import keeping, queries, routes, unsubscribing
from gigneo.plugins.notifications.choosing import MAIL, wants
from gigneo.plugins.notifications.links import links_for
from gigneo.plugins.notifications.settings import NotificationSettings


class NotificationsPlugin:
    """The bell, the list behind it, and what everybody chooses for themselves."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """The list, the preferences, and the pages behind the links of mails."""
        return [routes.bp, unsubscribing.bp]

    @hookimpl
    def settings_form(self) -> SettingsForm:
        """How long notices stay."""
        return SettingsForm(NotificationSettings)

    @hookimpl
    def person_badges(self) -> Iterable[PersonBadge]:
        """How much is unread, and what of it is about the page that is looked at."""
        return [
            PersonBadge("notifications", queries.count_unread),
            PersonBadge("notifications_here", queries.newest_here),
        ]

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """The bell."""
        return [SlotFragment("page.tools", "notifications", "notifications/bell.html", _bell, position=10, fixed=True)]

    @hookimpl
    def task_handlers(self) -> Iterable[TaskHandler]:
        """Deleting what is old."""
        return [TaskHandler(keeping.SWEEP, keeping.sweep)]

    @hookimpl
    def periodic_tasks(self) -> Iterable[PeriodicTask]:
        """The same, twice a day."""
        return [PeriodicTask(keeping.SWEEP, keeping.SWEEP_EVERY)]

    @hookimpl
    def person_telling(self, notice: Notice, session: Session) -> None:
        """Keep it for the bell."""
        keeping.keep(session, notice)

    @hookimpl
    def person_reading(self, person_id: int, kind: str, path: str, session: Session) -> None:
        """Let the bell forget it."""
        keeping.mark_read(session, person_id, kind, path)

    @hookimpl
    def mail_wanted(self, notice: Notice, session: Session) -> bool | None:
        """By what the person chose."""
        return wants(session, notice.to, notice.kind, MAIL)

    @hookimpl
    def mail_links(self, person_id: int, kind: str) -> MailLinks | None:
        """The way out of these mails, and to all choices."""
        return links_for(person_id, kind)


def _bell(person: Person | None, **_page: Any) -> Mapping[str, Any] | None:
    """Say what the bell shows to whoever looks; the place and the token are of use only where there is news about the place."""
    if person is None:
        return None
    here = person.badges["notifications_here"]
    marked = {"place": place_of(request.path), "token": csrf_token()} if here else {}
    return {"unread": person.badges["notifications"], "here": here, **marked}


plugin = NotificationsPlugin()
