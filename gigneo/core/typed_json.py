"""JSON that keeps types: what a task, a setting or an audit row says comes back as what it was."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any


def encode(value: Any, *, sort_keys: bool = False) -> str:
    """Return a value as JSON that :func:`decode` gives back with its types.

    Raises:
        TypeError: it is made of something else than plain values, times, decimals, tuples and sets.
        ValueError: a time has no zone.
    """
    return (_SORTED if sort_keys else _UNSORTED).encode(_plain(value))


def decode(text: str) -> Any:
    """Return the value that :func:`encode` was given."""
    return json.loads(text, object_hook=_typed)


_UNSORTED, _SORTED = (json.JSONEncoder(sort_keys=sort_keys, ensure_ascii=False, allow_nan=False) for sort_keys in (False, True))
_AS_THEY_ARE = frozenset({str, int, bool, float, type(None)})


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:  # nearly all that is written
        return value
    if type(value) is dict:
        return _named(value)
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value!r} is naive: times are written with their zone.")
            return {"$datetime": value.astimezone(UTC).isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case timedelta():
            return {"$seconds": value.total_seconds()}
        case Decimal():
            return {"$decimal": str(value)}
        case tuple():
            return {"$tuple": [_plain(item) for item in value]}
        case frozenset() | set():
            return {"$set": sorted((_plain(item) for item in value), key=str)}
        case list():
            return [_plain(item) for item in value]
        case Mapping():
            return _named(value)
    if hasattr(value, "__html__") or type(value).__name__ == "LazyString":
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be kept as JSON: pass ids and plain values.")


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    for name in values:
        if not isinstance(name, str) or name.startswith("$"):
            raise TypeError(f"The names {list(values)!r} can't be written: they must be texts without a dollar in front.")
    return {name: _plain(value) for name, value in values.items()}


_TYPES: dict[str, Callable[[Any], Any]] = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$seconds": lambda seconds: timedelta(seconds=seconds),
    "$decimal": Decimal,
    "$tuple": tuple,
    "$set": frozenset,
}


def _typed(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        ((name, value),) = found.items()
        if name in _TYPES:
            return _TYPES[name](value)
    return found
