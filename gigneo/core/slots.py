"""Pieces of pages: what plugins put at named places, and what is drawn once for the same values."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Any, Final

import structlog
from flask import Flask
from jinja2 import Environment
from markupsafe import Markup, escape

from gigneo.contributions import SlotFragment
from gigneo.core.contribution_sets import Contributions
from gigneo.core.current import current_site, held, this_app, this_request
from gigneo.core.formats import current
from gigneo.core.requests import read

log = structlog.get_logger("gigneo.slots")
KEPT: Final = 1024
"""Pieces that a site keeps: of some hundred orders that people look at, and the bars above them. A few megabytes, usually."""
KEPT_LENGTH: Final = 8_000
"""Longer ones are drawn each time: they are rare, and could fill the memory."""
_PIECES: Final = "gigneo.pieces"
_PERSONAL: Final = frozenset({"request", "session", "g", "config", "csrf_token", "get_flashed_messages", "slot"})
"""What the template of a piece must not see, besides the person and the menus, which it is not given."""
_OF_THE_PRESENT: Final = "relative"
"""The filter that a piece can't use: it shows how long ago something was."""
_NOTHING: Final = Markup("")
Values = tuple[tuple[str, type[Any], Any], ...]


class _NotKept(Exception):
    """Brings a piece past what keeps pieces."""

    def __init__(self, markup: Markup) -> None:
        self.markup = markup


def render_fragment(template: str, **values: Any) -> Markup:
    """Render a part of a page that sees the request as every template does.

    Args:
        template: as templates name it.
        values: what it is given.
    """
    app, shared = this_app(), dict[str, Any]()
    app.update_template_context(shared)
    return Markup(app.jinja_env.get_template(template).render({**shared, **values}))


def piece(template: str, /, **values: Any) -> Markup:
    """Render a part of a page that sees nothing of the request: the same values show the same, and are drawn once.

    Args:
        template: as templates name it. Of the site it sees words, addresses and icons; of the reader the language and the
            time zone; of the person, the request and the page only what ``values`` say. The filter ``relative`` is an error,
            for the present is no value.
        values: what it is given; each must be hashable, and say the same as long as it is equal and of the same type. Inside
            of a value, as in a tuple or a dataclass, a field is either always markup or never.

    Raises:
        TypeError: a value can't be hashed, or the template says how long ago something was.
    """
    reader = current()
    given = tuple([(name, type(value), value) for name, value in values.items()])  # markup equals the text, but is not escaped
    try:
        return _pieces()(template, reader.language, reader.zone, _root(), given)
    except _NotKept as drawn:
        return drawn.markup


def forget_pieces(app: Flask) -> None:
    """Draw all pieces of a site anew, for measurements and tests."""
    if (kept := app.extensions.get(_PIECES)) is not None:
        kept.cache_clear()


def slot(name: str, **arguments: Any) -> Markup:
    """Render what plugins put at a named place of the page.

    A fragment that raises is left empty, counted and logged with its plugin's name; the page goes on.
    """
    site = current_site()
    fragments = site.contributions.derived(_by_slot).get(name, ())
    if not fragments:
        return _NOTHING
    pieces = []
    for fragment in fragments:
        try:
            pieces.append(_drawn(fragment, arguments))
        except Exception:
            read().rollback()  # PostgreSQL runs nothing more in a transaction in which a statement failed
            owner = site.contributions.owner_of(fragment)
            site.runtime.faults[owner, f"slot:{name}"] += 1
            log.exception("slot failed", plugin=owner, slot=name, fragment=fragment.name)
    return _NOTHING.join(pieces)


def _by_slot(found: Contributions) -> Mapping[str, tuple[SlotFragment, ...]]:
    slots: dict[str, tuple[SlotFragment, ...]] = {}
    for fragment in found.slot_fragments:
        slots[fragment.slot] = (*slots.get(fragment.slot, ()), fragment)
    return slots


def _drawn(fragment: SlotFragment, arguments: Mapping[str, Any]) -> Markup:
    """Render a fragment."""
    if fragment.template is None:
        return escape(fragment.render(**arguments) or "") if fragment.render is not None else _NOTHING
    given = fragment.render(session=read(), person=held().get("person"), **arguments) if fragment.render else {}
    if given is None:
        return _NOTHING
    if fragment.fixed:
        return piece(fragment.template, **given)
    return render_fragment(fragment.template, **{**arguments, **given})


def _root() -> str:
    """Return below which path the site is asked, for addresses begin with it."""
    try:
        return str(this_request().environ.get("SCRIPT_NAME", ""))
    except RuntimeError:
        return ""


def _pieces() -> Callable[[str, str, tzinfo, str, Values], Markup]:
    """Return what draws the present site's pieces, and keeps them."""
    app = this_app()
    kept: Callable[[str, str, tzinfo, str, Values], Markup] | None = app.extensions.get(_PIECES)
    if kept is None:
        environment = _impersonal(app)

        def draw(template: str, _language: str, _zone: tzinfo, _root: str, values: Values) -> Markup:
            drawn = Markup(environment.get_template(template).render({name: value for name, _type, value in values}))
            if len(drawn) > KEPT_LENGTH or environment.auto_reload:
                raise _NotKept(drawn)
            return drawn

        kept = app.extensions[_PIECES] = lru_cache(maxsize=KEPT)(draw)
    return kept


def _impersonal(app: Flask) -> Environment:
    """Return the site's templates without the names that lead to whoever looks; using one is an error."""
    made = app.jinja_env.overlay()
    made.globals = {name: value for name, value in app.jinja_env.globals.items() if name not in _PERSONAL}
    made.filters = {**app.jinja_env.filters, _OF_THE_PRESENT: _is_not_kept}
    return made


def _is_not_kept(*_given: Any) -> str:
    raise TypeError("A piece is drawn once, so it can't say how long ago something was; give it what it is to show.")
