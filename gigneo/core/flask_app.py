"""Flask as a site uses it: quick templates, addresses that are built once, a cookie whose signature is checked once."""

from collections.abc import Callable
from inspect import CO_COROUTINE
from itertools import chain
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from gigneo.core.addresses import Addresses, SiteRule
from gigneo.core.bodies import SiteRequest
from gigneo.core.cookies import SignedCookies
from gigneo.core.current import held, this_request
from gigneo.core.rendering import PageEnvironment

_SHARED = "gigneo_page_context"


class SiteFlask(Flask):
    """The Flask application of one site; it behaves as Flask does."""

    jinja_environment = PageEnvironment
    request_class = SiteRequest
    url_rule_class = SiteRule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.jinja_options = {"undefined": StrictUndefined}  # before an extension asks for the environment
        self.session_interface = SignedCookies()
        self._addresses = Addresses(self.url_map)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or callback as Flask may call it; a plain function is known by its flags at once."""
        code = getattr(func, "__code__", None)
        if code is not None and not code.co_flags & CO_COROUTINE:
            return func
        return super().ensure_sync(func)

    def update_template_context(self, context: dict[str, Any]) -> None:
        """Add what every template sees; it is put together once per request, for the page and all of its parts."""
        try:
            kept, asked = held(), this_request()
        except RuntimeError:  # no request: a mail, a command
            super().update_template_context(context)
            return
        request, person, shared = kept.get(_SHARED, (None, None, {}))
        if request is not asked or person is not kept.get("person"):
            shared = {}
            super().update_template_context(shared)
            setattr(kept, _SHARED, (asked, kept.get("person"), shared))
        context.update({**shared, **context})

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Return the address of a view; see :meth:`flask.Flask.url_for`."""
        plain = not (_anchor or _method or _scheme or _external or self.url_default_functions)
        if plain and _below_the_root():
            try:
                found = self._addresses.find(endpoint, *chain.from_iterable(values.items()))
            except TypeError:  # a value that can't be kept
                found = None
            if found is not None:
                return found
        return super().url_for(endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values)


def _below_the_root() -> bool:
    """Whether a request is being answered, and the site is not mounted below another path."""
    try:
        return not this_request().environ.get("SCRIPT_NAME")
    except RuntimeError:
        return False
