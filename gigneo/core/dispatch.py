"""The WSGI callable: holds the present site, and swaps it when the revision moves. A request sees one site, start to end.

A request that writes reads the revision first, and its transaction reads it again under the lock that a toggle takes
alone (see :mod:`gigneo.core.db.uow`). When it moved in between, the request is run again on the new site: no write ever
misses the veto or the participant of a module that was just switched on.

Pages are made by at most ``web.threads`` threads at once. The server has more, for what comes and goes over slow lines: those
wait outside.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import structlog
from werkzeug.wsgi import get_input_stream

from gigneo.core.app import SESSION_COOKIE, request_limit_bytes
from gigneo.core.db.uow import SiteMoved, current_revision
from gigneo.core.headers import hardened
from gigneo.core.runtime import Runtime
from gigneo.core.sending import NoPlace
from gigneo.core.site import Site, build_site
from gigneo.core.turns import Turns

log = structlog.get_logger("gigneo.dispatch")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ATTEMPTS = 4
BODY_IN_MEMORY_BYTES = 512 * 1024
STRANGERS_BODY_BYTES = 2 * 1024 * 1024
"""What is read of somebody without our cookie: a log-in form has no files."""
TURN_SECONDS = 0.1
"""How long a page waits for its turn on SQLite, before it is made beside another."""
REST_SECONDS = 10.0
"""How long a revision that could not be built is left alone."""


class Dispatcher:
    """Serves the present site, and follows the revision.

    Args:
        runtime: the process's ground; its ``dispatcher`` becomes this one.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._building = threading.Lock()
        self._stopped = threading.Event()
        self._https = urlsplit(runtime.config.site.base_url).scheme == "https"
        self._turns = Turns(runtime.config.web.threads, TURN_SECONDS if runtime.config.is_sqlite else 0)
        self._body_limit_bytes = request_limit_bytes(runtime.config.uploads)
        self._refused_build: tuple[int, float] = (-1, 0.0)
        self.site: Site = build_site(runtime)
        runtime.dispatcher = self
        self._watcher = threading.Thread(target=self._watch, name="gigneo-revision", daemon=True)
        self._watcher.start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, on one site."""
        start = hardened(start_response, environ, https=self._https)
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            has_turn = self._turns.begin(in_turn=True)
            try:
                return self.site.wsgi(environ, start)
            finally:
                self._turns.end(has_turn)
        try:
            body = self._spool(environ)
        except NoPlace:
            return _plain(start, "503 Service Unavailable", "Many files are on their way right now. Send it again in a moment.")
        if body is None:
            return _plain(start, "413 Content Too Large", "This is larger than what can be sent at once.")
        has_turn = self._turns.begin(in_turn=False)
        try:
            with body:
                return self._written(environ, body, start)
        finally:
            self._turns.end(has_turn)

    def _written(self, environ: dict[str, Any], body: SpooledTemporaryFile[bytes], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request that writes, on the newest site, and once more on each that comes meanwhile."""
        self._follow()
        for _ in range(ATTEMPTS):
            body.seek(0)
            attempt = {**environ, "wsgi.input": body, "wsgi.input_terminated": True}
            try:
                return self.site.wsgi(attempt, start)
            except SiteMoved:
                self.refresh_now()
        return _plain(start, "503 Service Unavailable", "The modules of this site keep changing. Try again in a moment.")

    def refresh_now(self) -> Site:
        """Build the site of the present revision in this thread, unless another thread just did, and return it."""
        with self._runtime.read() as session:
            revision = current_revision(session)
        if revision == self.site.revision:
            return self.site
        with self._building:
            failed, failed_at = self._refused_build
            rests = revision == failed and time.monotonic() - failed_at < REST_SECONDS
            if revision != self.site.revision and not rests:
                self._swap(revision)
            return self.site

    def stop(self) -> None:
        """End the watching thread."""
        self._stopped.set()
        self._watcher.join(timeout=5)

    def _follow(self) -> None:
        """Catch up before a request that writes; the database being away is told by the request itself."""
        try:
            self.refresh_now()
        except Exception:
            log.exception("revision could not be read")

    def _watch(self) -> None:
        while not self._stopped.wait(self._runtime.config.modules.poll_seconds):
            self._follow()

    def _swap(self, revision: int) -> None:
        """Put a new site beside the old one, then in its place. A build that fails keeps the old site, and rests a while."""
        try:
            fresh = build_site(self._runtime)
        except Exception:
            log.exception("site could not be built; the former one goes on", revision=self.site.revision)
            self._refused_build = (revision, time.monotonic())
            return
        self.site = fresh
        log.info("site changed", revision=fresh.revision, modules=sorted(fresh.modules))

    def _spool(self, environ: dict[str, Any]) -> SpooledTemporaryFile[bytes] | None:
        """Read the body once, so that the request can be run again; ``None`` when it is larger than anything allowed.

        Raises:
            NoPlace: it is large, and too much else is on its way.
        """
        try:
            announced = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            announced = 0
        known = f"{SESSION_COOKIE}=" in environ.get("HTTP_COOKIE", "")
        limit = self._body_limit_bytes if known else STRANGERS_BODY_BYTES
        if announced > limit:
            return None
        large = announced > BODY_IN_MEMORY_BYTES or "HTTP_TRANSFER_ENCODING" in environ
        with self._runtime.places.taking() if large else nullcontext():
            return self._read(environ, limit)

    def _read(self, environ: dict[str, Any], limit: int) -> SpooledTemporaryFile[bytes] | None:
        body: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=BODY_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
        stream = get_input_stream(environ)
        left = limit
        while chunk := stream.read(64 * 1024):
            left -= len(chunk)
            if left < 0:
                body.close()
                return None
            body.write(chunk)
        environ["CONTENT_LENGTH"] = str(body.tell())
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body


def _plain(start: Callable[..., Any], status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
