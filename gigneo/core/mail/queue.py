"""Puts mails into the task table, and takes them out to send them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import structlog
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlmodel import Session

from gigneo.contributions import TaskHandler
from gigneo.core.current import current_runtime, current_site, present
from gigneo.core.db.base import KERNEL
from gigneo.core.mail.completion import NoLongerNeeded
from gigneo.core.mail.message import compose
from gigneo.core.mail.transport import deliver
from gigneo.core.tasks import store
from gigneo.core.tasks.handlers import add_kernel_handler

log = structlog.get_logger("gigneo.mail")

KIND: Final = "kernel.mail"


def send_mail(session: Session, to: str | int, template: str, **context: Any) -> None:
    """Send a mail after the transaction: the task that sends it is written with what it tells about.

    The task is the module's whose template it is, so that it waits while that module is off.

    Args:
        session: the action's writing transaction.
        to: one e-mail address, or the id of a person, who is then written to in their own language.
        template: ``<plugin>/<name>``; the texts are ``email/<plugin>/<name>.txt``, whose first line is the subject, and
            ``email/<plugin>/<name>.html`` when there is one.
        context: plain values for the templates. No secrets: they are stored until the mail is sent.

    Raises:
        ValueError: ``to`` is not exactly one address.
    """
    schedule_mail(session, _one_receiver(to), template, context)


def schedule_mail(session: Session, to: str | int, template: str, context: Mapping[str, Any], kind: str = "") -> None:
    """Write the task of a mail.

    Args:
        session: the action's writing transaction.
        to: one e-mail address that was looked at, or the id of a person.
        template: as :func:`send_mail` takes it.
        context: plain values for the templates.
        kind: what kind of thing it tells, when its reader may choose not to be told by mail.
    """
    payload = {"to": to, "template": template, "context": dict(context), **({"kind": kind} if kind else {})}
    owner = template.partition("/")[0]
    plugin = owner if owner in current_site().modules else KERNEL
    store.schedule(session, KIND, f"mail:{uuid4().hex}", present(), payload, plugin=plugin)


def run(payload: Mapping[str, Any], key: str) -> None:
    """Send one mail.

    Args:
        payload: what :func:`send_mail` wrote.
        key: the task's key; the Message-ID comes from it, so that a mail sent twice is known as one.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    config = current_runtime().config
    try:
        message = compose(app, config, payload, key, present())
    except NoLongerNeeded as reason:
        log.info("mail not needed any more", template=payload["template"], reason=str(reason))
        return
    deliver(message, config)
    log.info("mail sent", template=payload["template"], message_id=message["Message-ID"])


def _one_receiver(to: str | int) -> str | int:
    if isinstance(to, int):
        return to
    try:
        return validate_email(to, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{to!r} is not one e-mail address: {error}") from error


add_kernel_handler(TaskHandler(KIND, run, transactional=False))
