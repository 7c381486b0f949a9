"""Facts on their way: an event becomes one delivery task per subscriber, and an event again when it arrives."""

import dataclasses
import uuid
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from gigneo.core.tasks import store

if TYPE_CHECKING:
    from gigneo.core.site import Site

DELIVERY = "event:"
"""A delivery's kind is this and the hook's name."""


class NotAnEvent(TypeError):
    """Something was emitted, or found in a task, that is no frozen dataclass with a hook's name."""


def emit(session: Session, event: Any, site: "Site") -> None:
    """Write one delivery task per plugin that implements the event's hook, and per plugin for each hook that also hears it.

    Args:
        session: the business transaction; no commit, no delivery.
        event: a frozen dataclass whose class names its hook.
        site: whose plugins are the subscribers. What is off now will not hear of it.

    Raises:
        NotAnEvent: it isn't one.
    """
    hooks = (_hook_of(type(event)), *getattr(event, "also", ()))
    fact, now = uuid.uuid4().hex, site.runtime.clock.now()
    name = f"{type(event).__module__}:{type(event).__qualname__}"
    values = values_of(event)
    deliveries = [
        store.Planned(
            DELIVERY + hook,
            f"{DELIVERY}{hook}:{fact}:{plugin}",
            now,
            {"event": name, "values": values, "to": plugin, "hook": hook},
            plugin,
        )
        for hook in hooks
        for plugin in site.hooks.subscribers(hook)
    ]
    store.schedule_all(session, deliveries)


def deliver(site: "Site", payload: Mapping[str, Any], session: Session) -> None:
    """Hand a fact to its subscriber, in the transaction in which its delivery is marked done."""
    event = event_of(payload)
    site.hooks.deliver(payload.get("hook", type(event).hook), payload["to"], event=event, session=session)


def event_of(payload: Mapping[str, Any]) -> Any:
    """Make the event of a delivery's payload again.

    Raises:
        NotAnEvent: the payload names a class that is no event.
    """
    module, _, name = payload["event"].partition(":")
    event_type = getattr(import_module(module), name, None)
    if event_type is None:
        raise NotAnEvent(f"{payload['event']} is gone; the task can't be delivered by this version.")
    _hook_of(event_type)
    known = {field.name for field in dataclasses.fields(event_type)}
    return event_type(**{name: value for name, value in payload["values"].items() if name in known})


def values_of(event: Any) -> dict[str, Any]:
    """Return an event's fields by name."""
    return {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}


def _hook_of(event_type: Any) -> str:
    hook = getattr(event_type, "hook", "")
    if not dataclasses.is_dataclass(event_type) or not isinstance(hook, str) or not hook:
        raise NotAnEvent(f"{event_type!r} is no event: it must be a frozen dataclass with a class variable ``hook``.")
    return hook
