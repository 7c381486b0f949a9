"""What people are told, as frozen values. Part of the vocabulary; imported from :mod:`gigneo.hooks`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gigneo.contributions import NotificationKind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person is told.

    Attributes:
        to: the person.
        kind: what kind of thing it is.
        template: the mail's template; the first line of its text says it all.
        path: the page that it is about.
        context: plain values for the template.
    """

    to: int
    kind: NotificationKind
    template: str
    path: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Where a mail's reader has their say, in whole addresses.

    Attributes:
        unsubscribe: ends the mails of this kind, without a log-in: a GET asks, a POST does it (RFC 8058).
        preferences: the choices about everything that the person is told.
    """

    unsubscribe: str
    preferences: str
