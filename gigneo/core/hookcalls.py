"""How hooks are called: isolated, counted, and with the error policy of their kind.

Pluggy itself stops at the first exception; vetoes, participants and events need to know whose code it was. Everything
here goes through pluggy's public ``get_hookimpls()``.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pluggy
import structlog

from gigneo.contributions import Refusal
from gigneo.core.translations import lazy_gettext as _l

log = structlog.get_logger("gigneo.hooks")


class ParticipantFailed(RuntimeError):
    """A module that takes part in an action failed; the action was rolled back whole.

    Args:
        plugin: whose code it was.
        hook: what it was called for.
    """

    def __init__(self, plugin: str, hook: str) -> None:
        super().__init__(f"{plugin} failed in {hook}; nothing was changed.")
        self.plugin, self.hook = plugin, hook


class HookCalls:
    """Calls hooks on one site's plugins, in the order of their requirements.

    Args:
        manager: the site's plugin manager. Plugins are registered last-required-first, because pluggy calls the
            newest first.
        faults: counts errors per (plugin, hook); lives as long as the process.
    """

    def __init__(self, manager: pluggy.PluginManager, faults: Counter[tuple[str, str]]) -> None:
        self._manager = manager
        self._faults = faults

    def kinds(self) -> dict[str, str]:
        """Return the names of the site's hooks, those of plugins included, each with its kind."""
        callers = vars(self._manager.hook).items()
        specs = {name: caller.spec.function for name, caller in callers if getattr(caller, "spec", None) is not None}
        return {name: function.gigneo_kind for name, function in specs.items()}

    def implementations(self, name: str) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
        """Yield (plugin, function, argument names) of a hook in call order."""
        caller: pluggy.HookCaller = getattr(self._manager.hook, name)
        for impl in reversed(caller.get_hookimpls()):
            yield impl.plugin_name, impl.function, tuple(impl.argnames)

    def subscribers(self, name: str) -> list[str]:
        """Return the names of the plugins that implement a hook, in call order."""
        return [plugin for plugin, _, _ in self.implementations(name)]

    def veto(self, name: str, **arguments: Any) -> list[Refusal]:
        """Ask everybody who may refuse.

        Returns:
            Every refusal with the name of its plugin. A veto that raises counts as one: it fails closed.
        """
        refusals = []
        for plugin, function, names in self.implementations(name):
            try:
                answer = function(**{key: arguments[key] for key in names})
            except Exception:
                self._failed(plugin, name)
                answer = Refusal(
                    _l("A module could not answer whether this is allowed, so it is not. The administrator can see why."),
                    "veto_failed",
                )
            if answer is None:
                continue
            if not isinstance(answer, Refusal):
                self._failed(plugin, name, f"answered {type(answer).__name__}, not a Refusal or None")
                answer = Refusal(_l("A module gave an answer that makes no sense, so this is not allowed."), "veto_failed")
            refusals.append(Refusal(answer.reason, answer.code, plugin))
        return refusals

    def participate(self, name: str, **arguments: Any) -> None:
        """Let everybody take part, in order, in the caller's transaction.

        Raises:
            RefusedBase: a participant says, in words for people, why it can't be done.
            ParticipantFailed: a participant raised something else.
        """
        from gigneo.core.refusals import RefusedBase

        for plugin, function, names in self.implementations(name):
            try:
                function(**{key: arguments[key] for key in names})
            except RefusedBase:
                raise
            except Exception as error:
                self._failed(plugin, name)
                raise ParticipantFailed(plugin, name) from error

    def first(self, name: str, **arguments: Any) -> Any:
        """Return the first answer that is not ``None``; errors are the caller's."""
        for _, function, names in self.implementations(name):
            answer = function(**{key: arguments[key] for key in names})
            if answer is not None:
                return answer
        return None

    def deliver(self, name: str, plugin: str, **arguments: Any) -> bool:
        """Hand a fact, or a step of its life, to one plugin.

        Returns:
            Whether that plugin implements the hook. Errors are the caller's: the task loop retries, a toggle aborts.
        """
        for owner, function, names in self.implementations(name):
            if owner == plugin:
                function(**{key: arguments[key] for key in names})
                return True
        return False

    def _failed(self, plugin: str, hook: str, reason: str = "") -> None:
        self._faults[plugin, hook] += 1
        log.error("hook failed", plugin=plugin, hook=hook, reason=reason or None, exc_info=not reason)
