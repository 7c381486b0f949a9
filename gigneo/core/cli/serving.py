"""``gigneo run``, ``web`` and ``worker``: the processes of a site."""

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import rich_click as click

from gigneo.core.cli.apart import run_apart
from gigneo.core.cli.opening import open_config, open_runtime
from gigneo.core.cli.output import examples, say
from gigneo.core.cli.plugin_commands import LOAD

DEMO_IS_THERE = 64


def _listening(function: Any) -> Any:
    """Add ``--host`` and ``--port``; they are said as variables, because the workers read the configuration themselves."""
    for name, kind in (("port", click.IntRange(1, 65535)), ("host", str)):
        function = click.option(
            f"--{name}",
            type=kind,
            expose_value=False,
            callback=lambda _context, option, value: _said_as(f"GIGNEO_WEB__{option.name}", value),
            help=f"Instead of web.{name} of the configuration.",
        )(function)
    return function


def _said_as(variable: str, value: Any) -> None:
    if value is not None:
        os.environ[variable.upper()] = str(value)


@click.command(
    epilog=examples(
        ("gigneo run --demo", "look around at http://127.0.0.1:8000/"),
        ("GIGNEO_HOME=/srv/work gigneo run", "a site of its own, kept in /srv/work"),
        ("PORT=8100 gigneo run", "beside another one"),
    )
)
@click.option("--demo", is_flag=True, help="Fill an empty site with the demo marketplace at the first start.")
@_listening
def run(demo: bool) -> None:
    """Run the whole product on this machine: upgrade, pages, tasks.

    A copy of the database is made before an upgrade changes it. Ctrl-C stops it; running requests and tasks finish.
    """
    from gigneo.core.serve import refuse_more_than_sqlite_can, serve

    config = open_config()
    refuse_more_than_sqlite_can(config)
    code = run_apart(lambda: _prepare(demo))
    if code not in (0, DEMO_IS_THERE):
        sys.exit(code)
    sys.exit(serve(config, _ready_with_demo if code == DEMO_IS_THERE else _ready))


@click.command(
    epilog=examples(
        ("gigneo web", "pages on this machine"),
        ("gigneo web --workers 4 --host 0.0.0.0", "several processes; needs PostgreSQL"),
    )
)
@click.option("--workers", type=click.IntRange(1, 64), help="Instead of web.workers of the configuration.")
@_listening
def web(workers: int | None) -> None:
    """Serve pages; refuses a database that is older than the code (see gigneo db upgrade)."""
    from gigneo.core.serve import refuse_more_than_sqlite_can, serve

    _said_as("GIGNEO_WEB__WORKERS", workers)
    config = open_config()
    refuse_more_than_sqlite_can(config)
    code = run_apart(_check_schema)
    if code:
        sys.exit(code)
    sys.exit(serve(config, _ready))


@click.command(
    epilog=examples(
        ("gigneo worker", "beside web processes, on any machine"),
        ("GIGNEO_TASKS__EMBEDDED=false gigneo web", "web processes that leave all tasks to workers"),
    )
)
def worker() -> None:
    """Run what is due later: mails, timers, deliveries of events. Any number of workers share the work."""
    from gigneo.core.dispatch import Dispatcher
    from gigneo.core.tasks.loop import TaskLoop

    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with open_runtime(quiet=False) as runtime:
        Dispatcher(runtime)  # follows the revision, as in a web process
        runtime.loop = TaskLoop(runtime)
        runtime.loop.start()
        say(f"Gigneo runs tasks of {runtime.home} in {runtime.config.tasks.threads} threads.")
        stop.wait()
        say("Gigneo stops. What runs may finish.")


def _prepare(demo: bool) -> None:
    from gigneo.core.cli.first_start import prepare

    prepare(demo)


def _check_schema() -> None:
    with open_runtime():
        pass


def _ready_with_demo(where: str) -> None:
    _ready(where)
    subprocess.run([sys.executable, "-m", "gigneo", *LOAD.split()], check=False)  # tells the log-ins


def _ready(where: str) -> None:
    say(f"Gigneo serves at {where}")
