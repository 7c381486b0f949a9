"""Gigneo → Modules: what this marketplace can do, switched on and off. The page needs no module to work itself."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.contributions import LazyText
from gigneo.core.access import permission
from gigneo.core.current import current_runtime, current_site
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.lifecycle import also_enabled, disable, enable
from gigneo.core.modules.states import ModuleCard, overview
from gigneo.core.modules.switches import Toggled
from gigneo.core.refusals import RefusedBase
from gigneo.core.translations import gettext as _
from gigneo.core.translations import lazy_gettext as _l
from gigneo.core.translations import ngettext

BADGES: Mapping[str, tuple[LazyText, str]] = {
    "enabled": (_l("Enabled"), "go"),
    "disabled": (_l("Disabled"), "plain"),
    "failed": (_l("Failed"), "bad"),
    "missing": (_l("Missing"), "bad"),
    "needs_upgrade": (_l("Upgrade needed"), "warn"),
    "needs_restart": (_l("Restart needed"), "warn"),
}
"""What each state is called, and its tone."""

_BOUND = re.compile(r"([<>=!~]+)\s*([^,\s]+)")
FILTERS = ("all", "enabled", "disabled", "attention")


def add_routes(blueprint: Blueprint) -> None:
    """Add the screens of the modules to the Gigneo area."""

    @blueprint.get("/modules")
    @permission("modules.manage")
    def modules() -> ResponseReturnValue:
        """Show every module that is installed or known."""
        cards = overview(current_runtime(), current_site())
        shown = request.args.get("show", "all")
        if shown not in FILTERS:
            abort(404)
        return render_template(
            "admin/modules.html",
            cards=[card for card in cards if _shows(shown, card)],
            filters=_filters(cards, shown),
            **_words(cards),
        )

    @blueprint.post("/modules/look")
    @permission("modules.manage")
    def look_for_modules() -> ResponseReturnValue:
        """Look for packages that were installed or removed since."""
        before = set(discover().manifests)
        found = discover(refresh=True)
        fresh = [found.manifests[name].title for name in sorted(set(found.manifests) - before)]
        if fresh:
            flash(_("Found: %(titles)s.", titles=", ".join(fresh)), "success")
        else:
            flash(_("No module was installed since the last look."), "info")
        return redirect(url_for("admin.modules"), 303)

    @blueprint.get("/modules/<name>")
    @permission("modules.manage")
    def module_details(name: str) -> ResponseReturnValue:
        """Show one module, with the fault that keeps it out."""
        cards = overview(current_runtime(), current_site())
        return render_template("admin/modules_details.html", card=_card(cards, name), **_words(cards))

    @blueprint.route("/modules/<name>/enable", methods=["GET", "POST"])
    @permission("modules.manage", fresh=True)
    def enable_module(name: str) -> ResponseReturnValue:
        """Say what will be enabled along, ask, and do it."""
        return _confirmed("enable", name)

    @blueprint.route("/modules/<name>/disable", methods=["GET", "POST"])
    @permission("modules.manage", fresh=True)
    def disable_module(name: str) -> ResponseReturnValue:
        """Say what will go, ask, and do it."""
        return _confirmed("disable", name)


def adds_in_words(adds: Mapping[str, int]) -> list[str]:
    """Say what a module contributes: ``["2 tabs", "1 action"]``."""
    words = {
        "tabs": lambda n: ngettext("%(num)s tab", "%(num)s tabs", n),
        "actions": lambda n: ngettext("%(num)s action", "%(num)s actions", n),
        "pages": lambda n: ngettext("%(num)s page", "%(num)s pages", n),
        "screens": lambda n: ngettext("%(num)s admin screen", "%(num)s admin screens", n),
        "panels": lambda n: ngettext("%(num)s panel", "%(num)s panels", n),
        "permissions": lambda n: ngettext("%(num)s permission", "%(num)s permissions", n),
        "hooks": lambda n: ngettext("%(num)s hook", "%(num)s hooks", n),
        "tables": lambda n: ngettext("%(num)s table", "%(num)s tables", n),
        "timers": lambda n: ngettext("%(num)s timer", "%(num)s timers", n),
    }
    return [words[kind](number) for kind, number in adds.items()]


def range_in_words(versions: str) -> str:
    """Write a version range as people read it, to stand behind a name: ``>=0.1,<1`` becomes `` ≥ 0.1, < 1``."""
    signs = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
    found = _BOUND.findall(versions)
    return " " + ", ".join(f"{signs.get(sign, sign)}\N{NO-BREAK SPACE}{bound}" for sign, bound in found) if found else ""


def _confirmed(verb: str, name: str) -> ResponseReturnValue:
    runtime = current_runtime()
    cards = overview(runtime, current_site())
    card = _card(cards, name)
    problems: list[LazyText] = []
    if request.method == "POST":
        try:
            done = (enable if verb == "enable" else disable)(runtime, name, g.person.id)
        except RefusedBase as refused:
            problems = [refusal.reason for refusal in refused.refusals]
        else:
            runtime.rebuild()
            _tell(verb, card, done, _words(cards)["listed"])
            return redirect(url_for("admin.modules"), 303)
    wanted = [one.name for one in cards if one.wanted]
    page = render_template(
        "admin/modules_confirm.html",
        card=card,
        verb=verb,
        problems=problems,
        along=also_enabled(discover(), wanted, name) if verb == "enable" else (),
        **_words(cards),
    )
    return page, 409 if problems else 200


def _tell(verb: str, card: ModuleCard, done: Toggled, listed: Callable[[Iterable[str]], str]) -> None:
    """Say after the redirect what happened; a module that the next site could not take in says so itself."""
    left_out = [name for name in done.names if verb == "enable" and name in current_runtime().site.faults]
    if left_out:
        flash(_("%(title)s could not be taken in. Its card says why.", title=card.title), "danger")
    elif not done.names:
        already = _("%(title)s was enabled already.") if verb == "enable" else _("%(title)s was disabled already.")
        flash(already % {"title": card.title}, "info")
    elif verb == "enable":
        titles = listed(done.names)
        flash(ngettext("%(titles)s is enabled.", "%(titles)s are enabled.", len(done.names), titles=titles), "success")
    else:
        waits = ngettext("%(num)s task waits for it.", "%(num)s tasks wait for it.", done.waiting) if done.waiting else ""
        flash(" ".join([_("%(title)s is disabled. Its data is kept.", title=card.title), waits]).strip(), "success")


def _card(cards: Iterable[ModuleCard], name: str) -> ModuleCard:
    card = next((card for card in cards if card.name == name), None)
    if card is None:
        abort(404)
    return card


def _words(cards: Iterable[ModuleCard]) -> dict[str, Any]:
    """Return what the templates say modules with; one that is not installed is called by its name."""
    titles = {card.name: card.title for card in cards}

    def title_of(name: str) -> str:
        return titles.get(name, name)

    def listed(names: Iterable[str]) -> str:
        return ", ".join(title_of(name) for name in names)

    return {
        "badges": BADGES,
        "adds": adds_in_words,
        "range_in_words": range_in_words,
        "title_of": title_of,
        "listed": listed,
    }


def _shows(shown: str, card: ModuleCard) -> bool:
    if shown == "attention":
        return card.needs_attention
    return shown == "all" or shown == card.state


def _filters(cards: list[ModuleCard], shown: str) -> list[dict[str, object]]:
    labels = {"all": _("All"), "enabled": _("Enabled"), "disabled": _("Disabled"), "attention": _("Needs attention")}
    return [
        {
            "label": label,
            "url": url_for("admin.modules", show=None if name == "all" else name),
            "current": name == shown,
            "badge": sum(_shows(name, card) for card in cards),
        }
        for name, label in labels.items()
    ]
