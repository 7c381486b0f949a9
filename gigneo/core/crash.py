"""Kill points: ``GIGNEO_CRASH_AT=<point>#<n>`` ends the process the n-th time that a point is passed, as kill -9 would.

They let a test prove that nothing is lost or done twice, whatever moment a machine picks to fail.
"""

import os
from collections import Counter

_wanted, _, _nth = os.environ.get("GIGNEO_CRASH_AT", "").partition("#")
_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Leave the process here, without any clean-up, if this is the point and the count that was asked for."""
    if name != _wanted:
        return
    _passed[name] += 1
    if _passed[name] == int(_nth or 1):
        os._exit(137)
