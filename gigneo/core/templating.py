"""What templates see: the theme's chain, words, formats, icons, static addresses, slots, the person and the menus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, g, render_template
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from gigneo.core import formats, translations
from gigneo.core.current import current_site
from gigneo.core.icons import icon
from gigneo.core.menus import MenuEntry, admin_menu, dashboard_menu
from gigneo.core.requests import read
from gigneo.core.static import Files
from gigneo.core.text import markdown
from gigneo.core.themes import KERNEL_STATIC, template_loader

if TYPE_CHECKING:
    from gigneo.core.site import Site

log = structlog.get_logger("gigneo.slots")


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
    app.jinja_options = {**app.jinja_options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.loader = template_loader(site.theme, folders)
    config = site.runtime.config.site
    translations.install(app, site)
    formats.install(app, site)
    app.jinja_env.globals.update(
        icon=icon,
        svg_icon=icon,
        slot=slot,
        static_url=static_url,
        site=SiteView(config.name, site.currency, site.demo, site.modules),
    )
    app.jinja_env.filters["markdown"] = markdown
    app.context_processor(_page_context)


def _page_context() -> dict[str, Any]:
    return {
        "person": g.get("person"),
        "dashboard_menu": _when_walked(dashboard_menu),
        "admin_menu": _when_walked(admin_menu),
        "csrf_token": generate_csrf,
    }


def _when_walked(make: Callable[[], list[MenuEntry]]) -> Any:
    """A list that is made once, when a template looks at it, so that pages without menus pay nothing."""
    return LocalProxy(cache(make))


def static_url(namespace: str, path: str) -> str:
    """Return the address of a static file, with the hash of its content in it."""
    return str(current_site().app.extensions["gigneo.static"].url(namespace, path))


def static_folders(site: "Site") -> Mapping[str, Files]:
    """Return where each namespace's static files are: of Bootstrap only what pages link to, not its 2,000 icons."""
    import flask_bootstrap

    bootstrap = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
    plugins = {plugin.manifest.name: plugin.manifest.path / "static" for plugin in site.plugins}
    return {
        "kernel": KERNEL_STATIC,
        "theme": site.theme.static_files(),
        "bootstrap": {name: bootstrap / name for name in ("css/bootstrap.min.css",)},
        **{name: folder for name, folder in plugins.items() if folder.is_dir()},
    }


def slot(name: str, **arguments: Any) -> Markup:
    """Render what plugins put at a named place of the page.

    A fragment that raises is left empty, counted and logged with its plugin's name; the page goes on.
    """
    site = current_site()
    pieces = []
    for fragment in site.contributions.slot_fragments:
        if fragment.slot != name:
            continue
        try:
            if fragment.template is not None:
                given = dict(fragment.render(session=read(), person=g.get("person"), **arguments)) if fragment.render else {}
                pieces.append(Markup(render_template(fragment.template, **{**arguments, **given})))
            elif fragment.render is not None:
                pieces.append(escape(fragment.render(**arguments) or ""))
        except Exception:
            read().rollback()  # PostgreSQL runs nothing more in a transaction in which a statement failed
            owner = site.contributions.owner_of(fragment)
            site.runtime.faults[owner, f"slot:{name}"] += 1
            log.exception("slot failed", plugin=owner, slot=name, fragment=fragment.name)
    return Markup("").join(pieces)
