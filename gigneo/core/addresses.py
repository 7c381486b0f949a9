"""Addresses of views, built once and kept: a page links to the same few dozen again and again."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError, Map, Rule, ValidationError

KEPT: Final = 8192


class SiteRule(Rule):
    """A rule whose addresses are built by code that is compiled when the first one is asked for.

    Werkzeug compiles it twice for every rule at once, which is half of what building a site costs; few are ever used.
    A rule with defaults is compiled at once all the same, for its defaults are judged by that.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)

        def compile_and_build(rule: SiteRule, /, **values: str) -> tuple[str, str]:
            build: Callable[..., tuple[str, str]]
            build = super(SiteRule, rule)._compile_builder(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", build)
            return build(**values)

        return compile_and_build


class Addresses:
    """The addresses of one application's views, below its root.

    Args:
        url_map: the application's rules, complete before the first address is asked for.
    """

    def __init__(self, url_map: Map) -> None:
        self._map: Final = url_map
        self.find: Final = lru_cache(maxsize=KEPT, typed=True)(self._find)

    def _find(self, endpoint: str, *names_and_values: Any) -> str | None:
        """Return the address of a view, or ``None`` where only Flask knows it.

        Args:
            endpoint: as in ``orders.tab``.
            names_and_values: each value after its name; text and whole numbers, or Flask is asked. They are arguments of
                their own, so that 1 and ``True`` are kept apart.
        """
        values = dict(zip(names_and_values[::2], names_and_values[1::2], strict=True))
        if any(type(value) not in (str, int) for value in values.values()):
            return None
        self._map.update()
        rules = list(self._map.iter_rules(endpoint)) if endpoint in self._map._rules_by_endpoint else []
        if len(rules) != 1 or rules[0].defaults or rules[0].websocket:
            return None
        rule = rules[0]
        if not rule.arguments <= values.keys():
            return None
        try:
            built = rule.build(values, append_unknown=True)
        except (BuildError, ValidationError, HTTPException, ValueError):
            return None
        return None if built is None or built[0] else f"/{built[1].lstrip('/')}"
