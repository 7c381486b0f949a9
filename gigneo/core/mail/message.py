"""Makes the message: subject, text and HTML from templates, in the receiver's language, with links of the configured address."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any, Final

from css_inline import CSSInliner
from flask import Flask, render_template
from flask_babel import force_locale
from jinja2 import Template, TemplatesNotFound
from sqlmodel import col, select

from gigneo.core.accounts.models import User
from gigneo.core.config import Config
from gigneo.core.mail.completion import NoLongerNeeded, completion
from gigneo.core.requests import read

_INLINER: Final = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def compose(app: Flask, config: Config, payload: Mapping[str, Any], key: str, now: datetime) -> EmailMessage:
    """Render a mail.

    Args:
        app: the site's application.
        config: where the site is, and who sends.
        payload: receiver, template, context.
        key: the task's key.
        now: the present.

    Raises:
        NoLongerNeeded: there is nobody to write to, or nothing to tell.
        ValueError: a header would carry a line break.
    """
    template: str = payload["template"]
    with app.test_request_context("/", base_url=config.site.base_url):
        to, locale = _receiver(payload["to"])
        with force_locale(locale) if locale else nullcontext():
            context = {"base_url": config.site.base_url, "site_name": config.site.name, "to": to}
            context.update(payload["context"])
            context.update(completion(app, template, to))
            subject, text = _split(render_template(_names(template, "txt"), **context))
            html = _html(template, {**context, "subject": subject})
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(config.mail.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(key, config)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def message_id(key: str, config: Config) -> str:
    """Return the Message-ID of a task's mail: the same one, however often it is sent."""
    domain = parseaddr(config.mail.sender)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _receiver(to: str | int) -> tuple[str, str | None]:
    wanted = col(User.id) == to if isinstance(to, int) else col(User.email) == to.lower()
    row = read().exec(select(User.email, User.locale, User.active).where(wanted)).first()
    if row is not None and not row[2]:
        raise NoLongerNeeded("the account is closed")
    if row is None and isinstance(to, int):
        raise NoLongerNeeded("the account is gone")
    return (str(to), None) if row is None else (row[0], row[1])


def _split(rendered: str) -> tuple[str, str]:
    """Take the subject from the first line; whatever white space a name brought into it becomes a blank."""
    first, _, rest = rendered.strip().partition("\n")
    return " ".join(first.split()), rest.strip() + "\n"


def _html(template: str, context: Mapping[str, Any]) -> str | None:
    try:
        return _INLINER.inline(render_template(_names(template, "html"), **context))
    except TemplatesNotFound:
        return None


def _names(template: str, ending: str) -> list[str | Template]:
    """Where a mail's text may be: where a theme and the kernel have theirs, then below the plugin's own folder."""
    owner, _, name = template.partition("/")
    return [f"email/{template}.{ending}", f"{owner}/email/{name}.{ending}"]


def _address(sender: str) -> Address:
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)
