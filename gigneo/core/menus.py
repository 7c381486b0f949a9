"""The side bars of the dashboard and of the Gigneo area, made from contributions for whoever looks."""

from dataclasses import dataclass
from functools import lru_cache

from flask import url_for

from gigneo.contributions import AdminScreen, LazyText, MenuItem
from gigneo.core.current import current_site, held, this_request
from gigneo.core.requests import read
from gigneo.core.translations import lazy_gettext as _l

KERNEL_MENU = (MenuItem("home", _l("Home"), "dashboard.home", icon="home", position=0),)
KERNEL_SCREENS = (
    AdminScreen("overview", _l("Overview"), "admin.home", "admin.enter", icon="home", position=0),
    AdminScreen("modules", _l("Modules"), "admin.modules", "modules.manage", icon="plug", position=80),
    AdminScreen("settings", _l("Settings"), "admin.settings", "settings.manage", icon="gear", position=90),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of a side bar, ready to render.

    Attributes:
        name: the contribution's name.
        label: what the person reads.
        url: where it leads.
        icon: a symbol of the theme's icon file.
        current: whether the page that is shown belongs to it.
        badge: a count, or 0.
    """

    name: str
    label: LazyText
    url: str
    icon: str
    current: bool
    badge: int = 0


def dashboard_menu() -> list[MenuEntry]:
    """Return the person's entries of the dashboard's side bar."""
    person = held().get("person")
    if person is None:
        return []
    items = [*KERNEL_MENU, *current_site().contributions.dashboard_menu]
    return _entries(
        [item for item in items if not item.roles or item.roles & person.roles],
        {item.name: item.badge(person, read()) for item in items if item.badge is not None},
    )


def admin_menu() -> list[MenuEntry]:
    """Return the administrator's entries of the Gigneo area's side bar."""
    person = held().get("person")
    if person is None:
        return []
    screens = sorted([*KERNEL_SCREENS, *current_site().contributions.admin_screens], key=lambda screen: screen.position)
    return _entries([screen for screen in screens if person.may(screen.permission)], {})


def _entries(items: list[MenuItem] | list[AdminScreen], badges: dict[str, int]) -> list[MenuEntry]:
    urls = {item.name: url_for(item.endpoint) for item in items}
    asked = this_request()
    path, module = asked.path, asked.blueprint
    roots = {name: _root(url) for name, url in urls.items()}
    best = max((name for name in roots if _below(path, roots[name])), key=lambda name: len(roots[name]), default=None)
    if best is None:  # a module's pages elsewhere, such as /orders/…, belong to its entry
        best = next((item.name for item in items if item.endpoint.partition(".")[0] == module), None)
    return [
        MenuEntry(item.name, item.label, urls[item.name], item.icon, item.name == best, badges.get(item.name, 0))
        for item in items
    ]


@lru_cache(maxsize=512)
def _root(url: str) -> str:
    """The part of an address that its whole section shares: a page with tabs is current under each of them."""
    parts = url.strip("/").split("/")
    return "/" + "/".join(parts[:2])


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
