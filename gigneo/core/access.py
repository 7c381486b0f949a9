"""One declaration of rights: each view says who may call it, and the kernel checks it before the view runs.

Put the decorator under the route's::

    @bp.get("/orders/<number>/overview")
    @party(load_party_order)
    def overview(number): ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
Kind = Literal["public", "signed-in", "party", "permission"]
_MARK = "__gigneo_access__"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a view.

    Attributes:
        kind: ``public``, ``signed-in``, ``party`` of the thing in the URL, or holder of a ``permission``.
        permission: the right's name, for ``permission``.
        loader: gives the thing that the person is a party of, or ``None``; for ``party``.
        fresh: asks for the password again when the log-in is older than ten minutes.
        by_token: a token in the address decides, so that forms of other sites and mail programs are let in.
    """

    kind: Kind
    permission: str = ""
    loader: Callable[..., Any] | None = None
    fresh: bool = False
    by_token: bool = False


def public(view: View | None = None, *, by_token: bool = False) -> Any:
    """Anybody may call the view, logged in or not.

    Args:
        view: the view, when used without brackets.
        by_token: the address itself carries a signed token, which alone decides, so that a form may come from elsewhere, as
            a mail program sends one: no form token is asked for. The view must not look at who is logged in.
    """
    if view is not None:
        return _mark(view, Access("public"))
    return lambda function: _mark(function, Access("public", by_token=by_token))


def signed_in(view: View | None = None, *, fresh: bool = False) -> Any:
    """Everybody who is logged in may call the view.

    Args:
        view: the view, when used without brackets.
        fresh: ask for the password again when the log-in is older than ten minutes.
    """
    if view is not None:
        return _mark(view, Access("signed-in"))
    return lambda function: _mark(function, Access("signed-in", fresh=fresh))


def party(loader: Callable[..., Any], *, fresh: bool = False) -> Callable[[View], View]:
    """Only a party of the thing that the URL names may call the view; for all others it does not exist (404).

    Args:
        loader: called with the URL's values, all of them together, so that nested ids are checked as one; gives the
            thing, which the view finds in ``flask.g.owned``, or ``None``.
        fresh: ask for the password again when the log-in is older than ten minutes.
    """
    return lambda view: _mark(view, Access("party", loader=loader, fresh=fresh))


def permission(name: str, *, fresh: bool = False) -> Callable[[View], View]:
    """Only holders of a right may call the view.

    Args:
        name: a declared permission, as in ``orders.manage``.
        fresh: ask for the password again when the log-in is older than ten minutes.
    """
    return lambda view: _mark(view, Access("permission", permission=name, fresh=fresh))


def access_of(view: Any) -> Access | None:
    """Return what a view declares, or ``None`` when it declares nothing."""
    return getattr(view, _MARK, None)


def _mark(view: View, access: Access) -> View:
    if access_of(view) is not None:
        raise TypeError(f"{view.__qualname__} declares its access twice.")
    setattr(view, _MARK, access)
    return view
