"""How a method is marked as a hook, and a plugin's as its implementation; import both from :mod:`gigneo.hooks`."""

from collections.abc import Callable
from typing import Any, Literal

import pluggy

PROJECT = "gigneo"
hookimpl = pluggy.HookimplMarker(PROJECT)
_spec = pluggy.HookspecMarker(PROJECT)

HookKind = Literal["contribution", "veto", "participant", "provider", "event", "life cycle"]


def hookspec(kind: HookKind, *, since: str = "0.1") -> Callable[[Any], Any]:
    """Mark a method of a spec class as a hook.

    Args:
        kind: decides how the kernel calls it, in which transaction, and what an error does.
        since: the first version of Gigneo (or of the plugin that offers it) that has it.
    """

    def mark(function: Any) -> Any:
        function.gigneo_kind, function.gigneo_since = kind, since
        return _spec(firstresult=kind == "provider")(function)

    return mark
