"""Runs a step in a child process, so that what it imports (alembic, models, modules) never weighs on the one that goes on."""

import os
import sys
import traceback
from collections.abc import Callable


def run_apart(step: Callable[[], None]) -> int:
    """Run a step in a forked child and wait for it. Call it before any thread is started.

    Args:
        step: what to do; it may print.

    Returns:
        The exit code: 0, or what the command line would have left with. Errors were told by the child.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(_run(step))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _run(step: Callable[[], None]) -> int:
    import rich_click as click

    from gigneo.core.cli.main import expected, said
    from gigneo.core.cli.output import complain

    code = 0
    try:
        step()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except Exception as error:
        code = expected(error) or 1
        if expected(error) is None:
            traceback.print_exc()
        else:
            complain(said(error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code
