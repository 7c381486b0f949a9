"""Makes the message: subject, text and HTML from templates, in the receiver's language, with links of the configured address."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any, Final

from css_inline import CSSInliner
from flask import Flask, render_template
from flask_babel import force_locale
from jinja2 import Template
from sqlmodel import col, select

from gigneo.core.accounts.models import User
from gigneo.core.config import Config
from gigneo.core.current import current_site
from gigneo.core.mail.completion import NoLongerNeeded, completion
from gigneo.core.mail.policy import POLICY
from gigneo.core.requests import read
from gigneo.hooks import MailLinks

_INLINER: Final = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
_SIGNATURE: Final = "-- "


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
            links = _links(payload)
            context = {**_always(config), "to": to, "links": links}
            context.update(payload["context"])
            context.update(completion(app, template, to))
            subject, text = _split(render_template(_names(template, "txt"), **context))
            html = _html(template, {**context, "subject": subject, "parts": _parts(text)})
            if links is not None:
                text = f"{text}\n{render_template('email/links.txt', **context).strip()}\n"
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(config.mail.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(key, config)
    message["Auto-Submitted"] = "auto-generated"
    if links is not None:
        message["List-Unsubscribe"] = f"<{links.unsubscribe}>"
        if links.unsubscribe.startswith("https:"):  # RFC 8058 knows no other
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def first_line(app: Flask, config: Config, template: str, context: Mapping[str, Any]) -> str:
    """Return the subject of a mail, in the language of the request.

    Args:
        app: the site's application.
        config: where the site is.
        template: the mail.
        context: what :func:`send_mail` was given.

    Raises:
        TemplatesNotFound: the module that has the template is gone.
    """
    text = app.jinja_env.get_or_select_template(_names(template, "txt")).render({**_always(config), "to": "", **context})
    return _split(text)[0]


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


def _always(config: Config) -> dict[str, Any]:
    return {"base_url": config.site.base_url, "site_name": config.site.name}


def _links(payload: Mapping[str, Any]) -> MailLinks | None:
    """Return where the reader has their say, if it is theirs whether they get such mails."""
    kind, to = payload.get("kind"), payload["to"]
    if not kind or not isinstance(to, int):
        return None
    links: MailLinks | None = current_site().hooks.first("mail_links", person_id=to, kind=kind, session=read())
    return links


def _parts(text: str) -> list[str]:
    """Return the paragraphs of a text, without its signature."""
    body = text.split(f"\n{_SIGNATURE}\n")[0]
    return [part.strip() for part in body.split("\n\n") if part.strip()]


def _html(template: str, context: Mapping[str, Any]) -> str:
    """Return a mail's HTML: what its template says, or its text's paragraphs when it has none."""
    names = [*_names(template, "html"), "email/plain.html"]
    return str(_INLINER.inline(render_template(names, **context)))


def _names(template: str, ending: str) -> list[str | Template]:
    """Where a mail's text may be: where a theme and the kernel have theirs, then below the plugin's own folder."""
    owner, _, name = template.partition("/")
    return [f"email/{template}.{ending}", f"{owner}/email/{name}.{ending}"]


def _address(sender: str) -> Address:
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)
