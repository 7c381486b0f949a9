"""Structured logs: one line per event on standard error, with the request's id; no secrets, no control characters.

Whatever other libraries say through :mod:`logging` goes the same way.
"""

import logging
import re
import secrets
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars, merge_contextvars
from structlog.typing import Processor

from gigneo.core.config import LogSection, mask
from gigneo.core.plain_lines import escaped

HIDDEN: Final = "…"
_SECRET_NAMES = re.compile(r"pass(word|phrase|code)|secret|token|salt|authori[sz]ation|cookie|csrf|api_?key|credential", re.I)
_BARE = re.compile(r"[^\s\"=\\]+")
_URL_IN_TEXT = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+@\S+", re.I)


def configure_logs(log: LogSection, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one place, in one form. May be called again.

    Args:
        log: the level and the form.
        stream: where lines go; standard error by default.
    """
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=()),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last = structlog.processors.JSONRenderer() if log.format == "json" else _as_text
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            cleaned,
            last,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log.level.upper())
    for talkative in ("alembic", "sqlalchemy", "flask-limiter", "PIL", "markdown_it"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def new_request_id(given: str | None = None) -> str:
    """Begin a request: forget the former one's context, and bind an id that every line until the next will carry.

    Args:
        given: an id that a trusted proxy has chosen; taken when it is short and plain.

    Returns:
        The id.
    """
    clear_contextvars()
    chosen = given if given and re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else secrets.token_hex(8)
    bind_contextvars(request_id=chosen)
    return chosen


def request_id() -> str | None:
    """Return the id of the request that runs in this context, or ``None`` outside of one."""
    found = get_contextvars().get("request_id")
    return str(found) if found else None


def cleaned(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values whose name promises a secret, passwords in URLs, and control characters; part of the chain."""
    for key, value in event.items():
        event[key] = HIDDEN if _SECRET_NAMES.search(key) else _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        if "://" in value and "@" in value:
            value = _URL_IN_TEXT.sub(lambda url: mask(url[0]), value)
        return value
    if isinstance(value, Mapping):
        return {str(key): HIDDEN if _SECRET_NAMES.search(str(key)) else _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    return value if isinstance(value, (int, float, bool, type(None))) else _clean(str(value))


def _as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write ``time level event key=value …``, with an exception's lines after a bar each."""
    at, level, said = event.pop("at", ""), event.pop("level", ""), event.pop("event", "")
    name, exception = event.pop("logger", None), event.pop("exception", None)
    pairs = [f"{key}={_quoted(value)}" for key, value in event.items()]
    head = " ".join([str(at), f"{level:<7}", f"{name}:" if name else "", escaped(str(said)), *pairs]).replace("  ", " ")
    return head + (" | " + " | ".join(escaped(line) for line in str(exception).splitlines()) if exception else "")


def _quoted(value: Any) -> str:
    text = escaped(str(value))
    return text if _BARE.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'
