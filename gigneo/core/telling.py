"""Tells people what happened: modules may keep a notice of it, and the mail goes to whoever wants it by mail."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import current_app
from jinja2 import TemplatesNotFound
from sqlmodel import Session

from gigneo.contributions import NotificationKind
from gigneo.core.accounts.people import is_active
from gigneo.core.contribution_sets import Contributions
from gigneo.core.current import current_runtime, current_site
from gigneo.core.mail.message import first_line
from gigneo.core.mail.queue import schedule_mail
from gigneo.hooks import Notice


class UnknownKind(LookupError):
    """Somebody tells a kind of thing that no module of the site contributes."""


def tell(session: Session, to: int, kind: str, template: str, /, path: str, **context: Any) -> None:
    """Tell a person something, by the ways that they want it: in the page's bell, by mail, or not at all.

    It is written with what it tells about, and told once: by the action itself, or in the delivery of its fact. An account
    that is not active is told nothing. Leave out whoever did it: nobody is told of what they did themselves.

    Args:
        session: the writing transaction.
        to: the person.
        kind: the name of a contributed :class:`~gigneo.contributions.NotificationKind`.
        template: the mail's, as :func:`send_mail` takes it. The first line of its text is the notice in the bell.
        path: the page that it is about; the template is given it as ``path``.
        context: plain values for the template. No secrets.

    Raises:
        UnknownKind: no module of this site contributes the kind.
    """
    site = current_site()
    declared = site.contributions.derived(kinds_of).get(kind)
    if declared is None:
        raise UnknownKind(f"Nobody contributes the notification kind {kind!r}. Return it from notification_kinds().")
    if not is_active(session, to):
        return
    notice = Notice(to, declared, template, path, MappingProxyType(context))
    site.hooks.participate("person_telling", notice=notice, session=session)
    wanted = site.hooks.first("mail_wanted", notice=notice, session=session)
    if declared.mail if wanted is None else wanted:
        schedule_mail(session, to, template, {**context, "path": path}, kind=kind)


def has_read(session: Session, person_id: int, kind: str, path: str) -> None:
    """Say that a person has read, on its page, what they were told: its notices are read then.

    Args:
        session: the writing transaction in which the reading is noted.
        person_id: who.
        kind: of what was told.
        path: the page that it was about.
    """
    current_site().hooks.participate("person_reading", person_id=person_id, kind=kind, path=path, session=session)


def kinds_of(found: Contributions) -> Mapping[str, NotificationKind]:
    """Return the kinds of things that people of a site are told, by name."""
    return MappingProxyType({kind.name: kind for kind in found.notification_kinds})


def words_of(template: str, path: str, context: Mapping[str, Any]) -> str:
    """Return a notice in one line, in the language of the request; empty when its module's templates are gone.

    Args:
        template: the mail's template.
        path: the page that it is about.
        context: what the template was given.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        return first_line(app, current_runtime().config, template, {**context, "path": path})
    except TemplatesNotFound:
        return ""
