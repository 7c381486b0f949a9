"""Opens this deployment for a command: its configuration, its logs, its Runtime."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from gigneo.core.config import Config
    from gigneo.core.runtime import Runtime


def open_config(*, quiet: bool = False) -> "Config":
    """Read the configuration, make the home, and set up logs.

    Args:
        quiet: log warnings only, unless the configuration says a level: for commands that speak for themselves.

    Raises:
        ConfigError: with every problem.
    """
    import gigneo.core.lean  # noqa: F401  # first: the workers of a server are forked from this process
    from gigneo.core.config import ensure_home, load_config
    from gigneo.core.logs import configure_logs

    config = load_config()
    said = config.sources()["log.level"] != "default"
    configure_logs(config.log.model_copy(update={"level": "warning"}) if quiet and not said else config.log)
    ensure_home(config.home)
    return config


@contextmanager
def open_runtime(*, current_schema: bool = True, fresh: bool = False, quiet: bool = True) -> Iterator["Runtime"]:
    """Open the Runtime, and close it after the block.

    Args:
        current_schema: refuse a database that is older than the code, or half restored; false for what repairs it.
        fresh: make a database that is not there yet, and give a site without people what a new site has.
        quiet: see :func:`open_config`.
    """
    from gigneo.core.db.restoring import refuse_unfinished
    from gigneo.core.runtime import Runtime
    from gigneo.core.upgrading import is_empty, is_new, pending, upgrade_all

    runtime = Runtime(open_config(quiet=quiet))
    try:
        if current_schema:
            refuse_unfinished(runtime)
        if fresh and (is_new(runtime) or is_empty(runtime)):
            upgrade_all(runtime)
        if current_schema and (behind := pending(runtime)):
            raise click.ClickException(f"The database is older than this Gigneo ({', '.join(behind)}). Run: gigneo db upgrade")
        yield runtime
    finally:
        runtime.close()
