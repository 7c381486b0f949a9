"""Icons: symbols of the theme's one SVG file, drawn by reference."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from gigneo.core.static import UnknownStatic

FILE = ("theme", "icons.svg")


def icons_of(app: Flask) -> Callable[..., Markup]:
    """Return what draws the icons of a site; its static files may come later.

    The function takes ``name``, a symbol of the theme's ``icons.svg``, and ``label``: what the icon says to those who don't see
    it; without one it is decoration.
    """

    @lru_cache(maxsize=1024)
    def drawn(name: str, label: str) -> Markup:
        url = app.extensions["gigneo.static"].url(*FILE)
        told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(told, url, name)

    def icon(name: str, label: Any = "") -> Markup:
        try:
            return drawn(name, str(label) if label else "")
        except (KeyError, UnknownStatic):
            return escape(label)

    return icon
