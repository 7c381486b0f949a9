"""What people call the browser that a log-in came from.

Browsers name each other in what they send, Android says Linux, and an iPhone says Mac OS X: so the order matters. Edge has
three signs that begin alike: Edg, EdgA and EdgiOS.
"""

from typing import Final

from gigneo.core.translations import gettext

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Return a browser's name and system, as far as they are known; otherwise what it sends, or that it sends nothing.

    Args:
        user_agent: what the browser sends of itself.
    """
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    if browser is None:
        return user_agent or gettext("An unknown browser")
    return gettext("%(browser)s on %(system)s", browser=browser, system=system) if system else browser
