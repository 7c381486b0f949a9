"""What somebody saw when they agreed to an offer: the form carries it, and what is different by then is refused by name."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from flask import request

from gigneo.api import RefusedMany, fmt, gettext, whole_number
from gigneo.contributions import Refusal
from gigneo.hooks import OrderTerms

SEEN: Final = "seen_"
"""How the names of the hidden fields begin."""
UNLIMITED: Final = "unlimited"


def offer_seen(terms: OrderTerms, total_minor: int) -> dict[str, str]:
    """Return the hidden fields of a checkout: everything that its page says about the offer.

    Args:
        terms: what an order would be.
        total_minor: price and the employer's fee.
    """
    included = sha256("\n".join(terms.features).encode()).hexdigest()[:16]
    said: dict[str, object] = {
        "title": terms.title,
        "package": terms.package,
        "included": included,
        "price": terms.price_minor,
        "days": terms.days,
        "revisions": UNLIMITED if terms.revisions is None else terms.revisions,
        "total": total_minor,
    }
    return {f"{SEEN}{name}": str(value) for name, value in said.items()}


def offer_sent() -> dict[str, str]:
    """Return what the form that was posted says of the offer on its page; what it does not carry is empty."""
    return {f"{SEEN}{name}": request.form.get(f"{SEEN}{name}", "") for name in _CHANGED}


def refuse_changed(seen: Mapping[str, str], terms: OrderTerms, total_minor: int) -> None:
    """Refuse an offer that is not the one that was seen.

    Args:
        seen: as :func:`offer_seen` gave it to the page.
        terms: what the order would be now.
        total_minor: what would be paid now.

    Raises:
        RefusedMany: one reason for each change, with what was and what is.
    """
    now = offer_seen(terms, total_minor)
    different = [name for name in _CHANGED if seen.get(f"{SEEN}{name}") != now[f"{SEEN}{name}"]]
    if not different:
        return
    reasons = []
    for name in different:
        code, show, words = _CHANGED[name]
        shown = tuple(show(sent.get(f"{SEEN}{name}", ""), terms.currency) for sent in (seen, now))
        if shown[0] is None:
            unseen = gettext("This form does not carry the offer that you saw. Nothing was bought; this is the offer now.")
            raise RefusedMany([Refusal(unseen, "offer_unseen")])
        reasons.append(Refusal(words(*shown), code))
    raise RefusedMany(reasons)


def _text(sent: str, _currency: str) -> str | None:
    return sent or None


def _money(sent: str, currency: str) -> str | None:
    minor = whole_number(sent)
    return None if minor is None else fmt.money(minor, currency)


def _count(sent: str, _currency: str) -> str | None:
    number = whole_number(sent)
    return None if number is None else fmt.count(number)


def _revisions(sent: str, currency: str) -> str | None:
    return gettext("unlimited") if sent == UNLIMITED else _count(sent, currency)


_CHANGED: Final[Mapping[str, tuple[str, Callable[[str, str], str | None], Callable[..., Any]]]] = MappingProxyType(
    {
        "price": (
            "price_changed", _money,
            lambda was, now: gettext("The price was %(was)s, and is %(now)s now.", was=was, now=now),
        ),
        "total": (
            "price_changed", _money,
            lambda was, now: gettext("You would have paid %(was)s, and pay %(now)s now.", was=was, now=now),
        ),
        "days": (
            "offer_changed", _count,
            lambda was, now: gettext("The days to deliver were %(was)s, and are %(now)s now.", was=was, now=now),
        ),
        "revisions": (
            "offer_changed", _revisions,
            lambda was, now: gettext("The revisions were %(was)s, and are %(now)s now.", was=was, now=now),
        ),
        "title": (
            "offer_changed", _text,
            lambda was, now: gettext("The title was “%(was)s”, and is “%(now)s” now.", was=was, now=now),
        ),
        "package": (
            "offer_changed", lambda sent, _currency: sent,
            lambda was, now: gettext("The package was “%(was)s”, and is “%(now)s” now.", was=was, now=now),
        ),
        "included": (
            "offer_changed", _text,
            lambda _was, _now: gettext("What is included has changed: look at the list."),
        ),
    }
)  # fmt: skip
"""By hidden field: the refusal's code, how its value is shown (``None``: it can't be read), and what is said of a change."""


__all__ = ["offer_seen", "offer_sent", "refuse_changed"]
