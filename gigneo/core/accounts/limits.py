"""How often something may be tried. The counters live in the Runtime, so that a new set of modules resets none."""

import time

from limits import RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from gigneo.core.current import current_runtime


class Limits:
    """Counts tries by name and key.

    Args:
        storage: the Runtime's counters; in memory, or shared by processes.
    """

    def __init__(self, storage: Storage) -> None:
        self._strategy = FixedWindowRateLimiter(storage)

    def hit(self, name: str, key: str, amount: int, per_seconds: int) -> None:
        """Count a try.

        Args:
            name: what is tried, as in ``login.account``.
            key: whose tries are counted together.
            amount: how many are allowed in the window.
            per_seconds: the length of the window.

        Raises:
            TooManyRequests: this try is one too many; 429 with the seconds to wait.
        """
        item = RateLimitItemPerSecond(amount, per_seconds, namespace="gigneo")
        if not self._strategy.hit(item, name, key):
            raise self._refusal(item, name, key)

    def check(self, name: str, key: str, amount: int, per_seconds: int) -> None:
        """Refuse like :meth:`hit`, without counting.

        Raises:
            TooManyRequests: no more tries are left.
        """
        item = RateLimitItemPerSecond(amount, per_seconds, namespace="gigneo")
        if not self._strategy.test(item, name, key):
            raise self._refusal(item, name, key)

    def clear(self, name: str, key: str, amount: int, per_seconds: int) -> None:
        """Forget the tries, as after a log-in that succeeded."""
        self._strategy.clear(RateLimitItemPerSecond(amount, per_seconds, namespace="gigneo"), name, key)

    def _refusal(self, item: RateLimitItemPerSecond, name: str, key: str) -> TooManyRequests:
        resets_at = self._strategy.get_window_stats(item, name, key).reset_time
        return TooManyRequests(
            "Too many tries. Wait a moment, then try again.", retry_after=max(1, round(resets_at - time.time()))
        )


def limits() -> Limits:
    """Return the counters of the running process."""
    return Limits(current_runtime().limits_storage)


def limit(name: str, key: str, amount: int, per_seconds: int) -> None:
    """Allow a view ``amount`` calls per ``per_seconds`` for one key.

    Args:
        name: what is limited, with the module's name first, as in ``messages.send``.
        key: whose calls are counted together, as a person's id.
        amount: how many are allowed.
        per_seconds: in how many seconds.

    Raises:
        TooManyRequests: 429 with ``Retry-After``.
    """
    limits().hit(name, key, amount, per_seconds)
