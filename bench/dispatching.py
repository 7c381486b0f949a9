"""What the dispatcher adds to a page: the swap of sites, and the static files before it."""

import io
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from bench.rows import Bench, Row
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.headers import hardened
from gigneo.core.runtime import Runtime

REQUESTS = 2_000
ROUNDS = 15


def measure(bench: Bench) -> Iterable[Row]:
    """Call one Flask page of a usual size alone, with the security headers, and through the dispatcher."""
    runtime = Runtime(load_config(bench.home))
    dispatcher = Dispatcher(runtime)
    try:
        bare, page = Flask("bare", static_folder=None, template_folder=None), "<p>A page.</p>" * 700
        bare.add_url_rule("/", "page", lambda: page)
        object.__setattr__(dispatcher.site, "wsgi", dispatcher.site.app.extensions["gigneo.static"].wrap(bare.wsgi_app))

        def secured(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            return bare.wsgi_app(environ, hardened(start, environ, https=False))

        rounds = [tuple(_spent(each) for each in (bare.wsgi_app, secured, dispatcher)) for _ in range(ROUNDS)]
    finally:
        runtime.close()
    alone, with_headers, through = (statistics.median(each) * 1e6 for each in zip(*rounds, strict=True))
    added = statistics.median((each[2] / each[1] - 1) * 100 for each in rounds)
    more = f"{with_headers:.1f} µs alone, {through:.1f} µs behind it"
    yield Row("dispatcher adds to a bare Flask page", added, "%", at_most=3, more=more)
    yield Row("  security headers add", with_headers - alone, "µs")


def _spent(application: Callable[..., Any]) -> float:
    """Return CPU seconds per request, of this thread."""
    environ = EnvironBuilder(path="/").get_environ()

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        assert status == "200 OK" and headers

    started = time.thread_time()
    for _ in range(REQUESTS):
        answer = application({**environ, "wsgi.input": io.BytesIO()}, start)
        b"".join(answer)
        answer.close()
    return (time.thread_time() - started) / REQUESTS
