"""Icons: symbols of the theme's one SVG file, drawn by reference."""

from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from gigneo.core.current import this_app
from gigneo.core.static import UnknownStatic

FILE = ("theme", "icons.svg")


def icon(name: str, label: Any = "") -> Markup:
    """Draw an icon.

    Args:
        name: a symbol of the theme's ``icons.svg``.
        label: what it says to those who don't see it; without one it is decoration.
    """
    try:
        url = this_app().extensions["gigneo.static"].url(*FILE)
    except (KeyError, UnknownStatic):
        return escape(label)
    return _drawn(url, name, str(label))


@lru_cache(maxsize=1024)
def _drawn(url: str, name: str, label: str) -> Markup:
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(told, url, name)
