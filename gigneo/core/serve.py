"""Serves the site with granian: one light supervisor, one or more workers, each with a Runtime of its own."""

import fcntl
import http.client
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigneo.core.config_sources import ConfigError

if TYPE_CHECKING:
    from gigneo.core.config import Config

STOP_SECONDS = 30
ORPHAN_POLL_SECONDS = 1.0


def serve(config: "Config", on_ready: Callable[[str], None]) -> int:
    """Serve until a signal ends it; SIGTERM and SIGINT let running requests and tasks finish.

    A worker that dies before the site ever answered ends the whole: the reason is in its last line. Later on, one that
    dies is replaced.

    Args:
        config: the facts of the deployment, the same that the workers will read.
        on_ready: called once with the address, when the site answers there.

    Returns:
        The exit code.

    Raises:
        ConfigError: another process serves this SQLite database, or more than one worker was asked for.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    refuse_more_than_sqlite_can(config)
    logging.getLogger("_granian").addFilter(_is_news)
    with _only_one_on_sqlite(config):
        server = Granian(
            target="gigneo.core.wsgi:application",
            address=config.web.host,
            port=config.web.port,
            interface=Interfaces.WSGI,
            workers=config.web.workers,
            blocking_threads=config.web.threads + config.web.transfers,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.warning,
            log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
            respawn_failed_workers=False,
            websockets=False,
        )

        def answered() -> None:
            server.respawn_failed_workers = True
            on_ready(address(config))

        stop = threading.Event()
        waiter = threading.Thread(target=_when_it_answers, args=(config, answered, stop), daemon=True)
        server.on_startup(waiter.start)
        server.on_shutdown(stop.set)
        try:
            server.serve(target_loader=_Loader(os.getpid()), wrap_loader=False)
        except SystemExit as left:
            return left.code if isinstance(left.code, int) else 1
        return 0


def address(config: "Config") -> str:
    """Return where a browser on this machine finds the site."""
    return f"http://{_reachable(config.web.host)}:{config.web.port}/"


def refuse_more_than_sqlite_can(config: "Config") -> None:
    """Refuse several web processes on a SQLite database.

    Raises:
        ConfigError: with the reason.
    """
    if config.is_sqlite and config.web.workers > 1:
        raise ConfigError(
            [
                f"{config.web.workers} workers need PostgreSQL. SQLite has one writer on the whole machine, and threads of one "
                "process use it best. Set GIGNEO_DATABASE__URL=postgresql://…, or leave GIGNEO_WEB__WORKERS at 1."
            ]
        )


@contextmanager
def _only_one_on_sqlite(config: "Config") -> Iterator[None]:
    """Hold a lock that tells a second server of the same home to stay away; it goes with the last of our processes."""
    if not config.is_sqlite:
        yield
        return
    path = Path(config.home) / "web.lock"
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ConfigError(
                [
                    f"Process {lock.read().strip() or '?'} serves {config.home} already. Stop it first, or choose another "
                    "GIGNEO_HOME. Several web processes need PostgreSQL."
                ]
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out granian's advice on threads: most of ours wait for slow lines; the dispatcher counts those of pages."""
    return not str(record.msg).startswith("Configuration allows spawning up to")


class _Loader:
    """Loads the application in a worker, and ends the worker when its supervisor is gone.

    Args:
        supervisor: the supervisor's process id.
    """

    def __init__(self, supervisor: int) -> None:
        self._supervisor = supervisor

    def __call__(self) -> Callable[..., Any]:
        """Return the WSGI callable."""
        threading.Thread(target=self._watch, name="gigneo-supervisor", daemon=True).start()
        from gigneo.core.wsgi import application

        return application

    def _watch(self) -> None:
        while os.getppid() == self._supervisor:
            time.sleep(ORPHAN_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)


def _when_it_answers(config: "Config", answered: Callable[[], None], stop: threading.Event) -> None:
    pause_seconds = 0.3  # no worker answers sooner, and none is forked while this thread is at work
    while not stop.wait(pause_seconds):
        pause_seconds = 0.05
        connection = http.client.HTTPConnection(_reachable(config.web.host), config.web.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": (*config.site.trusted_hosts, "localhost")[0]})
            if connection.getresponse().status < 500:
                answered()
                return
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
