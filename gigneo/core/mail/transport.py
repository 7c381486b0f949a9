"""Hands a message over: to an SMTP server, or into ``$GIGNEO_HOME/mail`` where development reads it."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from gigneo.core.config import Config

TIMEOUT_SECONDS: Final = 20
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class MailRefused(RuntimeError):
    """The mail can't be handed over safely; the task keeps the reason."""


def deliver(message: EmailMessage, config: Config) -> None:
    """Hand a message over, or raise what went wrong, so that the task is tried again.

    Args:
        message: with exactly one receiver.
        config: how mail leaves.
    """
    if config.mail.url == "folder":
        _write(message, config.mail_folder)
    else:
        _send(message, config.mail.url)


def _write(message: EmailMessage, folder: Path) -> None:
    """Write an ``.eml`` file that a mail program opens; links in it log people in, so it is its owner's only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    draft = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
    draft.replace(folder / f"{name}.eml")


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom a TLS connection trusts, as it was when the first mail was sent; a new list counts from the next start.

    To read all their certificates takes longer than to send a mail.
    """
    return ssl.create_default_context()


def _send(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=_trusted())
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        private = parts.scheme == "smtps"
        if not private and server.has_extn("starttls"):
            server.starttls(context=_trusted())
            server.ehlo()
            private = True
        if parts.username:
            if not private and host not in LOOPBACK:
                raise MailRefused(f"{host} offers no TLS, so the password of mail.url is not sent to it. Use smtps://.")
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
