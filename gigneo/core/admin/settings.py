"""Gigneo → Settings: one WTForms class of a module becomes one screen, stored, audited, in force on the next site."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gigneo.contributions import SettingsForm
from gigneo.core.access import permission
from gigneo.core.audit import audit
from gigneo.core.current import current_runtime, current_site
from gigneo.core.forms import with_csrf
from gigneo.core.revision import bump_revision
from gigneo.core.settings import write_settings
from gigneo.core.typed_json import encode


def add_routes(blueprint: Blueprint) -> None:
    """Add the settings screens to the Gigneo area."""

    @blueprint.get("/settings")
    @permission("settings.manage")
    def settings() -> ResponseReturnValue:
        """List the modules that have settings."""
        site = current_site()
        titles = {plugin.manifest.name: plugin.manifest for plugin in site.plugins}
        modules = [titles[name] for name, families in site.contributions.by_plugin.items() if families.get("settings_form")]
        return render_template("admin/settings.html", modules=modules)

    @blueprint.route("/settings/<module>", methods=["GET", "POST"])
    @permission("settings.manage")
    def module_settings(module: str) -> ResponseReturnValue:
        """Show and change the settings of one module."""
        site = current_site()
        contributed = _settings_form(module)
        form = with_csrf(contributed.form)(data=dict(site.settings.get(module, {})))
        stale = request.method == "POST" and request.form.get("version") != _version(site.settings.get(module, {}))
        if request.method == "POST" and form.validate() and not stale:
            values = {field.name: field.data for field in form if field.name != "csrf_token"}
            before = dict(site.settings.get(module, {}))
            changed = {name: [before.get(name), value] for name, value in values.items() if before.get(name) != value}
            if changed:
                with current_runtime().write(revision=site.revision, toggling=True) as session:
                    write_settings(session, module, values)
                    bump_revision(session)
                    audit(session, "settings.changed", module, changed, actor_id=g.person.id)
                current_runtime().rebuild()
            flash(_("The settings are saved and in force.") if changed else _("Nothing was changed."), "success")
            return redirect(url_for("admin.module_settings", module=module), 303)
        manifest = next(plugin.manifest for plugin in site.plugins if plugin.manifest.name == module)
        page = render_template(
            "admin/module_settings.html",
            form=form,
            module=manifest,
            title=contributed.title or manifest.title,
            version=_version(site.settings.get(module, {})),
            stale=stale,
        )
        return page, 409 if stale else 422 if form.errors else 200


def _version(settings: Mapping[str, Any]) -> str:
    """Return a mark of what the settings are now: a page that was made from others must not overwrite these."""
    return sha256(encode(dict(settings), sort_keys=True).encode()).hexdigest()[:16]


def _settings_form(module: str) -> SettingsForm:
    families = current_site().contributions.by_plugin.get(module, {})
    if not families.get("settings_form"):
        abort(404)
    contributed: SettingsForm = families["settings_form"][0]
    return contributed
