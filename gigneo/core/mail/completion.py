"""What a mail needs only when it is sent: links with secrets in them, and whether it is still true."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask

Complete = Callable[[str], Mapping[str, Any]]
_KEY = "gigneo.mail"


class NoLongerNeeded(Exception):
    """There is nobody to write to any more, or nothing to tell; the task is done."""


def complete_with(app: Flask, template: str, complete: Complete) -> None:
    """Add to a template's context when the mail is sent.

    Args:
        app: the site's application.
        template: the mail.
        complete: called with the address; gives more context, or raises :class:`NoLongerNeeded`.
    """
    app.extensions.setdefault(_KEY, {})[template] = complete


def completion(app: Flask, template: str, to: str) -> Mapping[str, Any]:
    """Return what a template's context lacks."""
    complete: Complete | None = app.extensions.get(_KEY, {}).get(template)
    return {} if complete is None else complete(to)
