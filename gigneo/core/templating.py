"""What templates see: the theme's chain, words, formats, icons, static addresses, slots, the person and the menus."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer

from gigneo.core import formats, translations
from gigneo.core.current import current_site, held, this_app, this_session
from gigneo.core.icons import icons_of
from gigneo.core.menus import MenuEntry, admin_menu, dashboard_menu
from gigneo.core.slots import piece, slot
from gigneo.core.static import Files
from gigneo.core.text import bdi, initials, markdown
from gigneo.core.themes import KERNEL_STATIC, template_loader

if TYPE_CHECKING:
    from gigneo.core.site import Site

_SIGNED = "gigneo.signed-form-tokens"
_SIGNED_ANEW_SECONDS = 3600
"""Form tokens have no time limit of their own; as long as one is the same, so is what is drawn with it."""


@dataclass(frozen=True, slots=True)
class SiteView:
    """What templates may know of the site.

    Attributes:
        name: as the operator calls it.
        currency: ISO 4217.
        demo: whether this is a demo marketplace.
        modules: the names of the modules in operation.
    """

    name: str
    currency: str
    demo: bool
    modules: frozenset[str]


def install(app: Flask, site: "Site") -> None:
    """Give the application the site's templates and what they use."""
    folders = {plugin.manifest.name: plugin.manifest.path / "templates" for plugin in site.plugins}
    app.jinja_env.loader = template_loader(site.theme, folders)
    config = site.runtime.config.site
    translations.install(app, site)
    formats.install(app, site)
    icon = icons_of(app)
    app.jinja_env.globals.update(
        icon=icon,
        svg_icon=icon,
        slot=slot,
        piece=piece,
        csrf_token=csrf_token,
        static_url=static_url,
        site=SiteView(config.name, site.currency, site.demo, site.modules),
    )
    app.jinja_env.filters.update(markdown=markdown, bdi=bdi, initials=initials)
    app.extensions[_SIGNED] = _signer(app)
    app.context_processor(_page_context)


def _page_context() -> dict[str, Any]:
    return {
        "person": held().get("person"),
        "dashboard_menu": _WhenWalked(dashboard_menu),
        "admin_menu": _WhenWalked(admin_menu),
        "csrf_token": csrf_token,
    }


class _WhenWalked(Sequence[MenuEntry]):
    """A menu that is made once, when a template looks at it, so that pages without menus pay nothing."""

    def __init__(self, make: Callable[[], list[MenuEntry]]) -> None:
        self._make = make
        self._made: list[MenuEntry] | None = None

    def _entries(self) -> list[MenuEntry]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, index: Any) -> Any:
        return self._entries()[index]

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[MenuEntry]:
        return iter(self._entries())


def csrf_token() -> str:
    """Return the token of this request's forms; Flask-WTF makes it, and finds it again in ``g``."""
    kept = held()
    known: str | None = kept.get("csrf_token")
    if known is not None:
        return known
    raw = this_session().get("csrf_token")
    if not isinstance(raw, str):
        return str(generate_csrf())
    signed: str = this_app().extensions[_SIGNED](raw, int(time.time()) // _SIGNED_ANEW_SECONDS)
    kept.csrf_token = signed
    return signed


def _signer(app: Flask) -> Callable[[str, int], str]:
    """Sign a log-in's token as Flask-WTF does, once for a while and not for every page."""
    serializer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
    return lru_cache(maxsize=1024)(lambda raw, _while: str(serializer.dumps(raw)))


def static_url(namespace: str, path: str) -> str:
    """Return the address of a static file, with the hash of its content in it."""
    return str(current_site().app.extensions["gigneo.static"].url(namespace, path))


def static_folders(site: "Site") -> Mapping[str, Files]:
    """Return where each namespace's static files are: of libraries only what pages link to."""
    import flask_bootstrap

    htmx = Path(str(files("js_lib_htmx"))) / "static" / "htmx"
    bootstrap = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
    plugins = {plugin.manifest.name: plugin.manifest.path / "static" for plugin in site.plugins}
    return {
        "kernel": KERNEL_STATIC,
        "theme": site.theme.static_files(),
        "htmx": {"htmx.min.js": htmx / "htmx.min.js"},
        "bootstrap": {name: bootstrap / name for name in ("css/bootstrap.min.css",)},
        **{name: folder for name, folder in plugins.items() if folder.is_dir()},
    }
