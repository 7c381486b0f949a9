"""Assembles the Flask application of one site: configuration, templates, people, kernel pages, plugin routes."""

import re
import traceback
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from gigneo.core import error_pages, templating
from gigneo.core.access import access_of
from gigneo.core.accounts.security import init_accounts
from gigneo.core.accounts.sessions import load_request_person
from gigneo.core.admin import blueprint as admin_blueprint
from gigneo.core.config import UploadsSection, secret_key
from gigneo.core.current import SITE_KEY, current_site, held, this_request
from gigneo.core.dashboard import blueprint as dashboard_blueprint
from gigneo.core.faults import PluginFault
from gigneo.core.files.routes import blueprint as files_blueprint
from gigneo.core.flask_app import SiteFlask
from gigneo.core.guard import csrf, declared_access, guard_request
from gigneo.core.health import blueprint as health_blueprint
from gigneo.core.home import blueprint as home_blueprint
from gigneo.core.logs import new_request_id
from gigneo.core.requests import close_read_session
from gigneo.core.static import StaticFiles, WsgiApp

if TYPE_CHECKING:
    from gigneo.core.site import Site

KERNEL_BLUEPRINTS = (home_blueprint, health_blueprint, dashboard_blueprint, admin_blueprint, files_blueprint)
FORM_MEMORY_BYTES = 2 * 1024 * 1024
FORM_PARTS = 200
FILES_AT_ONCE = 4
"""A request may carry this many files of the largest size, so that one that is too large is explained on its form."""
SESSION_COOKIE = "gigneo"


def request_limit_bytes(uploads: UploadsSection) -> int:
    """Return how large a whole request may be."""
    return uploads.max_mb * min(uploads.max_files, FILES_AT_ONCE) * 1024 * 1024 + FORM_MEMORY_BYTES


def assemble(site: "Site") -> tuple[Flask, WsgiApp]:
    """Build the application of a site.

    Returns:
        The Flask application, and the WSGI callable around it that also serves static files.

    Raises:
        PluginFault: a plugin's routes or templates can't be part of the site.
    """
    app = SiteFlask("gigneo", static_folder=None, template_folder=None)
    config = site.runtime.config
    https = urlsplit(config.site.base_url).scheme == "https"
    app.config.update(
        SECRET_KEY=secret_key(site.runtime.home),
        SESSION_COOKIE_NAME=f"__Host-{SESSION_COOKIE}" if https else SESSION_COOKIE,
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=request_limit_bytes(config.uploads),
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        TRUSTED_HOSTS=config.site.trusted_hosts or None,
    )
    app.extensions[SITE_KEY] = site
    csrf.init_app(app)
    templating.install(app, site)
    app.before_request(_begin_request)
    app.before_request(guard_request)
    app.after_request(_name_the_revision)
    app.teardown_appcontext(close_read_session)
    error_pages.install(app)
    init_accounts(app, site.runtime)
    for blueprint in KERNEL_BLUEPRINTS:
        app.register_blueprint(blueprint)
    _add_plugin_routes(app, site)
    _check_endpoints(app, site)
    statics = StaticFiles.build(templating.static_folders(site))
    app.extensions["gigneo.static"] = statics
    wsgi: WsgiApp = app.wsgi_app
    if proxies := config.site.trusted_proxies:
        wsgi = ProxyFix(wsgi, x_for=proxies, x_proto=proxies, x_host=proxies)
    return app, statics.wrap(wsgi)


def _begin_request() -> None:
    kept = held()
    kept.request_id = new_request_id()
    kept.person = load_request_person()


def _name_the_revision(response: Response) -> Response:
    kept = held()
    response.headers["X-Gigneo-Revision"] = str(current_site().revision)
    response.headers["X-Request-ID"] = str(kept.get("request_id", ""))
    if kept.get("person") is not None or this_request().method == "POST":
        response.headers.setdefault("Cache-Control", "no-store")
    if "Vary" not in response.headers:
        response.headers["Vary"] = "Cookie"
    else:
        response.vary.add("Cookie")
    return response


def _add_plugin_routes(app: Flask, site: "Site") -> None:
    """Register each plugin's blueprints; refuse what is undeclared, taken, or in the kernel's place."""
    taken = {shape: rule.endpoint for rule in app.url_map.iter_rules() for shape in _shapes(rule)}
    known = {id(rule) for rule in app.url_map.iter_rules()}
    for plugin, families in site.contributions.by_plugin.items():
        for blueprint in families.get("routes", ()):
            if blueprint.name != plugin and not blueprint.name.startswith(f"{plugin}_"):
                raise PluginFault(plugin, f"Blueprint {blueprint.name!r} must be called {plugin!r} or {plugin + '_…'!r}.")
            try:
                app.register_blueprint(blueprint)
            except Exception as error:
                raise PluginFault(plugin, f"Its routes can't be registered: {error}", traceback.format_exc()) from error
            fresh = [rule for rule in app.url_map.iter_rules() if id(rule) not in known]
            _check_rules(plugin, app, fresh, taken)
            known.update(map(id, fresh))


def _check_rules(plugin: str, app: Flask, fresh: Iterable[Rule], taken: dict[tuple[str, str], str]) -> None:
    """Judge the rules of a blueprint, and note in ``taken`` which addresses they have."""
    for rule in fresh:
        access = access_of(app.view_functions[rule.endpoint])
        if access is None:
            raise PluginFault(
                plugin,
                f"Route {rule.rule} declares no access. Put @public, @signed_in, @party(…) or @permission(…) under it.",
            )
        if rule.rule.startswith("/admin") and access.kind != "permission":
            raise PluginFault(plugin, f"Route {rule.rule} is below /admin and must declare @permission(…).")
        if access.kind == "permission" and access.permission not in _permission_names(app):
            raise PluginFault(plugin, f"Route {rule.rule} asks for {access.permission!r}, which no module declares.")
        for shape in _shapes(rule):
            if shape in taken:
                raise PluginFault(plugin, f"Route {shape[0]} {rule.rule} is already {taken[shape]!r}'s.")
            taken[shape] = rule.endpoint


def _permission_names(app: Flask) -> frozenset[str]:
    from gigneo.core.rights import KERNEL_PERMISSIONS

    site = app.extensions[SITE_KEY]
    return frozenset(right.name for right in (*KERNEL_PERMISSIONS, *site.contributions.permissions))


def _shapes(rule: Rule) -> Iterable[tuple[str, str]]:
    """Return a rule's methods, each with its path without the names of variables: rules for the same addresses look the same."""
    path = re.sub(r"<[^>]*>", "<>", rule.rule)
    return [(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def _check_endpoints(app: Flask, site: "Site") -> None:
    """Refuse contributions that lead nowhere, or whose screen asks for another right than its entry."""
    for plugin, families in site.contributions.by_plugin.items():
        for hook in ("dashboard_menu", "dashboard_tabs", "admin_screens", "order_actions"):
            for item in families.get(hook, ()):
                if item.endpoint is not None and item.endpoint not in app.view_functions:
                    raise PluginFault(plugin, f"{hook}(): {item.name!r} leads to {item.endpoint!r}, which does not exist.")
        for screen in families.get("admin_screens", ()):
            access = declared_access(screen.endpoint, app.view_functions[screen.endpoint])
            if access is None or access.permission != screen.permission:
                raise PluginFault(plugin, f"Admin screen {screen.name!r} and its route ask for different permissions.")
